"""Tags in WAV, FLAC, MP3 and Ogg Opus: written into a file's bytes, and read back from any file, however hostile.

Title, artist and comment are standard ones that players show; `timbre` holds what a take was made of, as text that may
be long: in WAV a chunk of our own, in FLAC and Opus a Vorbis comment, in MP3 a frame of ID3. It stands there as it is,
not compressed, so that nothing read from a stranger's file can grow. Knows nothing of what is in them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .ogg import replace_second_packet, second_packet

Pieces = tuple[bytes | memoryview, ...]
"""A file, one after another: of hours a copy is much."""
INFO = {"title": b"INAM", "artist": b"IART", "comment": b"ICMT"}
"""Standard tags and their names in a RIFF INFO list."""
OWN = "timbre"
CHUNK = b"tmbr"
"""Our RIFF chunk: OWN's text. Lower case, as RIFF wants of chunks that are not registered."""
FRAMES = {"title": b"TIT2", "artist": b"TPE1", "comment": b"COMM", OWN: b"TXXX"}
"""All tags and the frames of ID3 they are in."""
BEFORE = {"comment": b"eng\0", OWN: b"timbre\0"}
"""What stands before a frame's text: language and an empty description, or the name of what is no standard tag."""
ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
"""Of a frame's text, by its first byte. Ours is the last; another program may have written the tags anew."""
OPUS_TAGS = b"OpusTags"
MOST_BYTES = (1 << 24) - 1
"""Of all tags together; a block of a FLAC file cannot hold more."""
MOST_BLOCKS = 1000
"""Chunks, blocks or frames looked at in a file, so that one of nothing but headers is soon given up."""
VORBIS_COMMENT = 4
"""Type of the block that holds them in FLAC."""


def tag_wav(file: memoryview, tags: Mapping[str, str]) -> Pieces:
    """The RIFF file with the tags after its sound, where every player passes over what it does not know."""
    info = b"".join(_chunk(INFO[name], _text(tags[name]) + b"\0") for name in INFO if tags.get(name))
    own = _chunk(CHUNK, _text(tags[OWN])) if OWN in tags else b""
    chunks = (_chunk(b"LIST", b"INFO" + info) if info else b"") + own
    _check(tags, len(chunks))
    return file[:4], struct.pack("<I", len(file) - 8 + len(chunks)), file[8:], chunks


def tag_flac(file: memoryview, tags: Mapping[str, str]) -> Pieces:
    """The FLAC file with the tags as its one block of Vorbis comments.

    https://www.rfc-editor.org/rfc/rfc9639#section-8.6
    """
    body = _vorbis_comments(tags)
    blocks, end = [], 4
    while end < len(file):
        start, (kind, size) = end, _block(bytes(file[end : end + 4]))
        end = start + 4 + size
        if kind & 0x7F != VORBIS_COMMENT:
            blocks.append(bytes([kind & 0x7F]) + file[start + 1 : end])
        if kind & 0x80:
            break
    last = bytes([0x80 | VORBIS_COMMENT]) + len(body).to_bytes(3, "big") + body
    return file[:4], *blocks, last, file[end:]


def tag_mp3(file: memoryview, tags: Mapping[str, str]) -> Pieces:
    """The MPEG frames with the tags before them, as ID3v2.4 in UTF-8.

    https://id3.org/id3v2.4.0-structure, https://id3.org/id3v2.4.0-frames
    """
    frames = b""
    for name, value in tags.items():
        text = b"\3" + BEFORE.get(name, b"") + _text(value) + b"\0"
        frames += FRAMES.get(name, b"") + _synchsafe(len(text)) + b"\0\0" + text
    _check(tags, len(frames))
    return (b"ID3\4\0\0", _synchsafe(len(frames)), frames, file) if frames else (file,)  # an empty tag is none


def tag_ogg(file: memoryview, tags: Mapping[str, str]) -> Pieces:
    """The Ogg Opus file with the tags as its comment header. https://www.rfc-editor.org/rfc/rfc7845#section-5.2"""
    return (replace_second_packet(file, OPUS_TAGS + _vorbis_comments(tags)),)


def read_metadata(file: Path) -> dict[str, str]:
    """The tags of a WAV, FLAC, MP3 or Ogg Opus file by name, of those `encode` writes; empty where there are none.

    Never raises over what is in the file, reads little more than 16 MB of it, and gives values as they stand: they may
    hold newlines and control characters, and break off where the file does.
    """
    tags: dict[str, str] = {}
    # A file that was not made here, is damaged, or is no more: it has no tags of ours beyond those that were read.
    with suppress(OSError, ValueError, struct.error), file.open("rb") as source:
        for name, value in _read(source):
            tags[name] = value
    return tags


def _read(source: BinaryIO) -> Iterator[tuple[str, str]]:
    """Tags of an opened file, by what it begins with."""
    head = source.read(12)
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        yield from _riff(source)
    elif head[:4] == b"fLaC":
        source.seek(4)
        yield from _flac(source)
    elif head[:3] == b"ID3":
        source.seek(0)
        yield from _id3(source)
    elif head[:4] == b"OggS":
        source.seek(0)
        packet = second_packet(source, len(OPUS_TAGS) + MOST_BYTES)
        if packet.startswith(OPUS_TAGS):
            yield from _comments(packet[len(OPUS_TAGS) :])


