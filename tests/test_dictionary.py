"""A person's own dictionary: read, written, and its words replaced in a text."""

import pytest

from engine import BadParameter, read_dictionary, write_dictionary
from engine.dictionary import MOST_ENTRIES, apply_dictionary


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A GIF, two gifs, Gif!", "A jiff, two gifs, jiff!"),
        ("IT is it.", "eye tee is it."),
        ("Nguyen's harbour; Nguyen-Smith", "win's harbour; win-Smith"),
        ("New York is not New Yorkshire.", "noo york is not New Yorkshire."),
        ("a.b and axb", "dot and axb"),
        ("去重庆吧", "去虫庆吧"),
        ("jiff gif", "jaff jiff"),
    ],
)
def test_whole_words_are_said_as_the_dictionary_says(text, said):
    table = "word,say\ngif,jiff\nIT,eye tee\nNguyen,win\nNew York,noo york\na.b,dot\n重庆,虫庆\njiff,jaff\n"
    assert apply_dictionary(text, read_dictionary(table)) == said


def test_what_is_written_is_read_again_and_no_spreadsheet_takes_it_for_a_formula():
    rows = [("=1+1", "two"), ("@home", "at home"), ('say "hi", you', "hello"), ("-x", "minus x"), ("naïve", "nah eve")]
    table = write_dictionary(rows)
    assert read_dictionary(table) == dict(rows)
    assert not [line for line in table.splitlines() if line.startswith(("=", "+", "-", "@"))]
    assert read_dictionary("\ufeffWord,Say\r\n\r\ngif,jiff\r\n") == {"gif": "jiff"}
    assert read_dictionary("") == {} == read_dictionary("word,say\n")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("gif,jiff\nword", "Line 2 .* a word and how to say it"),
        ("gif,jiff,more", "Line 1"),
        ("gif,", "Line 1"),
        ("gif,…", "Line 1 .* without letters"),
        ("gif,j\x00iff", "Line 1"),
        ("gif,jiff\ngif,giff", "Line 2 .* again"),
        ("gif," + "a" * 101, "Line 1 .* 100 letters"),
        ("\n".join(f"word{n},say" for n in range(MOST_ENTRIES + 1)), "more than 1,000 words"),
        ("a" * 300_000, "250,000 letters"),
    ],
)
def test_bad_rows_are_told_by_their_line(table, told):
    with pytest.raises(BadParameter, match=told):
        read_dictionary(table)
