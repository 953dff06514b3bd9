"""The parts of a long clip that are offered are whole, good, and a true choice, and say what their words say."""

import time
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from engine.audio import decode
from engine.findings import Cures
from engine.types import RATE, Word
from engine.voice import agreement, compare, cure, examine, parts_alike, said, stretches, timed

from ..audio.sounds import LIMITS, PEOPLE
from .test_reference import spoken, word_sound

SENTENCES = " ".join(f"number {n} is said here, and this {n} ends it." for n in "one two three four five six".split())


@pytest.fixture(scope="module")
def long():
    """36 words in six sentences with longer pauses between these: sound and words."""
    parts, words, at = [], [], 0.0
    for text in SENTENCES.split():
        gap = 0.5 if text.endswith(".") else 0.3 if text.endswith(",") else 0.05
        parts += [word_sound(0.4, 0.1), np.zeros(round(gap * RATE), np.float32)]
        words.append(Word(text, at, at + 0.4))
        at += 0.4 + gap
    return np.concatenate(parts), tuple(words)


def noised(sound, start, end, level):
    worse = sound.copy()
    part = worse[round(start * RATE) : round(end * RATE)]
    part += np.random.default_rng(2).normal(0, level, len(part)).astype(np.float32)
    return worse


def test_stretches_are_whole_sentences_cut_in_silence_and_a_true_choice(long):
    sound, words = long
    found = stretches(sound, words, count=2)
    assert len(found) == 2
    for stretch in found:
        assert 6 <= stretch.end - stretch.start <= 12
        assert stretch.text.startswith("number")
        assert stretch.text.endswith("it.")
        assert stretch.text == said(words, stretch.start, stretch.end)
        assert stretch.reason == "whole sentences, steady level, quiet room"
        for cut in (stretch.start, stretch.end):
            assert not sound[max(round(cut * RATE) - 240, 0) : round(cut * RATE) + 240].any()
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    first, second = sorted(found, key=lambda s: s.start)
    assert min(first.end, second.end) - second.start <= 0.25 * 12


@pytest.mark.parametrize("longest", [4.0, 7.0, 12.0])
def test_none_is_longer_than_asked(long, longest):
    found = stretches(*long, longest=longest, count=5)
    assert found
    assert all(stretch.end - stretch.start <= longest for stretch in found)


@pytest.mark.parametrize(("level", "told"), [(0.001, "quiet room"), (0.006, "little noise"), (0.018, "some noise")])
def test_noise_is_told_as_on_the_report_card(long, level, told):
    sound, words = long
    noisy = noised(sound, 0, len(sound) / RATE, level)
    assert examine(noisy).room == told
    assert all(told in stretch.reason for stretch in stretches(noisy, words))


def test_noise_clipping_and_changing_level_put_a_stretch_behind_and_are_told(long):
    sound, words = long
    half = words[17].end + 0.3
    assert all(stretch.start > half - 0.5 for stretch in stretches(noised(sound, 0, half, 0.03), words, count=2))
    clipped = np.concatenate([np.clip(sound[: round(half * RATE)] * 20, -1, 1), sound[round(half * RATE) :]])
    best, *others = stretches(clipped, words)
    assert best.start > half - 0.5
    assert "clipped" not in best.reason
    assert any("clipped" in other.reason for other in others)
    swaying = sound.copy()
    for number, one in enumerate(words[:18]):
        swaying[round(one.start * RATE) : round(one.end * RATE)] *= 10 ** (-(number % 3))
    best, *others = stretches(swaying, words, count=3)
    assert best.start > half - 0.5
    assert any("uneven level" in other.reason for other in others)


def test_one_long_pause_inside_puts_a_stretch_behind_and_is_told(long):
    sound, words = long
    at = words[5].end + 0.1
    halting = np.concatenate([sound[: round(at * RATE)], np.zeros(2 * RATE, np.float32), sound[round(at * RATE) :]])
    later = [word if word.end < at else replace(word, start=word.start + 2, end=word.end + 2) for word in words]
    found = stretches(halting, later, count=5)
    paused = [stretch for stretch in found if stretch.start < at and stretch.end > at + 2]
    assert "pause" not in found[0].reason
    assert all("a long pause" in stretch.reason and stretch.score < found[0].score for stretch in paused)
    assert any("a long pause" in stretch.reason for stretch in stretches(halting[: 9 * RATE], later[:12]))


