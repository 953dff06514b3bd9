"""Files hold the sound to a step of 16 bits or as their codec keeps it, and their tags to the letter; a full disk loses
nothing.
"""

import errno
import json
import os
import wave

import av
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.audio import decode, encode, read_metadata, rms
from engine.audio.encode import write
from engine.errors import DiskFull
from engine.types import FORMATS, RATE

from .sounds import ENGLISH, LIMITS, PEOPLE, voiced

TAGS = {
    "title": "Grüße, 世界",
    "artist": "Timbre",
    "comment": "AI-generated speech, made by Timbre.",
    "timbre": json.dumps({"text": "line\nbreak \x1b[31m „quoted“ 😀"}, ensure_ascii=False),
}


SUBTYPES = {"wav": "PCM_16", "flac": "PCM_16", "mp3": "MPEG_LAYER_III", "ogg": "OPUS"}


@pytest.mark.parametrize("format", FORMATS)
def test_players_read_the_sound_and_the_tags(tmp_path, format):
    sound, file = voiced(2), tmp_path / f"take.{format}"
    encode(sound, file, format, TAGS)
    read, rate = soundfile.read(file, dtype="float32")
    info = soundfile.info(file)
    assert (rate, info.channels, info.subtype, info.format) == (RATE, 1, SUBTYPES[format], format.upper())
    assert len(read) == len(sound)
    error = np.abs(read - sound).max() if SUBTYPES[format] == "PCM_16" else rms(read - sound)
    assert error <= (1.1 / 32768 if SUBTYPES[format] == "PCM_16" else 0.1 * rms(sound))
    with soundfile.SoundFile(file) as player:
        assert (player.title, player.artist, player.comment) == (TAGS["title"], TAGS["artist"], TAGS["comment"])
    with av.open(file) as player:
        assert player.duration / av.time_base == pytest.approx(2, abs=0.01)
        assert sum(frame.samples / frame.sample_rate for frame in player.decode(audio=0)) == pytest.approx(2)
        seen = {**player.metadata, **player.streams.audio[0].metadata}
        seen = {name.lower(): value for name, value in seen.items()}
        assert (seen["title"], seen["artist"], seen["comment"]) == (TAGS["title"], TAGS["artist"], TAGS["comment"])
        assert format == "wav" or seen["timbre"] == TAGS["timbre"]
    if format == "wav":
        with wave.open(str(file)) as player:
            assert (player.getnframes(), player.getframerate()) == (len(sound), RATE)
            assert len(player.readframes(10**9)) == 2 * len(sound)
    assert read_metadata(file) == TAGS
    assert rms(decode(file, **LIMITS) - sound) < (1e-3 if SUBTYPES[format] == "PCM_16" else 0.1 * rms(sound))


@pytest.mark.parametrize("clip", [*sorted(PEOPLE.glob("*/*.flac")), ENGLISH], ids=lambda p: p.name)
@pytest.mark.parametrize(("format", "least", "most", "error"), [("mp3", 80, 110, -24), ("ogg", 50, 80, -20)])
def test_people_in_little_space(tmp_path, clip, format, least, most, error):
    """At the rate that was asked, with speech as it was: nothing in the middle of the band is lost or out of step."""
    sound, file = decode(clip, **LIMITS), tmp_path / f"take.{format}"
    encode(sound, file, format, {})
    assert least < file.stat().st_size * 8 / len(sound) * RATE / 1000 < most
    difference = soundfile.read(file, dtype="float32")[0] - sound
    assert 20 * np.log10(rms(difference) / rms(sound)) < error


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("letter", ["a", "字"])
def test_three_hundred_thousand_letters(tmp_path, format, letter):
    file, text = tmp_path / "take", letter * 300_000
    encode(voiced(0.5), file, format, {**TAGS, "timbre": text})
    assert read_metadata(file)["timbre"] == text
    assert len(soundfile.read(file)[0]) == RATE // 2
    assert len(decode(file, **LIMITS)) == RATE // 2
    with av.open(file) as player:
        assert player.duration / av.time_base == pytest.approx(0.5, abs=0.01)
        assert sum(frame.samples / frame.sample_rate for frame in player.decode(audio=0)) == pytest.approx(0.5)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(), st.text(), st.sampled_from(FORMATS), st.integers(1, 3))
def test_any_text_comes_back(tmp_path, title, own, format, length):
    encode(voiced(1)[:length], tmp_path / "take", format, {"title": title, "timbre": own})
    tags = read_metadata(tmp_path / "take")
    plain = {name: value.replace("\0", "") for name, value in (("title", title), ("timbre", own))}
    assert tags.get("title", "") == plain["title"]
    assert tags["timbre"] == plain["timbre"]


def test_half_a_character_becomes_a_question_mark(tmp_path):
    encode(voiced(0.1), tmp_path / "take", "wav", {"title": "a\ud800b"})
    assert read_metadata(tmp_path / "take") == {"title": "a?b"}


