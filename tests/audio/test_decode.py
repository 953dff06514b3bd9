"""Every kind of clip a browser or a phone makes is read alike; every other is refused in one sentence."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from engine.audio import content_hash, decode, decoder, rms
from engine.errors import BadClip
from engine.types import RATE

from .sounds import ENGLISH, LIMITS, PEOPLE, film, long_flac, voiced


def spectrum(samples):
    """Levels of 40 bands to 4 kHz in dB, which lossy codecs keep."""
    power = np.abs(np.fft.rfft(samples, 1 << 18)) ** 2
    bands = np.array_split(power[: len(power) // 3], 40)
    return 10 * np.log10([band.mean() + 1e-9 for band in bands])


def refusal(path, **changes) -> str:
    with pytest.raises(BadClip) as caught:
        decode(path, **{**LIMITS, **changes})
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "Error" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("ending", "subtype", "rate", "channels"),
    [
        ("wav", "PCM_16", 44_100, 2),
        ("wav", "PCM_U8", 8_000, 1),
        ("wav", "PCM_24", 96_000, 8),
        ("wav", "PCM_32", 192_000, 2),
        ("wav", "FLOAT", 48_000, 1),
        ("wav", "DOUBLE", 11_025, 2),
        ("wav", "ULAW", 8_000, 1),
        ("flac", "PCM_16", 24_000, 1),
        ("flac", "PCM_24", 192_000, 2),
        ("flac", "PCM_S8", 8_000, 1),
        ("aiff", "PCM_16", 44_100, 2),
        ("caf", "ALAC_16", 44_100, 1),
        ("mp3", "MPEG_LAYER_III", 44_100, 2),
        ("ogg", "VORBIS", 44_100, 1),
        ("mp3", "MPEG_LAYER_III", 8_000, 1),
        ("ogg", "VORBIS", 192_000, 2),
        ("ogg", "OPUS", 48_000, 1),
        ("ogg", "OPUS", 8_000, 2),
    ],
)
def test_soundfile_formats(tmp_path, ending, subtype, rate, channels):
    sound = voiced(3, rate=rate)
    file = tmp_path / f"clip.{ending}"
    soundfile.write(file, np.repeat(sound[:, None], channels, axis=1), rate, subtype)
    heard = decode(file, **LIMITS)
    assert heard.dtype == np.float32
    assert heard.ndim == 1
    assert len(heard) / RATE == pytest.approx(3, abs=0.06)
    assert rms(heard) == pytest.approx(0.1, rel=0.1)
    assert abs(heard.mean()) < 1e-6
    if rate >= 24_000:
        assert np.abs(spectrum(heard) - spectrum(decode_exactly(sound, rate)))[:20].mean() < 3


def decode_exactly(sound, rate):
    import soxr

    return soxr.resample(sound, rate, RATE)


@pytest.mark.parametrize(
    ("name", "codec", "video"),
    [
        ("phone.m4a", "aac", ""),
        ("phone.mp4", "aac", "libx264"),
        ("phone.mov", "alac", "mpeg4"),
        ("phone.3gp", "aac", ""),
        ("browser.webm", "libopus", ""),
        ("browser-film.webm", "libopus", "libvpx"),
        ("film.mkv", "libmp3lame", "mpeg4"),
        ("stream.aac", "aac", ""),
    ],
)
def test_containers_with_and_without_a_picture(tmp_path, name, codec, video):
    sound = voiced(3, rate=48_000)
    film(tmp_path / name, sound, codec, video=video)
    heard = decode(tmp_path / name, **LIMITS)
    assert len(heard) / RATE == pytest.approx(3, abs=0.15)
    assert rms(heard) == pytest.approx(0.1, rel=0.15)
    assert np.abs(spectrum(heard) - spectrum(decode_exactly(sound, 48_000)))[:20].mean() < 4


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("chromium.webm", "libopus", {"live": "1"}),
        ("firefox.ogg", "libopus", {}),
        ("safari.mp4", "aac", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
        ("phone.m4a", "alac", {}),
    ],
)
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_stereo_as_a_browser_streams_it(tmp_path, name, codec, options, rate):
    """Written while it is recorded: no length in the header, no index, pieces of film; a voice on the left alone."""
    sound, rate = voiced(3, rate=rate), 48_000 if codec == "libopus" else rate
    with av.open(tmp_path / name, "w", options=options) as container:
        stream = container.add_stream(codec, rate=rate, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.stack([sound, 0 * sound]), "fltp", "stereo")
        frame.sample_rate = len(sound) // 3
        fitted = av.AudioResampler(stream.format, "stereo", rate, frame_size=stream.frame_size or None)
        for part in (*fitted.resample(frame), *fitted.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    heard = decode(tmp_path / name, **LIMITS)
    assert len(heard) / RATE == pytest.approx(3, abs=0.15)
    assert rms(heard) == pytest.approx(0.05, rel=0.15)
    assert np.abs(spectrum(2 * heard) - spectrum(decode_exactly(sound, len(sound) // 3)))[:20].mean() < 4


def test_amr_of_an_old_telephone(tmp_path):
    film(tmp_path / "memo.amr", voiced(2, rate=8_000), "libopencore_amrnb", rate=8_000)
    assert len(decode(tmp_path / "memo.amr", **LIMITS)) / RATE == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    "clip", sorted(PEOPLE.glob("*/*_ref_*.wav")) + sorted(PEOPLE.glob("*/*.flac")), ids=lambda p: p.name
)
def test_real_people(clip):
    heard = decode(clip, **LIMITS)
    assert len(heard) == pytest.approx(soundfile.info(clip).duration * RATE, abs=2)
    assert 0.01 < rms(heard) < 0.3


def test_content_counts_and_not_the_name(tmp_path):
    file = tmp_path / "holiday.jpg"
    file.write_bytes(ENGLISH.read_bytes())
    assert np.array_equal(decode(file, **LIMITS), decode(ENGLISH, **LIMITS))


def test_dc_is_taken_off_and_loud_floats_scaled(tmp_path):
    soundfile.write(tmp_path / "clip.wav", voiced(2) * 30 + 2, RATE, "FLOAT")
    heard = decode(tmp_path / "clip.wav", **LIMITS)
    assert abs(heard.mean()) < 1e-6
    assert np.abs(heard).max() == pytest.approx(1, abs=1e-4)


def test_one_ear_only_is_heard(tmp_path):
    sound = voiced(2)
    soundfile.write(tmp_path / "clip.wav", np.stack([sound, 0 * sound], axis=1), RATE)
    assert rms(decode(tmp_path / "clip.wav", **LIMITS)) == pytest.approx(0.05, rel=0.02)


def test_a_size_unknown_when_recording_began_is_no_harm(tmp_path):
    soundfile.write(tmp_path / "clip.wav", voiced(2), RATE)
    data = (tmp_path / "clip.wav").read_bytes()
    (tmp_path / "clip.wav").write_bytes(data[:4] + b"\xff" * 4 + data[8:40] + b"\xff" * 4 + data[44:])
    assert len(decode(tmp_path / "clip.wav", **LIMITS)) == 2 * RATE


def test_missing(tmp_path):
    assert "choose it again" in refusal(tmp_path / "none.wav")
    assert "choose it again" in refusal(Path("nul\0.wav"))
    assert "choose" in refusal(tmp_path)


def test_a_named_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "clip.wav")
    assert "no file" in refusal(tmp_path / "clip.wav")


def test_empty(tmp_path):
    (tmp_path / "clip.wav").touch()
    assert "empty" in refusal(tmp_path / "clip.wav")


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_truncated(tmp_path, ending):
    file = tmp_path / f"clip.{ending}"
    soundfile.write(file, voiced(4), RATE)
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])
    assert "breaks off" in refusal(file) or "damaged" in refusal(file)
    file.write_bytes(data[:20])
    assert "breaks off" in refusal(file) or "damaged" in refusal(file)


def test_truncated_film(tmp_path):
    film(tmp_path / "clip.m4a", voiced(4, rate=48_000), "aac")
    data = (tmp_path / "clip.m4a").read_bytes()
    (tmp_path / "clip.m4a").write_bytes(data[: len(data) // 2])
    assert "damaged" in refusal(tmp_path / "clip.m4a")


@pytest.mark.parametrize(
    "content", [b"This is no sound, whatever its name says.", b"\x89PNG\r\n\x1a\n" * 40, b"RIFF", b"\0" * 99]
)
def test_not_audio(tmp_path, content):
    (tmp_path / "clip.wav").write_bytes(content)
    assert "no sound file" in refusal(tmp_path / "clip.wav")


def test_film_whose_sound_ends_before_its_picture(tmp_path):
    """A WebM tells one length for both, which is then not the sound's."""
    film(tmp_path / "clip.webm", voiced(0.6, rate=48_000), "libopus", video="libvpx")
    assert len(decode(tmp_path / "clip.webm", **LIMITS)) / RATE == pytest.approx(0.6, abs=0.1)


