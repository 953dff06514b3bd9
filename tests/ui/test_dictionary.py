"""The dictionary's table: judged as it is typed, loaded and saved as CSV."""

import gradio as gr

from ui.panels.dictionary import judge, load, save


def test_a_wrong_line_is_told_as_it_is_typed():
    assert judge("") == ""
    assert "2 words" in judge("gif, jiff\nNguyen, win")
    assert "Line 2" in judge("gif, jiff\n<b>")


def test_a_file_is_added_to_the_words_there_are(tmp_path):
    file = tmp_path / "words.csv"
    file.write_text("\ufeffword,say\ngif,giff\nNguyen,win\n")
    assert load(str(file), "gif, jiff")[0] == "gif,jiff\nNguyen,win\n"
    for wrong in (b"\xff\xfe\x00", b"gif\n", b"a" * 2_000_000):
        file.write_bytes(wrong)
        text, line = load(str(file), "gif, jiff")
        assert text == gr.skip()
        assert "tb-note bad" in line
    assert "tb-note bad" in load(None, "")[1]


def test_attack_39_a_formula_is_saved_as_text():
    assert save("=1+1, two")[0] == "'=1+1,two\n"
    assert save("gif")[0] == gr.skip()
