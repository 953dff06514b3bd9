"""Whatever is asked of a hostile file, the answer is one sentence, soon, and the next clip is served as ever."""

import struct
import time

import numpy as np
import pytest
import soundfile

from engine import BadClip, BadInput, BadParameter, CloneRequest, Cures

ASKED = {
    "examine": lambda studio, file, out: studio.clips.examine(file),
    "stretches": lambda studio, file, out: list(studio.clips.stretches(file)),
    "cure": lambda studio, file, out: studio.clips.cure(file, Cures(), out),
    "estimate": lambda studio, file, out: studio.estimate(CloneRequest(file, "Hello there.")),
    "transcribe": lambda studio, file, out: list(studio.transcribe(file)),
    "restore": lambda studio, file, out: studio.restore(file),
    "detect": lambda studio, file, out: studio.detect(file),
}
"""All that can be asked of a file but to clone it, by what it is called."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The files, by name."""
    folder = tmp_path_factory.mktemp("hostile")
    # Attack 26: hours of silence in few bytes.
    soundfile.write(folder / "hours.flac", np.zeros(2 * 3600 * 4000, np.int16), 4000)
    # Attack 27: a thousand channels.
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1000, 24_000, 48_000_000, 2000, 16)
    sound = form + struct.pack("<4sI", b"data", 200_000) + bytes(200_000)
    (folder / "channels.wav").write_bytes(struct.pack("<4sI4s", b"RIFF", 4 + len(sound), b"WAVE") + sound)
    # Attack 28: lists that would have other files read.
    (folder / "playlist.wav").write_text("#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n")
    (folder / "concat.wav").write_text("ffconcat version 1.0\nfile /etc/passwd\n")
    # Attack 29: what a decoder may break on.
    (folder / "broken.flac").write_bytes(b"fLaC" + np.random.default_rng(1).bytes(50_000))
    (folder / "broken.mp4").write_bytes(b"\0\0\0\x18ftypisom" + np.random.default_rng(2).bytes(50_000))
    return folder


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    "name", ["hours.flac", "channels.wav", "playlist.wav", "concat.wav", "broken.flac", "broken.mp4"]
)
def test_attack_26_to_29_a_hostile_file_is_one_sentence(studio, hostile, tmp_path, asked, name):
    begin, out = time.process_time(), tmp_path / "out.flac"
    with pytest.raises(BadInput) as caught:
        ASKED[asked](studio, hostile / name, out)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert str(hostile) not in sentence, "a path of the server's"
    assert "root:" not in sentence
    assert not out.exists(), "half a file stays"
    assert time.process_time() - begin < 5


def test_attack_29_the_next_clip_is_served(studio, hostile, voice, tmp_path):
    for asked in ("examine", "cure", "estimate"):
        with pytest.raises(BadClip):
            ASKED[asked](studio, hostile / "broken.flac", tmp_path / "out.flac")
        ASKED[asked](studio, voice[0], tmp_path / "out.flac")


@pytest.mark.parametrize("model", ["../../etc/passwd", "x" * 10_000, "demo\n\x1b[31m", "\0"])
def test_attack_36_40_a_model_there_is_not_is_one_sentence(studio, voice, model):
    for judged in (studio.clips.examine, studio.clips.stretches, studio.clips.fits):
        with pytest.raises(BadParameter) as caught:
            judged(voice[0], model=model)
        assert len(str(caught.value)) < 300
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("time", [float("nan"), float("inf"), float("-inf"), -1.0, 1e300])
def test_attack_36_a_time_that_is_none_is_refused(studio, voice, tmp_path, time):
    for cures in (Cures(start=time), Cures(end=time)):
        if cures == Cures(end=1e300):
            continue  # beyond the end is the end
        with pytest.raises(BadParameter):
            studio.clips.cure(voice[0], cures, tmp_path / "out.flac")
        assert not (tmp_path / "out.flac").exists()
