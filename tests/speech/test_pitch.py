"""How high voices speak: against sounds whose pitch is known, and what of it is told to the network."""

import numpy as np
import pytest
import torch

from engine.speech.infill import Gap, lay_gap
from engine.speech.pitch import HEIGHTS, harmonics, heights_of
from engine.speech.voice import prepare_voice
from engine.types import RATE, Reference, Word

HZ = 700 * np.expm1(np.arange(1, 101) / 101 * np.log1p(RATE / 2 / 700))
"""The middle of each band."""


def buzz(heights: np.ndarray, loud: float = 0.1) -> np.ndarray:
    """A sound rich in harmonics with this pitch at each sample, in some noise."""
    phase = np.cumsum(heights) / RATE
    sound = sum(np.cos(2 * np.pi * n * phase) / n for n in range(1, 20))
    return (loud * sound + 0.002 * np.random.default_rng(0).standard_normal(len(sound))).astype(np.float32)


@pytest.mark.parametrize("hertz", [62, 75, 90, 120, 200, 330, 430])
def test_a_steady_pitch_is_found_within_a_semitone(hertz):
    heights = heights_of(buzz(np.full(RATE, float(hertz))))
    assert np.abs(12 * np.log2(heights / hertz)).max() < 1


def test_a_glide_is_followed():
    true = np.geomspace(90, 180, 2 * RATE)
    heights = heights_of(buzz(true))
    away = 12 * np.log2(heights[8:-8] / true[:: len(true) // (len(heights) - 1)][: len(heights)][8:-8])
    assert np.abs(away).max() < 1


def test_where_nothing_is_voiced_the_pitch_is_led_on():
    silent = np.zeros(RATE // 2, np.float32)
    sound = np.concatenate([silent, buzz(np.full(RATE, 100.0)), silent, buzz(np.full(RATE, 150.0)), silent])
    heights = heights_of(sound + 1e-4 * np.random.default_rng(1).standard_normal(len(sound)).astype(np.float32))
    assert heights[5] == pytest.approx(100, rel=0.05)
    assert 100 < heights[int(1.75 * RATE / 256)] < 150, "between two voiced stretches it goes from one to the other"
    assert heights[-5] == pytest.approx(150, rel=0.05)


@pytest.mark.parametrize("sound", [np.zeros(300), np.zeros(RATE), np.random.default_rng(2).normal(0, 0.1, RATE)])
def test_of_silence_and_noise_something_is_told_all_the_same(sound):
    heights = heights_of(sound.astype(np.float32))
    assert len(heights) == len(sound) // 256 + 1
    assert harmonics(torch.from_numpy(heights)).isfinite().all()
    assert heights.min() >= HEIGHTS[0] * 0.99
    assert heights.max() <= HEIGHTS[-1] * 1.01


@pytest.mark.parametrize("hertz", [150.0, 250.0, 350.0])
def test_harmonics_lie_at_multiples_of_the_pitch(hertz):
    ripple = harmonics(torch.tensor([hertz]))[0].numpy()
    tops = np.flatnonzero((ripple[1:-1] > ripple[:-2]) & (ripple[1:-1] > ripple[2:]) & (ripple[1:-1] > 0.3)) + 1
    assert len(tops) >= 3
    spread = np.abs(HZ[tops] / hertz - np.round(HZ[tops] / hertz))
    assert spread.max() < 0.25


def test_what_bands_cannot_tell_apart_is_not_told():
    assert harmonics(torch.tensor([100.0]))[0, 60:].abs().max() < 0.01, "harmonics 100 Hz apart, bands wider than that"


def test_a_gap_is_told_the_melody_of_what_is_said_in_it_now(demo, clip):
    voice = prepare_voice(demo, Reference(clip[:60_000], "Some call me nature. ", "en", "hash"))
    true = np.geomspace(100, 200, 2 * RATE)
    words = [Word("good", 0.1, 0.5, 1.0), Word("old", 0.5, 1.5, 1.0), Word("morning", 1.5, 1.9, 1.0)]
    start, end = RATE // 2 // 256 * 256, RATE * 3 // 2
    gap = Gap(buzz(true), start, end, (words[0],), words[1], "wonderful", (words[2],), 0.1)
    laid = lay_gap(demo, voice, gap)
    ripples = (laid.told - voice.palette[laid.ids[len(laid.reference) :][: len(laid.told)]]).numpy()
    known = harmonics(torch.from_numpy(HEIGHTS)).numpy()
    near = HEIGHTS[np.square(known[:, None] - ripples).sum(-1).argmin(0)]
    expected = np.geomspace(true[start], true[end], len(near))
    assert np.abs(12 * np.log2(near / expected)).max() < 1, "semitones, whatever the new word's length"
