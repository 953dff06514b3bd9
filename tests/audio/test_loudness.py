"""Results are as loud as asked, and never clip."""

import numpy as np
import pyloudnorm
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio import decode, finish, rms, scale_to
from engine.types import RATE

from .sounds import ENGLISH, LIMITS, PEOPLE, voiced

CEILING = 10 ** (-1 / 20)


def lufs(samples):
    return pyloudnorm.Meter(RATE).integrated_loudness(samples)


@settings(deadline=None, max_examples=50)
@given(
    st.floats(-70, 40),
    st.floats(-1, 1),
    st.sampled_from([0.05, 0.5, 3]),
    st.sampled_from(["voice", "noise", "clicks", "one-sided", "square"]),
    st.floats(-40, -10),
    st.integers(0, 99),
)
def test_finish_whatever_comes(level, offset, seconds, shape, loudness, seed):
    sound = voiced(seconds, seed)
    random = np.random.default_rng(seed)
    if shape == "noise":
        sound = random.standard_normal(len(sound))
    elif shape == "clicks":
        sound = (random.random(len(sound)) > 0.999) * random.standard_normal(len(sound))
    elif shape == "one-sided":
        sound = np.abs(sound) ** 3
    elif shape == "square":
        sound = np.sign(sound)
    out = finish((sound * 10 ** (level / 20) + offset).astype(np.float32), loudness)
    assert len(out) == len(sound)
    assert out.dtype == np.float32
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= CEILING
    assert abs(out.mean()) < 1e-3
    if shape == "voice" and seconds > 0.4 and loudness <= -20 and level > offset - 40:
        assert lufs(out) == pytest.approx(loudness, abs=0.5)


@pytest.mark.parametrize("clip", [*sorted(PEOPLE.glob("*/*.flac")), ENGLISH], ids=lambda p: p.name)
@pytest.mark.parametrize("loudness", [-30, -23, -19])
@pytest.mark.parametrize("level", [0.01, 1])
def test_people_at_the_loudness_asked(clip, loudness, level):
    out = finish(decode(clip, **LIMITS) * np.float32(level), loudness)
    assert lufs(out) == pytest.approx(loudness, abs=0.5)
    assert np.abs(out).max() <= CEILING


def test_peaks_between_samples_are_seen():
    """A tone at a quarter of the rate, sampled beside its peaks, is 3 dB higher between them."""
    time = np.arange(RATE)
    out = finish(np.sin(np.pi / 2 * time + np.pi / 4).astype(np.float32), -0.5)
    assert np.abs(soxr.resample(out, RATE, 8 * RATE)[RATE:-RATE]).max() <= CEILING * 1.03


def test_the_limiter_bends_gain_and_not_the_wave():
    """A tone far too loud comes out a tone: what a clipper would add in harmonics is not there."""
    tone = np.sin(2 * np.pi * 200 * np.arange(2 * RATE) / RATE).astype(np.float32)
    spectrum = np.abs(np.fft.rfft(finish(tone, 0.0)[RATE // 2 : -RATE // 2] * np.hanning(RATE)))
    assert 20 * np.log10(spectrum[590:].max() / spectrum[200]) < -60


def test_silence_stays_and_what_is_no_number_is_silence():
    assert not finish(np.zeros(RATE, np.float32), -19).any()
    assert np.abs(finish(np.full(RATE, 0.3, np.float32), -19)).max() < 1e-6
    assert len(finish(np.zeros(0, np.float32), -19)) == 0
    sound = voiced(2)
    sound[[5, 500, 5000]] = np.nan, np.inf, -np.inf
    assert np.isfinite(finish(sound, -19)).all()


def test_less_than_a_block_goes_by_its_rms():
    assert 20 * np.log10(rms(finish(voiced(0.3), -23))) == pytest.approx(-23, abs=0.2)


@settings(deadline=None, max_examples=30)
@given(st.floats(1e-6, 10), st.floats(1e-4, 1))
def test_scale_to(level, target):
    sound = voiced(0.2) * np.float32(level)
    out = scale_to(sound, target)
    assert np.abs(out).max() <= CEILING * 1.0001
    assert rms(out) == pytest.approx(target, rel=1e-3) or np.abs(out).max() == pytest.approx(CEILING, rel=1e-3)
    assert np.corrcoef(out, sound)[0, 1] == pytest.approx(1)


def test_scale_to_of_nothing():
    assert rms(np.zeros(0, np.float32)) == 0
    assert not scale_to(np.zeros(9, np.float32), 0.1).any()
