"""Subtitles and tables of timed words: every word once, in order; what a player or spreadsheet would obey is harmless."""

import csv
import html
import io
import json
import re
from itertools import pairwise

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text import SUBTITLE_FORMATS, subtitles
from engine.text.subtitles import LINE, LONGEST, cues
from engine.text.words import split
from engine.types import Word

LONG = (
    "Dr. Smith paid £5 for it. He had not thought of the harbour for years, and yet there it was, grey and wide, with "
    "every boat in its place and the same old bell that had rung when he was a boy and nobody knew his name at all.\n\n"
    "Why? Nobody knew."
)
HOSTILE = [
    "00:00:01,000 --> 00:00:02,000", "{\\an8}{\\pos(0,0)} top", "<b>bold</b> <script>alert(1)</script>", "C:\\new\\N \\h",
    "WEBVTT NOTE &amp; &lt;", "=cmd|'/c calc'!A0 +1 -1 @x", "\u202eevil שלום مرحبا", "🎉 👩‍👩‍👧 é̂", "a\x00b \x1b[31mred \ud800 \x07",
    "one\n\ntwo\r\nthree\u2028four", "你好，世界。再见", "x" * 200, '"quoted", "comma, and', "2026\n7", "- - —",
]  # fmt: skip


def timed(text, pace=0.06, pause=0.4):
    """Its words spoken at a steady pace, with a pause after marks."""
    words, at = [], 0.0
    for word in split(text):
        words.append(Word(word, at, at + pace * len(word)))
        at = words[-1].end + (pause if word[-1] in ".,!?" else 0.02)
    return words


def shown(text):
    """Words as any file holds them: without control characters, look-alikes of brackets back in their place."""
    text = re.sub("[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff]", "", text).replace("\u2060", "")
    return split(text.translate(str.maketrans("＜＞｛｝", "<>{}")))


def texts(format, content):
    """The text in a file, as another program reads it."""
    if format == "csv":
        return " ".join(row[0].removeprefix("'") for row in [*csv.reader(io.StringIO(content))][1:])
    if format == "json":
        return " ".join(word["text"] for word in json.loads(content)["words"])
    kind = format.removeprefix("words.")
    events = pysubs2.SSAFile.from_string(content, kind, keep_html_tags=True)
    text = "\n".join(event.text.replace(r"\N", "\n") if kind != "ass" else event.plaintext for event in events)
    return html.unescape(text) if kind == "vtt" else text


@pytest.mark.parametrize("format", SUBTITLE_FORMATS)
@pytest.mark.parametrize("text", [LONG, *HOSTILE])
def test_every_word_is_read_back_once_in_order(format, text):
    content = subtitles(format, text, timed(text))
    content.encode("utf-8")
    assert "\x00" not in content
    assert "\x1b" not in content
    assert shown(texts(format, content)) == shown(text)


def test_a_cue_has_two_lines_and_six_seconds_and_ends_with_its_sentence():
    found = cues(LONG, timed(LONG))
    assert " ".join(found[0].texts) == "Dr. Smith paid £5 for it."
    assert [" ".join(cue.texts) for cue in found][-2:] == ["Why?", "Nobody knew."]
    for cue in found:
        assert len(cue.texts) <= 2
        assert max(map(len, cue.texts)) <= LINE
        assert cue.end - cue.start <= LONGEST
    cut = [cue.texts[-1] for cue in found[1:-3]]
    assert sum(line.endswith(",") for line in cut) >= len(cut) / 2, "rather at a comma"


def test_cues_stay_to_be_read_and_leave_a_pause_empty():
    words = [Word("Hi.", 1.0, 1.2), Word("Go.", 1.5, 1.7), Word("Stop.", 9.0, 9.2)]
    hi, go, stop = cues("Hi. Go. Stop.", words)
    assert (hi.start, hi.end) == (1.0, pytest.approx(1.42))
    assert go.end == pytest.approx(1.5 + 5 / 6)
    assert stop.start == 9.0


def test_a_word_a_subtitle_and_karaoke_have_the_words_own_times():
    text, words = "Hello there you.", [Word("Hello", 0.5, 0.9), Word("there", 1.0, 1.4), Word("you.", 1.4, 2.0)]
    events = [*pysubs2.SSAFile.from_string(subtitles("words.srt", text, words), "srt")]
    assert [(event.text, event.start, event.end) for event in events] == [
        ("Hello", 500, 900), ("there", 1000, 1400), ("you.", 1400, 2000),
    ]  # fmt: skip
    (line,) = pysubs2.SSAFile.from_string(subtitles("ass", text, words), "ass")
    assert line.text == r"{\k40}Hello {\k10}{\k40}there {\k60}you."
    assert line.start == 500


def test_attack_39_a_cell_that_a_spreadsheet_would_run_is_text():
    rows = subtitles("csv", "=1+1 -5 @x ok", timed("=1+1 -5 @x ok")).splitlines()
    assert rows[0] == "word,start_time,end_time"
    assert [row.split(",")[0] for row in rows[1:]] == ["'=1+1", "'-5", "'@x", "ok"]
    assert rows[1] == "'=1+1,0.000,0.240"


def test_json_tells_sentences_and_what_was_not_heard():
    told = json.loads(
        subtitles("json", "Go on. Stop.", [Word("Go", 0, 0.2), Word("on.", 0.2, 0.4, 0.0), Word("Stop.", 1, 2)])
    )
    assert [word["heard"] for word in told["words"]] == [True, False, True]
    assert told["sentences"] == [
        {"text": "Go on.", "start": 0, "end": 0.4}, {"text": "Stop.", "start": 1, "end": 2},
    ]  # fmt: skip


def test_words_of_another_text_and_unknown_formats_are_refused():
    with pytest.raises(ValueError):  # noqa: PT011
        subtitles("srt", "Hello there.", [Word("Good", 0, 1)])
    with pytest.raises(KeyError):
        subtitles("exe", "Hello", [Word("Hello", 0, 1)])


def test_many_words_without_a_full_stop_are_written():
    text = " ".join(f"word{n}" for n in range(5_000))
    words = [Word(word, n * 0.3, n * 0.3 + 0.25) for n, word in enumerate(text.split())]
    for format in SUBTITLE_FORMATS:
        content = subtitles(format, text, words)
        assert content.count("word4999") >= 1


@settings(max_examples=30)
@given(
    st.text(st.characters(exclude_categories=()), min_size=1, max_size=200),
    st.lists(st.floats(0, 3), min_size=1, max_size=20),
)
def test_cues_of_any_text_hold_each_word_once_and_never_overlap(text, gaps):
    words, at = [], 0.0
    for number, word in enumerate(split(text)):
        start = at + gaps[number % len(gaps)] / 3
        at = start + gaps[-1 - number % len(gaps)]
        words.append(Word(word, start, at))
    found = cues(text, words)
    assert [word for cue in found for line in cue.lines for _, word in line] == words
    for one, other in pairwise(found):
        assert one.start <= one.end <= other.start
    assert all(len(cue.lines) <= 2 for cue in found)
    for format in SUBTITLE_FORMATS:
        subtitles(format, text, words).encode("utf-8")
