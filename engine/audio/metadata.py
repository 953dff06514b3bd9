"""Tags in WAV and FLAC files: written into their bytes, and read back from any file, however hostile.

Title, artist and comment are standard ones that players show; `timbre` holds what a take was made of, as text that may
be long: in WAV a chunk of our own, in FLAC a Vorbis comment. Knows nothing of what is in them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

INFO = {"title": b"INAM", "artist": b"IART", "comment": b"ICMT"}
"""Standard tags and their names in a RIFF INFO list."""
OWN = "timbre"
CHUNK = b"tmbr"
"""Our RIFF chunk: OWN's text. Lower case, as RIFF wants of chunks that are not registered."""
MOST_BYTES = (1 << 24) - 1
"""Of all tags together; a block of a FLAC file cannot hold more."""
MOST_BLOCKS = 1000
"""Chunks or blocks looked at in a file, so that one of nothing but headers is soon given up."""
VORBIS_COMMENT = 4
"""Type of the block that holds them in FLAC."""


def tag_wav(file: bytes, tags: Mapping[str, str]) -> bytes:
    """The RIFF file with the tags after its sound, where every player passes over what it does not know."""
    info = b"".join(_chunk(INFO[name], _text(tags[name]) + b"\0") for name in INFO if tags.get(name))
    own = _chunk(CHUNK, _text(tags[OWN])) if OWN in tags else b""
    chunks = (_chunk(b"LIST", b"INFO" + info) if info else b"") + own
    _check(tags, len(chunks))
    return file[:4] + struct.pack("<I", len(file) - 8 + len(chunks)) + file[8:] + chunks


def tag_flac(file: bytes, tags: Mapping[str, str]) -> bytes:
    """The FLAC file with the tags as its one block of Vorbis comments.

    https://www.rfc-editor.org/rfc/rfc9639#section-8.6
    """
    fields = [f"{name.upper()}=".encode() + _text(value) for name, value in tags.items()]
    comments = [struct.pack("<I", len(field)) + field for field in (b"Timbre", *fields)]
    body = comments[0] + struct.pack("<I", len(fields)) + b"".join(comments[1:])
    _check(tags, len(body))
    blocks, end = [], 4
    while end < len(file):
        start, (kind, size) = end, _block(file[end : end + 4])
        end = start + 4 + size
        if kind & 0x7F != VORBIS_COMMENT:
            blocks.append(bytes([kind & 0x7F]) + file[start + 1 : end])
        if kind & 0x80:
            break
    last = bytes([0x80 | VORBIS_COMMENT]) + len(body).to_bytes(3, "big") + body
    return file[:4] + b"".join(blocks) + last + file[end:]


def read_metadata(file: Path) -> dict[str, str]:
    """The tags of a WAV or FLAC file by name, of those `encode` writes; empty where there are none or it is neither.

    Never raises over what is in the file, reads at most 16 MB of it, and gives values as they stand: they may hold
    newlines and control characters.
    """
    try:
        with file.open("rb") as source:
            head = source.read(12)
            if head[:4] == b"RIFF" and head[8:] == b"WAVE":
                return dict(_riff(source))
            if head[:4] == b"fLaC":
                source.seek(4)
                return dict(_vorbis(source))
    except (OSError, ValueError, struct.error):
        pass  # a file that was not made here, or is no more: it has no tags of ours
    return {}


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


def _vorbis(source: BinaryIO) -> Iterator[tuple[str, str]]:
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


def _block(header: bytes) -> tuple[int, int]:
    """Kind (with the flag of the last block) and length of a FLAC block by its four bytes. Raises ValueError."""
    if len(header) < 4:
        raise ValueError("The file ends in a block's header.")
    return header[0], int.from_bytes(header[1:], "big")


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _text(value: str) -> bytes:
    """UTF-8; without NUL, which ends a text in RIFF, and with a question mark for halves of characters."""
    return value.replace("\0", "").encode("utf-8", "replace")


def _check(tags: Mapping[str, str], size: int) -> None:
    """Raise ValueError for a name that is not ours or more than a file can hold: mistakes of the caller's."""
    if unknown := set(tags) - {*INFO, OWN}:
        raise ValueError(f"There is no tag named {', '.join(unknown)}.")
    if size > MOST_BYTES:
        raise ValueError(f"Tags of {size} bytes do not fit into a file.")
