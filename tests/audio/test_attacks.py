"""The attacks on decoders and file names, each under its number."""

import random
import struct
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.audio import decode, encode, read_metadata
from engine.errors import BadClip
from engine.types import RATE

from .sounds import ENGLISH, LIMITS, film, long_flac, voiced
from .test_decode import refusal


@pytest.fixture(scope="module")
def ten_hours(tmp_path_factory):
    file = tmp_path_factory.mktemp("bomb") / "bomb.flac"
    long_flac(file, 36_000)
    assert file.stat().st_size < 6_000_000
    return file.read_bytes()


@pytest.mark.parametrize(
    ("claims", "said"), [(None, "longer"), (0, "longer"), (4_000, "silent"), (2**36 - 1, "longer")]
)
def test_attack_26_flac_bomb(tmp_path, ten_hours, claims, said):
    """Ten hours in a file of little size, its header honest, not telling, claiming a second, claiming months."""
    file, data = tmp_path / "bomb.flac", bytearray(ten_hours)
    if claims is not None:  # the count of samples is the lower 36 bits of bytes 18 to 25
        (field,) = struct.unpack_from(">Q", data, 18)
        struct.pack_into(">Q", data, 18, field >> 36 << 36 | claims)
    file.write_bytes(data)
    begin = time.monotonic()
    assert said in refusal(file)
    assert time.monotonic() - begin < 30


def test_attack_26_opus_bomb(tmp_path):
    """A stream whose header tells no length is stopped where the limit is."""
    film(tmp_path / "bomb.webm", np.zeros(48_000 * 90, np.float32), "libopus")
    data = (tmp_path / "bomb.webm").read_bytes()
    assert len(data) < 300_000
    (tmp_path / "bomb.webm").write_bytes(data.replace(b"\x44\x89\x88", b"\xec\x89\x88", 1))  # Duration made a Void
    assert "longer than 60 s" in refusal(tmp_path / "bomb.webm")


def test_attack_27_a_thousand_channels(tmp_path):
    sound = bytes(2 * 1000 * RATE)
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(sound), b"WAVE", b"fmt ", 16, 1, 1000, RATE, RATE * 2000, 2000, 16, b"data", len(sound))  # fmt: skip
    (tmp_path / "clip.wav").write_bytes(head + sound)
    assert "channels" in refusal(tmp_path / "clip.wav", most_bytes=10**8)


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n",
        "ffconcat version 1.0\nfile '{secret}'\n",
        "[playlist]\nFile1={secret}\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    ],
)
@pytest.mark.parametrize("before", ["", "ID3", "#!AMR\n"])
def test_attack_28_playlist_named_wav(tmp_path, text, before):
    secret = tmp_path / "secret.wav"
    soundfile.write(secret, voiced(2), RATE)
    (tmp_path / "clip.wav").write_text(before + text.format(secret=secret))
    assert refusal(tmp_path / "clip.wav")


@pytest.mark.parametrize(
    "crash",
    [
        "import os; os.abort()",
        "import ctypes; ctypes.string_at(0)",
        "import sys; sys.stdout.buffer.write(bytes(100_000)); sys.stdout.flush(); import os; os.abort()",
        "import time; time.sleep(60)",
        "import sys\nwhile True: sys.stdout.buffer.write(bytes(1_000_000))",
        "raise SystemExit('a secret')",
    ],
)
def test_attack_29_decoder_that_crashes(tmp_path, crash):
    """Whatever becomes of the child, the app has a sentence, soon, and reads the next clip."""
    program = tmp_path / "program.py"
    program.write_text(crash)
    begin = time.monotonic()
    sentence = refusal(ENGLISH, program=program, time_out=1)
    assert time.monotonic() - begin < 30
    assert "damaged" in sentence
    assert "secret" not in sentence
    assert len(decode(ENGLISH, **LIMITS)) > 0


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg", "m4a", "webm"])
def test_attack_29_damaged_bytes(tmp_path, ending):
    """Files with bytes changed at random are read or refused; nothing else happens."""
    file = tmp_path / f"clip.{ending}"
    if ending in ("m4a", "webm"):
        film(file, voiced(1, rate=48_000), "aac" if ending == "m4a" else "libopus")
    else:
        soundfile.write(file, voiced(1), RATE)
    whole = file.read_bytes()
    dice = random.Random(ending)
    for _ in range(6):
        data = bytearray(whole)
        for _ in range(dice.choice([1, 10, 200])):
            data[dice.randrange(12, dice.choice([200, len(data)]))] = dice.randrange(256)
        file.write_bytes(data)
        try:
            heard = decode(file, **LIMITS)
        except BadClip as error:
            assert str(error).endswith(".")
        else:
            assert np.abs(heard).max() <= 1
            assert len(heard) <= 60 * RATE


NAMES = [
    "../clip.wav",
    "-rf.wav",
    "a b'c\"d`e$(touch owned);|&.wav",
    "line\nbreak\r\x1b[31m.wav",
    "%2f..%2f.wav",
    "CON",
    "." * 200,
    "ｃｌｉｐ\u202egpj.wav",
    "pipe:0",
    "http:clip.wav",
    "\udcff.wav",
]


@pytest.mark.parametrize("name", NAMES)
def test_attack_40_names(tmp_path, name):
    """A name is never more than the name of a file: the clip is read, and written, and nothing else is touched."""
    folder = tmp_path / "folder"
    folder.mkdir()
    file = folder / name
    file.write_bytes(ENGLISH.read_bytes())
    before = {path for path in tmp_path.rglob("*") if path != file}
    heard = decode(file, **LIMITS)
    assert len(heard) > 5 * RATE
    encode(heard, file, "flac", {"title": name})
    assert read_metadata(file)["title"] == name.encode("utf-8", "replace").decode()
    assert len(decode(file, **LIMITS)) == len(heard)
    assert {path for path in tmp_path.rglob("*") if path.resolve() != file.resolve()} <= before | {folder}


@pytest.mark.parametrize("name", ["x" * 300 + ".wav", "\ud800.wav", "nul\0.wav", "../" * 400, ""])
def test_attack_40_names_that_cannot_be(tmp_path, name):
    assert refusal(tmp_path / name if name else Path(""))
