"""Tags are found where other programs move them, and a page of Ogg is what its checksum says."""

import io
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from engine.audio import encode, ogg, read_metadata
from engine.audio.metadata import OPUS_TAGS

from .sounds import voiced

TEXT = "Grüße 😀 世界"


def frame(name, data, version, marks=0):
    size = len(data)
    field = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) if version == 4 else size.to_bytes(4, "big")
    return name + field + struct.pack(">H", marks) + data


def id3(version, *frames, flags=0):
    body = b"".join(frames) + bytes(300)  # padding, as tag editors leave it
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, flags]) + size + body


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize(("encoding", "codec"), [(1, "utf-16"), (2, "utf-16-be"), (3, "utf-8")])
def test_an_mp3_whose_tags_another_program_wrote_anew(tmp_path, version, encoding, codec):
    nul, text = "\0".encode("utf-16-be"), (TEXT * 50).encode(codec)
    nul = nul if encoding < 3 else b"\0"
    data = id3(
        version,
        frame(b"APIC", bytes(70_000), version),
        frame(b"TXXX", bytes([encoding]) + "replaygain".encode(codec) + nul + b"1", version),
        frame(b"TXXX", bytes([encoding]) + "timbre".encode(codec) + nul + text + nul, version),
        frame(b"COMM", bytes([encoding]) + b"eng" + "iTunNORM".encode(codec) + nul + text, version),
        frame(b"COMM", bytes([encoding]) + b"deu" + "".encode(codec) + nul + text, version),
        frame(b"TIT2", b"\0Ol\xe9", version),
    )
    (tmp_path / "take.mp3").write_bytes(data)
    assert read_metadata(tmp_path / "take.mp3") == {"timbre": TEXT * 50, "comment": TEXT * 50, "title": "Olé"}


@pytest.mark.parametrize(
    "data",
    [
        id3(2, frame(b"TIT2", b"\3a", 4)),
        id3(4, frame(b"TIT2", b"\3a", 4), flags=0x80),
        id3(4, frame(b"TIT2", b"\3a", 4, marks=0x08)),
        id3(4, frame(b"TIT2", b"\7a", 4), frame(b"TIT2", b"", 4)),
        b"ID3\4\0\0\x7f\x7f\x7f\x7f",
        b"ID3\4\0\0\x7f\x7f\x7f\x7f" + b"ABCD\0\0\0\0\0\0" * 500_000,
        b"ID3\4\0\0\x00\x00\x00\x10TIT2\x7f\x7f\x7f\x7f\0\0\3",
        b"OggS" + bytes(23),
        b"OggS" + bytes(22) + b"\xff",
        (b"OggS" + bytes(22) + b"\x01\xff" + bytes(255)) * 100_000,
        (b"OggS" + bytes(22) + b"\x00") * 500_000,
    ],
)
def test_headers_that_lie(tmp_path, data):
    (tmp_path / "take").write_bytes(data)
    assert not any(read_metadata(tmp_path / "take").values())


@pytest.mark.parametrize("format", ["flac", "mp3", "ogg"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_that_breaks_off_gives_what_there_is(tmp_path, format, share):
    """So that it is told to be damaged, and not that somebody else made it."""
    file, text = tmp_path / "take", "word " * 40_000
    encode(voiced(0.1), file, format, {"artist": "Timbre", "timbre": text})
    file.write_bytes(file.read_bytes()[: int(share * len(text))])
    tags = read_metadata(file)
    assert tags["artist"] == "Timbre"
    assert text.startswith(tags["timbre"])
    assert len(tags["timbre"]) > share * len(text) - 2000


@given(st.binary(max_size=400))
def test_the_checksum_is_oggs(data):
    """Bit by bit as RFC 3533 has it: polynomial 0x04c11db7, from zero, most significant bit first."""
    register = 0
    for byte in data:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1) ^ (0x104C11DB7 if register & 0x80000000 else 0)
    assert ogg.checksum(data) == register


def test_the_checksum_of_the_encoder(tmp_path):
    soundfile.write(tmp_path / "a.ogg", voiced(3), 24_000, "OPUS")
    data = (tmp_path / "a.ogg").read_bytes()
    starts = [at for at in range(len(data)) if data[at : at + 5] == b"OggS\0"]
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        blank = data[start : start + 22] + bytes(4) + data[start + 26 : end]
        assert struct.unpack_from("<I", data, start + 22) == (ogg.checksum(blank),)


@pytest.mark.parametrize("size", [0, 1, 246, 247, 248, 255 * 254, 255 * 255 - 9, 255 * 255 - 8, 255 * 255, 300_000])
def test_any_length_of_packet_takes_the_place_of_the_other(size):
    """Also those that end where a segment or a page does; the sound's pages follow as they were."""
    packet = OPUS_TAGS + bytes(size)
    soundfile.write(made := io.BytesIO(), voiced(0.5), 24_000, "OPUS", format="OGG")
    whole = ogg.replace_second_packet(made.getvalue(), packet)
    assert ogg.second_packet(io.BytesIO(whole), 1 << 24) == packet
    assert ogg.second_packet(io.BytesIO(whole), 20) == packet[:20]
    before, after = (list(ogg.pages(io.BytesIO(data))) for data in (made.getvalue(), whole))
    assert after[0] == before[0]
    assert after[2 - len(before) :] == before[2:]
    again = ogg.replace_second_packet(whole, OPUS_TAGS + bytes(8))
    assert ogg.replace_second_packet(again, packet) == whole
    made.seek(0)
    assert np.array_equal(soundfile.read(io.BytesIO(again))[0], soundfile.read(made)[0])