def test_speech_without_a_pause_is_cut_between_words_and_that_is_told():
    sound, words = spoken("word another".split() * 20, each=0.5, gap=0.0)
    found = stretches(sound, words)
    assert found
    assert all("no pause to cut at" in stretch.reason for stretch in found)
    assert all(6 <= stretch.end - stretch.start <= 12 for stretch in found)


def test_a_short_clip_is_one_stretch_and_no_words_are_none():
    sound, words = spoken("one two three.".split(), each=0.5, gap=0.2)
    (only,) = stretches(sound, words)
    assert only.text == "one two three."
    assert only.end - only.start == pytest.approx(len(sound) / RATE, abs=0.2)
    assert "short" in only.reason
    assert stretches(sound, ()) == ()
    assert stretches(np.zeros(0, np.float32), words) == ()
    assert stretches(sound, [Word("late", 100, 101)]) == ()


def test_the_shortest_part_that_has_the_clips_voice_is_offered_too(long):
    told = stretches(*long, alike=lambda starts, ends: np.where(ends - starts > 4, 0.97, 0.8))
    (short,) = [stretch for stretch in told if stretch.short]
    assert 4 < short.end - short.start < 5, "one of the sentences"
    assert short.reason.startswith("as short as its voice allows, whole sentence,")
    assert short.likeness == pytest.approx(0.97)
    assert [stretch.text for stretch in told if not stretch.short] == [
        s.text for s in stretches(*long) if s.text != short.text
    ]


def test_no_part_is_short_where_none_has_the_clips_voice_spares_enough_or_can_be_told(long):
    for alike in (
        lambda starts, ends: np.full(len(starts), 0.9),
        lambda starts, ends: np.where(ends - starts > 9, 1.0, 0.0),
    ):
        assert not any(stretch.short for stretch in stretches(*long, alike=alike))
    assert {(stretch.short, stretch.likeness) for stretch in stretches(*long)} == {(False, None)}


def test_a_part_is_told_as_alike_as_its_voice_is():
    """Of a clip that is mostly one person's."""
    town, country = (decode(PEOPLE / f"multi/{name}.flac", **LIMITS) for name in ("town", "country"))
    sound = np.concatenate([town, town, country[: 3 * RATE]])
    seconds, other = len(town) / RATE, 2 * len(town) / RATE
    own, others, instant, whole = parts_alike(sound)(
        np.array([0.0, other, 1.0, 0.0]), np.array([seconds, other + 3, 1.1, len(sound) / RATE])
    )
    assert whole == pytest.approx(1)
    assert others + 0.1 < own < 1
    assert others < instant < 1


def test_typed_words_move_along_and_those_never_spoken_do_not(long):
    sound, words = long
    typed = SENTENCES.replace("number", "NUMBER").replace("one", "1") + " and this was never said."
    aligned = timed(typed, words)
    for stretch in stretches(sound, aligned):
        assert stretch.text.startswith("NUMBER")
        assert "never" not in stretch.text
    chinese = [Word("今天", 0, 1.0), Word("很好", 1.2, 2.0)]
    assert [word.text for word in timed("今天真好。", chinese)] == ["今", "天", "真", "好。"]
    assert said(timed("", chinese), 0, 1.1) == "今天"


def test_a_quarter_of_an_hour_takes_a_moment():
    text = " ".join(["some words, then a stop."] * 600).split()
    sound, words = spoken(text, each=0.2, gap=0.1)
    begin = time.process_time()
    assert len(stretches(sound, words)) == 3
    assert time.process_time() - begin < 8


def test_real_people_heard_by_whisper(listen, tmp_path):
    """Three clips of people in a row: what a stretch says is what is heard in it alone."""
    gap = np.zeros(RATE // 2, np.float32)
    clips = [decode(PEOPLE / f"multi/{name}.flac", **LIMITS) for name in ("town", "main", "country")]
    sound = np.concatenate([part for clip in clips for part in (clip, gap)])
    soundfile.write(tmp_path / "long.wav", sound, RATE)
    found = stretches(sound, listen(tmp_path / "long.wav").words)
    assert len(found) >= 2
    best = found[0]
    assert 5 <= best.end - best.start <= 12
    soundfile.write(tmp_path / "best.wav", cure(sound, Cures(start=best.start, end=best.end)), RATE)
    assert agreement(compare(best.text, listen(tmp_path / "best.wav").text)) >= 0.9
