"""Cures do what they say to real speech, and nothing else."""

import numpy as np
import pytest
import soundfile

from engine.audio import decode, rms
from engine.audio.edges import levels
from engine.errors import BadClip, BadParameter
from engine.findings import Cures
from engine.types import RATE
from engine.voice import compare, cure

from ..audio.sounds import ENGLISH, LIMITS, PEOPLE
from .built import over_noise

SNOW = "Six spoons of fresh snow peas, five thick slabs of blue cheese, and maybe a snack for her brother Bob."


@pytest.fixture(scope="module")
def person():
    """Two people, one after the other: their sound, as clean as it was recorded."""
    return [decode(file, **LIMITS)[: 10 * RATE] for file in (ENGLISH, PEOPLE / "multi/main.flac")]


def noise(kind, length, seed=1):
    """Noise with an RMS of 1."""
    random, time = np.random.default_rng(seed), np.arange(length) / RATE
    sound = random.standard_normal(length)
    frequency = np.maximum(np.fft.rfftfreq(length, 1 / RATE), 20)
    if kind == "pink":
        sound = np.fft.irfft(np.fft.rfft(sound) / np.sqrt(frequency), length)
    if kind == "fan":
        sound = np.fft.irfft(np.fft.rfft(sound) / np.maximum(frequency, 80), length)
        sound = sound / sound.std() * (1 + 0.15 * np.sin(4 * time)) + 0.3 * np.sin(2 * np.pi * 118 * time)
    if kind == "hum":
        sound = 0.05 * sound + sum(np.sin(2 * np.pi * 50 * k * time + k) / k**0.7 for k in (1, 2, 3, 4, 6, 10))
    return sound / rms(sound)


def noisy(clean, kind, snr):
    """The sound with noise `snr` dB below its speech, pauses left out."""
    level = levels(clean)
    speech = np.sqrt(np.mean(10 ** (level[level > level.max() - 30] / 10)))
    return (clean + noise(kind, len(clean)) * speech * 10 ** (-snr / 20)).astype(np.float32)


def fidelity(sound, clean):
    """dB of the clean speech over all that is not it, what the cure did to the speech included (SI-SDR)."""
    part = clean * (sound @ clean) / (clean @ clean)
    return 10 * np.log10((part @ part) / ((sound - part) @ (sound - part)))


@pytest.mark.parametrize("kind", ["white", "pink", "hum", "fan"])
@pytest.mark.parametrize("before", [5, 10, 20])
def test_denoising_gains_six_decibels_and_leaves_the_speech_nearer_to_the_clean(person, kind, before):
    for clean in person:
        sound = noisy(clean, kind, before)
        cured = cure(sound, Cures(denoise=True))
        assert len(cured) == len(sound)
        assert over_noise(cured, clean) - over_noise(sound, clean) > 10
        assert fidelity(cured, clean) - fidelity(sound, clean) > {5: 4, 10: 3.5, 20: 1}[before]


def test_denoising_leaves_clean_speech_and_silence(person):
    for clean in person:
        assert fidelity(cure(clean, Cures(denoise=True)), clean) > 25
    silent = np.zeros(RATE, np.float32)
    assert not cure(silent, Cures(denoise=True)).any()


def test_silence_put_before_a_noisy_clip_does_not_hide_its_noise(person):
    sound = np.concatenate([np.zeros(2 * RATE, np.float32), noisy(person[0], "pink", 10), np.zeros(RATE, np.float32)])
    cured = cure(sound, Cures(denoise=True))[2 * RATE : -RATE]
    assert over_noise(cured, person[0]) - over_noise(sound[2 * RATE : -RATE], person[0]) > 10


def test_denoising_adds_no_wrong_word(person, listen, tmp_path):
    """All told: which of two words like each other is heard in noise is another on another processor."""

    def wrong(sound):
        soundfile.write(tmp_path / "clip.wav", sound, RATE)
        return sum(word.kind != "same" for word in compare(SNOW, listen(tmp_path / "clip.wav").text))

    sounds = [noisy(person[1], kind, snr) for kind, snr in (("pink", 5), ("pink", 10), ("fan", 10))]
    assert sum(wrong(cure(sound, Cures(denoise=True))) for sound in sounds) <= sum(map(wrong, sounds))


def test_a_hand_set_cut_is_exact_and_the_clip_stays(person):
    clip = person[1]
    kept = clip.copy()
    cut = cure(clip, Cures(start=1.25, end=3.5))
    assert (cut == clip[30_000:84_000]).all()
    assert (cure(clip, Cures(start=2.0)) == clip[48_000:]).all()
    assert (cure(clip, Cures(end=2.0)) == clip[:48_000]).all()
    assert (cure(clip, Cures(end=1e9)) == clip).all()
    assert (cure(clip, Cures()) == clip).all()
    cure(clip, Cures(start=1, end=6, denoise=True, trim=True, level=True))[:] = 0
    assert (clip == kept).all()


@pytest.mark.parametrize(
    ("start", "end"),
    [(-1, 2), (2, 1), (1, 1.2), (float("nan"), 2), (0, float("nan")), (0, float("inf")), (100, None), (100, 200)],
)
def test_a_cut_that_is_no_part_of_the_clip_is_refused_with_the_cure(person, start, end):
    with pytest.raises(BadParameter, match=r"0\.5 s"):
        cure(person[0], Cures(start=start, end=end))


def test_trimming_takes_the_silence_and_none_of_the_speech(person):
    clip = cure(person[0], Cures(trim=True))
    quiet = (np.random.default_rng(1).standard_normal(RATE) * 1e-4).astype(np.float32)
    cut = cure(np.concatenate([quiet, clip, quiet]), Cures(trim=True))
    assert len(cut) == pytest.approx(len(clip), abs=0.1 * RATE)
    with pytest.raises(BadClip, match="silent"):
        cure(np.zeros(RATE, np.float32), Cures(trim=True))


@pytest.mark.parametrize("drop", [6, 12])
def test_levelling_evens_out_a_speaker_who_moved_away(person, drop):
    clip = np.concatenate([person[1], person[1] * 10 ** (-drop / 20)])
    cured = cure(clip * np.float32(0.3), Cures(level=True))
    half = len(person[1])
    assert 0.08 < rms(cured) < 0.101  # 0.1, or as near as its peaks allow
    assert np.abs(cured).max() <= 1
    assert 20 * np.log10(rms(cured[:half]) / rms(cured[half:])) == pytest.approx(0, abs=drop / 3)


def test_levelling_leaves_the_stress_of_words_and_does_not_raise_pauses(person):
    clip = person[1]
    cured = cure(clip, Cures(level=True))
    assert fidelity(cured, clip) > 10
    before, after = (np.percentile(levels(sound), 95) - np.percentile(levels(sound), 5) for sound in (clip, cured))
    assert after > before - 6
    silent = np.zeros(RATE, np.float32)
    assert not cure(silent, Cures(level=True)).any()


def test_order_is_cut_denoise_trim_level(person):
    sound = noisy(person[1], "pink", 20)
    steps = cure(sound, Cures(start=1, end=6))
    for step in (Cures(denoise=True), Cures(trim=True), Cures(level=True)):
        steps = cure(steps, step)
    assert (cure(sound, Cures(start=1, end=6, denoise=True, trim=True, level=True)) == steps).all()
