"""The picture shows the sound, the mark tells voices apart, and neither grows with the sound's length."""

import time

import numpy as np
import pytest
from PIL import Image

from engine.audio import decode, spectrogram, voice_mark
from engine.audio.picture import HEIGHT, HIGH, LOW, WIDTH
from engine.audio.spectrum import mel_scale
from engine.errors import DiskFull
from engine.types import RATE

from .sounds import ENGLISH, LIMITS, PEOPLE, voiced


def brightness(file):
    picture = Image.open(file)
    assert picture.format == "PNG"
    assert picture.size == (WIDTH, HEIGHT)
    return np.asarray(picture.convert("L"), float)


def test_a_tone_is_a_line_at_its_pitch_and_where_it_sounds(tmp_path):
    tone = np.sin(2 * np.pi * 1000 * np.arange(4 * RATE) / RATE).astype(np.float32) * 0.5
    tone[: 2 * RATE] = 0
    spectrogram(tone, tmp_path / "tone.png")
    shown = brightness(tmp_path / "tone.png")
    assert shown[:, : WIDTH // 2 - 20].max() < 40
    row = HEIGHT - 1 - shown[:, WIDTH // 2 + 20 :].mean(axis=1).argmax()
    assert mel_scale(LOW, HIGH, HEIGHT)[row] == pytest.approx(1000, rel=0.03)


def test_colours_are_the_studios(tmp_path):
    spectrogram(decode(ENGLISH, **LIMITS), tmp_path / "voice.png")
    colours = {colour for _, colour in Image.open(tmp_path / "voice.png").convert("RGB").getcolors(1000)}
    assert {(0x0B, 0x16, 0x15), (0xFF, 0xE3, 0xA3)} <= colours


@pytest.mark.parametrize("samples", [0, 1, 100, RATE])
def test_silence_and_hardly_anything_is_dark(tmp_path, samples):
    spectrogram(np.zeros(samples, np.float32), tmp_path / "dark.png")
    assert brightness(tmp_path / "dark.png").max() < 40


def test_ten_minutes_take_under_two_seconds(tmp_path):
    sound = np.tile(voiced(10), 60)
    begin = time.process_time()
    spectrogram(sound, tmp_path / "long.png")
    assert time.process_time() - begin < 2


def test_a_full_disk_is_told(tmp_path):
    with pytest.raises(DiskFull):
        spectrogram(voiced(1), tmp_path / "none" / "voice.png")


def test_marks_of_people():
    marks = [voice_mark(decode(clip, **LIMITS)) for clip in (ENGLISH, *sorted(PEOPLE.glob("*/*.flac")))]
    assert all(len(mark) == 10 and all(0.14 <= bar <= 1 for bar in mark) for mark in marks)
    assert all(max(mark) - min(mark) > 0.2 for mark in marks)
    assert len(set(marks)) == len(marks)


def test_a_voice_has_one_mark_whatever_its_level_and_moment():
    clip = decode(PEOPLE / "multi/town.flac", **LIMITS)
    mark = np.array(voice_mark(clip))
    assert np.abs(mark - voice_mark(clip * np.float32(0.1))).max() < 0.02
    other = np.array(voice_mark(decode(ENGLISH, **LIMITS)))
    half = np.array(voice_mark(clip[: len(clip) // 2]))
    assert np.abs(mark - half).mean() < np.abs(mark - other).mean()


@pytest.mark.parametrize("samples", [0, 1, 5000])
def test_the_mark_of_silence_is_the_average(samples):
    mark = voice_mark(np.zeros(samples, np.float32))
    assert len(mark) == 10
    assert np.isfinite(mark).all()