def test_film_without_sound(tmp_path):
    film(tmp_path / "clip.mp4", voiced(1), "", video="mpeg4")
    assert "sound track" in refusal(tmp_path / "clip.mp4")


def test_silent(tmp_path):
    soundfile.write(tmp_path / "clip.wav", np.zeros(RATE), RATE)
    assert "silent" in refusal(tmp_path / "clip.wav")
    soundfile.write(tmp_path / "clip.wav", np.full(RATE, 0.5), RATE)
    assert "silent" in refusal(tmp_path / "clip.wav")


def test_a_third_of_a_second(tmp_path):
    soundfile.write(tmp_path / "clip.wav", voiced(0.3), RATE)
    assert "0.3 s" in refusal(tmp_path / "clip.wav")


def test_three_hours(tmp_path):
    long_flac(tmp_path / "clip.flac", 3 * 3600)
    assert "longer than 900 s" in refusal(tmp_path / "clip.flac", most_seconds=900)


def test_four_hundred_megabytes(tmp_path):
    with (tmp_path / "clip.wav").open("wb") as file:
        file.truncate(400_000_000)
    assert "400 MB" in refusal(tmp_path / "clip.wav")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
def test_values_that_are_no_sound(tmp_path, value):
    sound = voiced(1)
    sound[1000:1100] = value
    soundfile.write(tmp_path / "clip.wav", sound, RATE, "FLOAT")
    if np.isfinite(value):  # absurd but a number: the rest of the clip is nothing beside it
        assert np.abs(decode(tmp_path / "clip.wav", **LIMITS)).max() <= 1
    else:
        assert "NaN" in refusal(tmp_path / "clip.wav")