def test_two_minutes_and_more(tmp_path):
    """Above 3 million samples, where some encoders of libsndfile crash."""
    sound = np.tile(voiced(2), 70)
    for format in FORMATS:
        encode(sound, tmp_path / "take", format, {})
        assert soundfile.info(tmp_path / "take").frames == len(sound)


def test_values_that_16_bits_do_not_hold(tmp_path):
    sound = np.array([2, -2, np.nan, np.inf, 0.5, 0], np.float32)
    encode(sound, tmp_path / "take", "wav", {})
    assert np.allclose(soundfile.read(tmp_path / "take")[0], [1, -1, 0, 1, 0.5, 0], atol=1e-4)


def test_the_same_sound_makes_the_same_file(tmp_path):
    for format in FORMATS:
        encode(voiced(1), tmp_path / "one", format, TAGS)
        encode(voiced(1), tmp_path / "two", format, TAGS)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_callers_mistakes_are_told(tmp_path):
    with pytest.raises(ValueError, match="genre"):
        encode(voiced(0.1), tmp_path / "take", "wav", {"genre": "speech"})
    for format in FORMATS:
        with pytest.raises(ValueError, match="fit"):
            encode(voiced(0.1), tmp_path / "take", format, {"timbre": "x" * (1 << 24)})
        with pytest.raises(ValueError, match="no sound"):
            encode(np.zeros(0, np.float32), tmp_path / "take", format, {})
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_says_so_and_leaves_the_old_file(tmp_path):
    """The kernel's own limit on the size of a file stands in for a disk that is full half-way."""
    import resource

    file = tmp_path / "take.wav"
    encode(voiced(0.1), file, "wav", {})
    before = file.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(DiskFull, match="full"):
            encode(voiced(1), file, "wav", {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("folder", ["none", "take.wav"])
def test_a_folder_that_cannot_be_written(tmp_path, folder):
    (tmp_path / "take.wav").touch()
    with pytest.raises(DiskFull, match="TIMBRE_WORKSPACE"):
        encode(voiced(0.1), tmp_path / folder / "file.wav", "wav", {})


def test_write_tells_a_full_disk_from_a_forbidden_one(tmp_path):
    with pytest.raises(DiskFull) as caught:
        write(tmp_path / "none" / "file", b"")
    assert caught.value.__cause__.errno == errno.ENOENT
    write(tmp_path / "file", b"x")
    assert (tmp_path / "file").read_bytes() == b"x"
    assert os.stat(tmp_path / "file").st_mode & 0o777 == 0o644


def test_other_peoples_files_have_no_tags_of_ours(tmp_path):
    assert read_metadata(ENGLISH).keys() <= {"title", "artist", "comment"}
    assert read_metadata(tmp_path / "none") == {}
    assert read_metadata(tmp_path) == {}
    soundfile.write(tmp_path / "a.mp3", voiced(1), RATE)
    assert read_metadata(tmp_path / "a.mp3") == {}
    with soundfile.SoundFile(tmp_path / "b.flac", "w", RATE, 1) as out:
        out.title = "Theirs"
        out.write(voiced(0.1))
    assert read_metadata(tmp_path / "b.flac") == {"title": "Theirs"}


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(FORMATS),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), max_size=4),
    st.floats(0, 1),
)
def test_hostile_files_give_a_dict_and_nothing_worse(tmp_path, format, changes, kept):
    whole = tmp_path / f"whole.{format}"
    if not whole.exists():
        encode(voiced(1)[:50], whole, format, TAGS)
    data = bytearray(whole.read_bytes())
    for place, new in changes:
        at = 12 + int(place * (len(data) - 12))
        data[at : at + len(new)] = new
    (tmp_path / "take").write_bytes(data[: max(int(kept * len(data)), 4)])
    tags = read_metadata(tmp_path / "take")
    assert tags.keys() <= TAGS.keys()
    assert all(isinstance(value, str) and len(value) < 10_000 for value in tags.values())


@pytest.mark.parametrize(
    "data",
    [
        b"RIFF\xff\xff\xff\xffWAVE" + b"tmbr\xff\xff\xff\xff",
        b"RIFF\x00\x00\x00\x00WAVE" + b"LIST\x04\x00\x00\x00INFO" * 100_000,
        b"RIFF\x00\x00\x00\x00WAVE" + b"abcd\x00\x00\x00\x00" * 500_000,
        b"RIFF\x00\x00\x00\x00WAVE" + b"LIST\x0c\x00\x00\x00INFOINAM\xff\xff\xff\xff",
        b"fLaC" + b"\x01\x00\x00\x00" * 500_000,
        b"fLaC\x84\x00\x00\x08" + b"\x00\x00\x00\x00\xff\xff\xff\xff",
        b"fLaC\x84\xff\xff\xff" + b"\xff" * 100,
    ],
)
def test_headers_that_lie(tmp_path, data):
    (tmp_path / "take").write_bytes(data)
    assert not any(read_metadata(tmp_path / "take").values())
