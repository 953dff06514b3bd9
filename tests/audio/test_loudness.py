"""Results are as loud as asked, and never clip; what ACX asks of an audiobook is measured as ACX does."""

import numpy as np
import pyloudnorm
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio import acx, decode, encode, finish, gain_to, rms, scale_to
from engine.types import LOUDNESS, RATE

from .sounds import ENGLISH, LIMITS, PEOPLE, voiced

CEILING = 10 ** (-1 / 20)


CLIPS = [*sorted(PEOPLE.glob("*/*.flac")), ENGLISH]


def lufs(samples):
    return pyloudnorm.Meter(RATE).integrated_loudness(samples)


def dbfs(magnitude):
    return 20 * np.log10(magnitude)


@settings(max_examples=50)
@given(
    st.floats(-70, 40),
    st.floats(-1, 1),
    st.sampled_from([0.05, 0.5, 3]),
    st.sampled_from(["voice", "noise", "clicks", "one-sided", "square"]),
    st.floats(-40, -10) | st.sampled_from(sorted(LOUDNESS)),
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
    assert np.abs(out).max() <= (10 ** (LOUDNESS[loudness].peak / 20) if loudness in LOUDNESS else CEILING)
    assert abs(out.mean()) < 1e-3
    asked = LOUDNESS[loudness].level if loudness in LOUDNESS else loudness
    if shape == "voice" and seconds > 0.4 and asked <= -16 and level > offset - 40:
        got = dbfs(rms(out)) if loudness == "audiobook" else lufs(out)
        assert got == pytest.approx(asked, abs=0.5)


@pytest.mark.parametrize("clip", CLIPS, ids=lambda p: p.name)
@pytest.mark.parametrize("loudness", [-30, -23, -19])
@pytest.mark.parametrize("level", [0.01, 1])
def test_people_at_the_loudness_asked(clip, loudness, level):
    out = finish(decode(clip, **LIMITS) * np.float32(level), loudness)
    assert lufs(out) == pytest.approx(loudness, abs=0.5)
    assert np.abs(out).max() <= CEILING


@pytest.mark.parametrize("clip", CLIPS, ids=lambda p: p.name)
@pytest.mark.parametrize(("name", "loudness"), [("podcast", -16), ("broadcast", -23)])
def test_people_at_a_target_by_name(clip, name, loudness):
    out = finish(decode(clip, **LIMITS), name)
    assert lufs(out) == pytest.approx(loudness, abs=0.2)
    assert np.abs(out).max() <= CEILING


@pytest.mark.parametrize("clip", CLIPS, ids=lambda p: p.name)
def test_an_audiobook_as_acx_takes_it(tmp_path, clip):
    """Its level and peak, also after the MP3 it is handed in as; the room's noise is the recording's own."""
    out = finish(decode(clip, **LIMITS), "audiobook")
    encode(out, tmp_path / "take.mp3", "mp3", {})
    for sound in (out, soundfile.read(tmp_path / "take.mp3", dtype="float32")[0]):
        level, peak, *floor = acx(sound)
        assert level.passes
        assert -23 <= dbfs(rms(sound)) <= -18
        assert level.value == pytest.approx(dbfs(rms(sound)))
        assert peak.passes
        assert dbfs(np.abs(sound).max()) <= -3
        assert (level.name, peak.name) == ("RMS", "peak")
        assert [measure.name for measure in floor] in ([], ["noise floor"]), "left out where nobody pauses"


@pytest.mark.parametrize(("noise", "passes"), [(-59, False), (-61, True), (-120, True)])
def test_the_noise_floor_is_that_of_the_quietest_half_second(noise, passes):
    random = np.random.default_rng(0)
    sound = finish(voiced(4), "audiobook")
    sound[RATE : RATE * 8 // 5] = 10 ** (noise / 20) * random.standard_normal(RATE * 3 // 5)
    floor = acx(sound)[2]
    assert floor.value == pytest.approx(noise, abs=0.3)
    assert floor.passes is passes
    assert [measure.name for measure in acx(voiced(4))] == ["RMS", "peak"], "nobody pauses"


@pytest.mark.parametrize(("level", "fails"), [(-17.5, "RMS"), (-23.5, "RMS"), (-20.0, "")])
def test_acx_says_what_fails(level, fails):
    tone = np.sin(np.arange(2 * RATE) / 9).astype(np.float32)
    sound = np.concatenate([tone, np.zeros(RATE, np.float32)])
    sound *= np.float32(10 ** (level / 20) / rms(sound))
    assert [measure.name for measure in acx(sound) if not measure.passes] == ([fails] if fails else [])
    sound[100] = 0.8
    assert "peak" in [measure.name for measure in acx(sound) if not measure.passes]


@pytest.mark.parametrize("length", [0, 1, 9, RATE // 2, RATE // 2 + 1])
def test_acx_of_hardly_anything(length):
    level, peak, floor = acx(np.zeros(length, np.float32))
    assert (level.value, peak.value, floor.value) == (-120, -120, -120)
    assert (level.passes, peak.passes, floor.passes) == (False, True, True)


def test_a_target_that_is_none():
    with pytest.raises(KeyError):
        finish(voiced(1), "loud")


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


@settings(max_examples=30)
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


@pytest.mark.parametrize("loudness", [-19, -12])
def test_a_long_sound_is_worked_on_in_blocks_as_a_short_one_is(monkeypatch, loudness):
    sound = np.concatenate([voiced(5, n) * level for n, level in enumerate((1, 0.1, 3))])
    whole = finish(sound, loudness)
    monkeypatch.setattr("engine.audio.loudness.BLOCK", 24_000)
    assert np.abs(finish(sound, loudness) - whole).max() < 1e-5


@pytest.mark.parametrize("clip", CLIPS, ids=lambda p: p.name)
def test_a_gain_brings_it_as_near_as_its_peaks_allow(clip):
    sound = decode(clip, **LIMITS)
    assert lufs(sound * gain_to(sound, -30.0)) == pytest.approx(-30, abs=0.1)
    assert np.abs(sound * gain_to(sound, 0.0)).max() == pytest.approx(CEILING, abs=1e-3)
    assert gain_to(np.zeros(48_000, np.float32), -19.0) == 1