@pytest.mark.parametrize("rate", [1, 3_999, 384_001, 2**31 - 1])
def test_rates_no_voice_is_recorded_at(tmp_path, rate):
    soundfile.write(tmp_path / "clip.wav", voiced(1), RATE)
    data = bytearray((tmp_path / "clip.wav").read_bytes())
    struct.pack_into("<I", data, 24, rate)
    (tmp_path / "clip.wav").write_bytes(data)
    refused = refusal(tmp_path / "clip.wav")
    assert "sampling rate" in refused or "damaged" in refused


def test_exact_limits(tmp_path):
    soundfile.write(tmp_path / "clip.wav", voiced(2), RATE)
    size = (tmp_path / "clip.wav").stat().st_size
    assert len(decode(tmp_path / "clip.wav", most_bytes=size, most_seconds=2, least_seconds=2)) == 2 * RATE
    assert "MB" in refusal(tmp_path / "clip.wav", most_bytes=size - 1)
    assert "longer" in refusal(tmp_path / "clip.wav", most_seconds=1.99)


def test_the_child_opens_nothing_and_takes_no_more_memory_than_it_may():
    program = f"""
import sys; sys.path.insert(0, {str(Path(decoder.__file__).parent)!r})
import decoder; decoder.give_up_rights()
for forbidden in (lambda: open("/etc/hostname"), lambda: bytearray(2_000_000_000)):
    try: forbidden()
    except (OSError, MemoryError): continue
    sys.exit(7)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_child_speaks_of_the_same_rate():
    assert decoder.RATE == RATE


def test_content_hash(tmp_path):
    (tmp_path / "clip").write_bytes(b"abc")
    assert content_hash(tmp_path / "clip") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(BadClip):
        content_hash(tmp_path / "none")
