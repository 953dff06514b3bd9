"""Durations are those of F5-TTS for every sound reference, and sane for the others."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.text import frames, limit, pace

from ..known import pronunciation

ENGLISH = pronunciation(Path(__file__).parents[2] / "assets")
TEXT = "Some call me nature, others call me mother nature."


@given(st.integers(100, 1125), st.integers(12, 300), st.integers(10, 400), st.floats(0.3, 2.0))
def test_frames_as_in_the_package(reference: int, letters: int, size: int, speed: float) -> None:
    expected = int(reference / letters * size / speed)
    if 1 <= reference / letters <= 50:
        assert frames(reference, "a" * letters, "b" * size, speed) == expected


@given(st.floats(1.0, 12.0), st.integers(20, 300), st.floats(0.3, 2.0))
def test_limit_as_in_the_package(seconds: float, letters: int, speed: float) -> None:
    expected = int(letters / seconds * (22 - seconds) * speed)
    if 2 <= letters / seconds <= 93 and expected >= 10:
        assert abs(limit(seconds, "a" * letters, 22, speed) - expected) <= 1  # the order of a float's operations


def test_known_figures() -> None:
    assert frames(500, TEXT, TEXT, 1.0) == 500
    assert frames(500, TEXT, TEXT, 2.0) == 250
    assert frames(500, TEXT, "Hi there", 1.0) == int(500 / 50 * 8 / 0.3)
    assert limit(5.0, TEXT, 22, 1.0) == 170


def test_bytes_count_not_letters() -> None:
    assert frames(600, "你好世界你好", "你好世界", 1.0) == frames(600, "a" * 18, "b" * 12, 1.0)


@pytest.mark.parametrize(("seconds", "text"), [(12.0, "a"), (12.0, ""), (0.3, "a" * 10_000), (0.0, "a"), (30.0, TEXT)])
def test_strange_references_are_bounded(seconds: float, text: str) -> None:
    assert 10 <= limit(seconds, text, 22, 1.0) <= 22 * 94
    assert 100 / 2 <= frames(round(seconds * 93.75), text, "b" * 100, 1.0) <= 50 * 100
    assert frames(round(seconds * 93.75), text, "", 1.0) == 1


def test_letters_that_are_not_heard_take_no_time_and_pauses_do() -> None:
    assert pace(ENGLISH, TEXT, TEXT) == 1.0
    assert pace(ENGLISH, TEXT, "He thought through the night, though.") > 1.2
    assert pace(ENGLISH, TEXT, "I am. I do. I see. I go. I was. I can.") < 0.85


@given(st.sampled_from(["We go on. ", "Through the rough night. ", "An area of Ohio. ", TEXT]), st.integers(1, 9))
def test_the_pace_of_one_text_after_the_other_is_bounded_and_goes_both_ways(text: str, times: int) -> None:
    there = pace(ENGLISH, TEXT, text * times)
    assert 0.6 <= there <= 1.6
    assert there * pace(ENGLISH, text * times, TEXT) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(
    "text", ["Der Hund schläft auf dem Sofa.", "你好世界你好世界", "Привет, мир", "Hi.", "", "Xqzzt said so."]
)
def test_what_is_not_known_to_be_english_or_very_short_lasts_as_in_the_package(text: str) -> None:
    assert pace(ENGLISH, TEXT, text) == pace(ENGLISH, text, TEXT) == pace(None, TEXT, TEXT[:20]) == 1.0
