"""The mark is found in what was marked, also after what happens to files, and in nothing else."""

import io

import numpy as np
import pytest
import soundfile
import soxr

from engine.audio import decode, finish, rms
from engine.speech import Watermark
from engine.speech.watermark import FOUND
from engine.studio import ASSETS
from engine.types import RATE

from ..audio.sounds import LIMITS, PEOPLE, voiced

CLIPS = sorted([*PEOPLE.glob("*/*.flac"), *PEOPLE.glob("*/*_ref_*.wav"), *(ASSETS / "voices").glob("*.wav")])
LENGTH = 3 * RATE


def coded(sound, kind, subtype, rate=RATE, **options):
    """What is left of the sound after a lossy codec at `rate`."""
    soundfile.write(buffer := io.BytesIO(), soxr.resample(sound, RATE, rate), rate, subtype, format=kind, **options)
    buffer.seek(0)
    return soxr.resample(soundfile.read(buffer, dtype="float32")[0], rate, RATE)


CHANGES = {
    "as it is": lambda sound: sound,
    "MP3 V0": lambda sound: coded(sound, "MP3", "MPEG_LAYER_III", compression_level=0.0),
    "MP3 128": lambda sound: coded(
        sound, "MP3", "MPEG_LAYER_III", 44_100, compression_level=0.68, bitrate_mode="CONSTANT"
    ),
    "Opus 64": lambda sound: coded(sound, "OGG", "OPUS", compression_level=0.768),
    "16 kHz": lambda sound: soxr.resample(soxr.resample(sound, RATE, 16_000), 16_000, RATE),
    "-12 dB": lambda sound: sound / 4,
}


@pytest.fixture(scope="module")
def watermark():
    return Watermark()


@pytest.fixture(scope="module")
def pieces():
    """Three seconds each, from every person's clip."""
    sounds = [finish(decode(clip, **LIMITS), -19.0) for clip in CLIPS]
    cut = [sound[at : at + LENGTH] for sound in sounds for at in range(0, len(sound) - LENGTH + 1, RATE)]
    assert len(cut) >= 20
    return cut


@pytest.fixture(scope="module")
def marked(watermark, pieces):
    return [watermark.mark(piece) for piece in pieces]


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_found_where_it_is_and_nowhere_else(watermark, pieces, marked, change):
    ours = [watermark.find(CHANGES[change](piece)) for piece in marked]
    others = [watermark.find(CHANGES[change](piece)) for piece in pieces]
    assert max(others) < FOUND, f"{sorted(others)}"
    assert np.mean(np.array(ours) >= FOUND) >= 0.95, f"{sorted(ours)}"


def test_length_and_level_stay(pieces, marked):
    for before, after in zip(pieces, marked, strict=True):
        assert len(before) == len(after)
        assert after.dtype == np.float32
        assert 20 * np.log10(rms(after) / rms(before)) == pytest.approx(0, abs=1)


def test_a_part_of_ours_in_somebody_elses_file_is_found(watermark, pieces, marked):
    others = np.concatenate(pieces)
    assert watermark.find(others) < FOUND
    ours = np.concatenate([*pieces[:6], *marked[6:13], *pieces[13:]])  # 21 s, which hold a whole window
    assert watermark.find(ours) >= FOUND


@pytest.mark.parametrize("sound", ["silence", "noise", "tone", "hum", "hardly anything"])
def test_what_is_no_speech_has_no_mark(watermark, sound):
    time = np.arange(4 * RATE) / RATE
    sounds = {
        "silence": 0 * time,
        "noise": np.random.default_rng(0).standard_normal(len(time)) / 10,
        "tone": np.sin(2 * np.pi * 440 * time) / 4,
        "hum": voiced(4),
        "hardly anything": time[:10],
    }
    assert watermark.find(sounds[sound].astype(np.float32)) < FOUND