def _riff(source: BinaryIO) -> Iterator[tuple[str, str]]:
    """Tags of the chunks from where the file stands."""
    for _ in range(MOST_BLOCKS):
        name, size = struct.unpack("<4sI", source.read(8).ljust(8, b"\0"))
        following = source.tell() + size + size % 2
        if name == CHUNK and size <= MOST_BYTES:
            yield OWN, source.read(size).decode("utf-8", "replace")
        elif name == b"LIST" and 4 <= size <= MOST_BYTES:
            yield from _info(source.read(size))
        elif not name.strip(b"\0"):
            return
        source.seek(following)


def _info(data: bytes) -> Iterator[tuple[str, str]]:
    """Tags of a LIST chunk of kind INFO."""
    at, names = 4, {identifier: name for name, identifier in INFO.items()}
    while data.startswith(b"INFO") and at + 8 <= len(data):
        identifier, size = struct.unpack_from("<4sI", data, at)
        if identifier in names:
            yield names[identifier], data[at + 8 : at + 8 + size].split(b"\0")[0].decode("utf-8", "replace")
        at += 8 + size + size % 2


def _flac(source: BinaryIO) -> Iterator[tuple[str, str]]:
    """Tags of the first block of Vorbis comments from where the file stands."""
    for _ in range(MOST_BLOCKS):
        kind, size = _block(source.read(4))
        if kind & 0x7F == VORBIS_COMMENT:
            yield from _comments(source.read(size))
        if kind & 0x80 or kind & 0x7F == VORBIS_COMMENT:
            return
        source.seek(size, 1)


def _comments(data: bytes) -> Iterator[tuple[str, str]]:
    """Tags of a block of Vorbis comments, of the names that are ours."""
    at = 4 + struct.unpack_from("<I", data)[0]  # past the vendor's name
    (count,) = struct.unpack_from("<I", data, at)
    at += 4
    for _ in range(min(count, MOST_BLOCKS)):
        (size,) = struct.unpack_from("<I", data, at)
        name, _, value = data[at + 4 : at + 4 + size].decode("utf-8", "replace").partition("=")
        if name.lower() in (*INFO, OWN):
            yield name.lower(), value
        at += 4 + size


def _id3(source: BinaryIO) -> Iterator[tuple[str, str]]:
    """Tags of the frames of ID3, version 2.3 or 2.4, that the file begins with."""
    _, version, flags, length = struct.unpack(">3sBxB4s", source.read(10))
    # Unsynchronised, with an extended header, or of another version: nobody writes those, and they are made otherwise.
    if version not in (3, 4) or flags & 0xC0:
        return
    at, names = 0, {frame: name for name, frame in FRAMES.items()}
    data = source.read(min(_unsynchsafe(length), MOST_BYTES))
    for _ in range(MOST_BLOCKS):
        identifier, field, marks = struct.unpack_from(">4s4sH", data, at)
        size = _unsynchsafe(field) if version == 4 else int.from_bytes(field, "big")
        if (name := names.get(identifier)) and not marks & 0xFF:  # marks: compressed, encrypted and the like
            yield from _frame(name, data[at + 10 : at + 10 + size])
        at += 10 + size


def _frame(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """The tag in a frame, if it is ours."""
    if not data or data[0] >= len(ENCODINGS):
        return
    language = 3 if name == "comment" else 0
    text = data[1 + language :].decode(ENCODINGS[data[0]], "replace")
    if ENCODINGS[data[0]] == "utf-16":
        text = text.replace("\0\ufeff", "\0")  # each string has its own mark of which byte comes first
    what, _, value = text.partition("\0") if name in BEFORE else ("", "", text)
    if what == (OWN if name == OWN else ""):
        yield name, value.split("\0")[0]


def _vorbis_comments(tags: Mapping[str, str]) -> bytes:
    """All tags as FLAC and Opus have them: each with its length, after the name of the program and their count."""
    fields = [f"{name.upper()}=".encode() + _text(value) for name, value in tags.items()]
    vendor, *comments = [struct.pack("<I", len(field)) + field for field in (b"Timbre", *fields)]
    body = vendor + struct.pack("<I", len(fields)) + b"".join(comments)
    _check(tags, len(body))
    return body


def _block(header: bytes) -> tuple[int, int]:
    """Kind (with the flag of the last block) and length of a FLAC block by its four bytes. Raises ValueError."""
    if len(header) < 4:
        raise ValueError("The file ends in a block's header.")
    return header[0], int.from_bytes(header[1:], "big")


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _synchsafe(size: int) -> bytes:
    """A size in ID3: seven bits a byte, so that none of its bytes looks like the start of an MPEG frame."""
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _unsynchsafe(field: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(field, (21, 14, 7, 0), strict=True))


def _text(value: str) -> bytes:
    """UTF-8; without NUL, which ends a text in RIFF and ID3, and with a question mark for halves of characters."""
    return value.replace("\0", "").encode("utf-8", "replace")


def _check(tags: Mapping[str, str], size: int) -> None:
    """Raise ValueError for a name that is not ours or more than a file can hold: mistakes of the caller's."""
    if unknown := set(tags) - {*INFO, OWN}:
        raise ValueError(f"There is no tag named {', '.join(unknown)}.")
    if size > MOST_BYTES:
        raise ValueError(f"Tags of {size} bytes do not fit into a file.")
