"""Packets in the pages of an Ogg stream: read one, or put another in its place. Knows nothing of what they hold.

https://www.rfc-editor.org/rfc/rfc3533#section-6
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

HEADER = struct.Struct("<4sBBqIIIB")
"""Of a page: OggS, version, flags, position, stream, number, checksum, count of segments."""
CONTINUED = 1
"""Flag of a page that begins inside a packet."""
UNFINISHED = -1
"""Position of a page on which no packet ends."""
SEGMENT = 255
"""Bytes of a full segment, and segments of a full page; a shorter segment ends its packet."""
STREAM = 0x54494D42
"""Number of a stream that is written here. Always the same, so that the same sound makes the same file."""
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True)
class Page:
    """One page: its flags, its position in samples, the lengths of its segments, and their bytes."""

    flags: int
    position: int
    lacing: bytes
    body: bytes

    def packed(self, number: int) -> bytes:
        """The page as it stands in a file, as page `number` of the stream."""
        head = (b"OggS", 0, self.flags, self.position, STREAM, number)
        rest = self.lacing + self.body
        blank = HEADER.pack(*head, 0, len(self.lacing)) + rest
        return HEADER.pack(*head, checksum(blank), len(self.lacing)) + rest


def checksum(data: bytes) -> int:
    """CRC-32 as Ogg has it: zlib's polynomial, the other way round, from zero and not inverted."""
    mirrored = zlib.crc32(data.translate(REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)


def pages(source: BinaryIO) -> Iterator[Page]:
    """The pages from where the file stands to where they end; one cut short is the last."""
    while len(head := source.read(HEADER.size)) == HEADER.size and head.startswith(b"OggS"):
        _, _, flags, position, _, _, _, count = HEADER.unpack(head)
        lacing = source.read(count)
        yield Page(flags, position, lacing, source.read(sum(lacing)))


def second_packet(source: BinaryIO, most_bytes: int) -> bytes:
    """The packet after the first page, which holds the first packet alone: where Opus and Vorbis have their comments.

    Of one that breaks off, or is longer than `most_bytes`, as much as there is.
    """
    packet = bytearray()
    for number, page in enumerate(pages(source)):
        ends = [place for place, size in enumerate(page.lacing) if size < SEGMENT]
        if number:
            packet += page.body[: sum(page.lacing[: ends[0] + 1])] if ends else page.body
            if ends or not page.body or len(packet) > most_bytes:
                break
    return bytes(packet[:most_bytes])


def replace_second_packet(file: bytes | memoryview, packet: bytes) -> bytes:
    """The file, of one stream, with another second packet; it is on pages of its own before and after.

    https://www.rfc-editor.org/rfc/rfc7845#section-3
    """
    first, *others = pages(io.BytesIO(file))
    end = next(place for place, page in enumerate(others) if page.position != UNFINISHED)
    stream = [first, *_paged(packet), *others[end + 1 :]]
    return b"".join(page.packed(number) for number, page in enumerate(stream))


def _paged(packet: bytes) -> Iterator[Page]:
    """A header's packet on pages of its own."""
    whole, rest = divmod(len(packet), SEGMENT)
    lacing = bytes([SEGMENT] * whole + [rest])
    for at in range(0, len(lacing), SEGMENT):
        body = packet[at * SEGMENT : (at + SEGMENT) * SEGMENT]
        ends = at + SEGMENT >= len(lacing)
        yield Page(CONTINUED if at else 0, 0 if ends else UNFINISHED, lacing[at : at + SEGMENT], body)
