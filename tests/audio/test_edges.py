"""Quiet is found and taken off where it should be, and speech never is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio import decode, moved, remove_silence, rms, silences, trim
from engine.audio.join import FADE
from engine.types import RATE

from .sounds import ENGLISH, LIMITS, voiced

seconds = st.floats(0, 2)


def silence(length, level=0.0, seed=9):
    return (np.random.default_rng(seed).standard_normal(round(length * RATE)) * level).astype(np.float32)


@settings(max_examples=40)
@given(seconds, seconds, st.integers(0, 99), st.sampled_from([0.003, 0.02, 0.2]))
def test_trim_keeps_the_speech_and_fifty_milliseconds(before, after, seed, level):
    speech = voiced(1, seed, level)
    sound = np.concatenate([silence(before), speech, silence(after)])
    cut = trim(sound)
    assert len(cut) <= len(speech) + 2 * 0.07 * RATE
    assert rms(cut) * np.sqrt(len(cut)) == pytest.approx(rms(speech) * np.sqrt(len(speech)), rel=0.01)
    assert len(trim(cut)) == pytest.approx(len(cut), abs=0.03 * RATE)


@pytest.mark.parametrize("sound", [silence(0), silence(1), silence(1, 1e-4), np.zeros(1, np.float32)])
def test_trim_of_silence_is_nothing(sound):
    assert len(trim(sound)) == 0


def test_trim_of_a_person():
    cut = trim(decode(ENGLISH, **LIMITS))
    assert 4.5 < len(cut) / RATE < 5.2


@pytest.mark.parametrize("noise", [0, 1e-4, 1e-3, 5e-3])
def test_silences_lie_where_they_were_put(noise):
    parts = [voiced(1.2, 1), silence(0.4), voiced(0.8, 2), silence(0.05), voiced(1, 3), silence(0.7)]
    sound = np.concatenate(parts)
    sound += silence(len(sound) / RATE, noise)
    found = [(start, end) for start, end in silences(sound, 0.2)]
    assert len(found) == 2
    assert found[0] == pytest.approx((1.2, 1.6), abs=0.04)
    assert found[1] == pytest.approx((3.45, 4.15), abs=0.04)


def test_a_steady_sound_has_no_silence():
    assert silences(silence(2, 0.1)) == []
    assert silences(silence(0)) == []


def test_silence_is_one_long_silence():
    assert silences(silence(1.5)) == [(0, 1.5)]


def test_silences_do_not_depend_on_the_level():
    sound = np.concatenate([voiced(1, 1), silence(0.5, 1e-4), voiced(1, 2)])
    assert silences(sound) == silences(sound * 0.2)


def test_the_pause_of_a_person_lies_between_the_words():
    """Some call me nature, | others call me mother nature."""
    pauses = silences(decode(ENGLISH, **LIMITS), 0.5)
    assert [start < 2.5 < end for start, end in pauses] == [True]


@settings(max_examples=30)
@given(st.lists(st.floats(0, 2), min_size=1, max_size=4), st.floats(0.1, 1))
def test_pauses_are_shortened_to_the_longest_and_no_speech_is_lost(pauses, longest):
    words = [voiced(0.6, seed) for seed in range(len(pauses) + 1)]
    sound = np.concatenate(
        [part for word, pause in zip(words, [*pauses, 0], strict=True) for part in (word, silence(pause))]
    )
    short, kept = remove_silence(sound, longest)
    expected = 0.6 * len(words) + sum(min(pause, longest) for pause in pauses)
    assert len(short) / RATE == pytest.approx(expected, abs=0.05 * len(words))
    assert all(end - start <= longest + 0.03 for start, end in silences(short))
    assert np.sum(short**2) == pytest.approx(np.sum(sound**2), rel=0.01)
    for at in (at for stretch in kept for at in np.linspace(stretch[0] + FADE, stretch[1] - FADE - 1, 5, dtype=int)):
        assert short[moved([at], kept)[0]] == sound[at]
    assert moved([0, len(sound)], kept) == [0, len(short)]


def test_seams_of_shortened_noise_do_not_click():
    sound = np.concatenate([voiced(1, 1), silence(3, 1e-4), voiced(1, 2)])
    short, _ = remove_silence(sound)
    assert len(short) / RATE == pytest.approx(2.5, abs=0.03)
    quiet = short[round(1.05 * RATE) : round(1.45 * RATE)]
    assert np.abs(np.diff(quiet)).max() <= np.abs(np.diff(sound[round(1.1 * RATE) : round(3.9 * RATE)])).max()


def test_speech_without_a_long_pause_is_left_as_it_is():
    sound = voiced(2)
    assert np.array_equal(remove_silence(sound)[0], sound)
