"""The child process that decodes one clip: file on standard input, fp32 mono at 24 kHz on standard output.

Run as a script, `python decoder.py MOST_SECONDS`; how it went is its exit code, a `Refusal`. Decoders are the part of
Timbre that strangers' bytes reach first, so before it reads any it gives up opening and writing files, and most of its
memory and time. It opens no path itself, and chooses the decoder by the first bytes: file names mean nothing to it, and
playlists, scripts and the like, which make a decoder open other files, are on no list. It does not know who asked.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

RATE = 24_000
"""As `engine.types.RATE`; a test holds them equal. Importing the engine here would cost what this script saves."""
RATES = (4_000, 384_000)
"""Least and most samples a second: below there is no speech, above no microphone."""
CHANNELS = 8
MEMORY = 600_000_000
"""Bytes of address space: three times what any clip was measured to take."""
SECONDS = 60
"""Processor seconds; 15 minutes of speech at 48 kHz take 1 to 5, of 8 channels at 384 kHz 22."""
BLOCK = 65_536
"""Frames decoded at once: memory depends on it and not on what a header claims."""
SLOPPY = 4_096
"""Bytes that a RIFF file may be shorter than it says; some programs do not count exactly."""

CODECS = "aac,aac_latm,alac,amrnb,amrwb,flac,mp3,mp3float,opus,vorbis,pcm_s16le,pcm_s16be,pcm_s24le,pcm_f32le"
"""What sound in a film or a phone's recording is coded with; FFmpeg's other 200 decoders are never reached."""
SOUNDFILE = "soundfile"
SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (8, b"WAVE", SOUNDFILE),
    (8, b"AIFF", SOUNDFILE),
    (8, b"AIFC", SOUNDFILE),
    (0, b"fLaC", SOUNDFILE),
    (0, b"OggS", SOUNDFILE),
    (0, b"ID3", SOUNDFILE),
    (0, b"caff", SOUNDFILE),
    (4, b"ftyp", "mov"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (0, b"#!AMR", "amr"),
)
"""Offset, bytes, and what reads a file that has them there: soundfile, or a demuxer of FFmpeg's."""


class Refusal(IntEnum):
    """Why a clip was not decoded, as exit code; 0 is none, 1 and 2 are Python's own."""

    UNKNOWN = 10
    """Its first bytes are of no format on the list."""
    SILENT_FILM = 11
    """A container without a sound track."""
    RATE = 12
    CHANNELS = 13
    TOO_LONG = 14
    TRUNCATED = 15
    DAMAGED = 16


class Refused(Exception):
    """Carries the Refusal."""


@dataclass
class Sound:
    """An opened clip: what its header says, and its blocks [frames, channels] still to be decoded."""

    rate: int
    channels: int
    seconds: float | None
    """None where the header does not tell, as in what a browser records."""
    blocks: Iterator[NDArray[np.float32]]


def reader(head: bytes) -> str:
    """What reads a file that begins with `head` (12 bytes). Raises Refused(UNKNOWN)."""
    for offset, signature, name in SIGNATURES:
        if head[offset:].startswith(signature):
            return name
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # an MPEG sync word; layer 0 is AAC's ADTS
        return SOUNDFILE if head[1] & 0x06 else "aac"
    raise Refused(Refusal.UNKNOWN)


def check_whole(head: bytes, size: int) -> None:
    """Raise Refused(TRUNCATED) for a RIFF file shorter than it says; libsndfile would pass over that in silence.

    Sizes near the largest are what programs write that record into a pipe, and mean nothing.
    """
    says = int.from_bytes(head[4:8], "little")
    if head.startswith(b"RIFF") and size + SLOPPY < says + 8 < 0x7FFF0000:
        raise Refused(Refusal.TRUNCATED)


def open_soundfile(file: BinaryIO) -> Sound:
    """WAV, AIFF, CAF, FLAC, Ogg (Vorbis, Opus, FLAC) and MP3."""
    import soundfile

    sound = soundfile.SoundFile(file)

    def _blocks() -> Iterator[NDArray[np.float32]]:
        while len(block := sound.read(BLOCK, dtype="float32", always_2d=True)):
            yield block

    # 2**40: libsndfile's figure for "unknown" is near 2**63.
    known = 0 < sound.frames < 2**40
    return Sound(sound.samplerate, sound.channels, sound.frames / sound.samplerate if known else None, _blocks())


def open_av(file: BinaryIO, demuxer: str) -> Sound:
    """The first sound track of an MP4, M4A, MOV, 3GP, WebM, Matroska, AAC or AMR file."""
    import av

    container = av.open(file, format=demuxer, options={"codec_whitelist": CODECS})
    if not container.streams.audio:
        raise Refused(Refusal.SILENT_FILM)
    stream = container.streams.audio[0]
    resampler = av.AudioResampler(format="fltp", rate=stream.rate)  # where a frame's rate is not the header's

    def _blocks() -> Iterator[NDArray[np.float32]]:
        for frame in chain(container.decode(stream), [None]):
            for part in resampler.resample(frame):
                yield part.to_ndarray().T

    length = float(stream.duration * stream.time_base) if stream.duration else None
    if length is None and container.duration and not container.streams.video:  # else it may be the picture's
        length = container.duration / av.time_base
    return Sound(stream.rate, stream.channels, length, _blocks())


def check(sound: Sound, most_seconds: float) -> None:
    """Raise Refused for a rate, number of channels or length outside the limits, by what the header says."""
    if not RATES[0] <= sound.rate <= RATES[1]:
        raise Refused(Refusal.RATE)
    if not 1 <= sound.channels <= CHANNELS:
        raise Refused(Refusal.CHANNELS)
    if sound.seconds is not None and sound.seconds > most_seconds:
        raise Refused(Refusal.TOO_LONG)


def decode(sound: Sound, most_seconds: float) -> Iterator[NDArray[np.float32]]:
    """Blocks of mono at 24 kHz. Raises Refused(TOO_LONG) as soon as more than `most_seconds` came, header or not."""
    import soxr

    resampler = soxr.ResampleStream(sound.rate, RATE, 1, dtype="float32")
    frames = 0
    for block in sound.blocks:
        frames += len(block)
        if frames > most_seconds * sound.rate:
            raise Refused(Refusal.TOO_LONG)
        yield resampler.resample_chunk(np.ascontiguousarray(block.mean(axis=1, dtype=np.float32)))
    yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)
    if sound.seconds is not None and frames / sound.rate < 0.9 * sound.seconds - 0.25:
        raise Refused(Refusal.TRUNCATED)


def give_up_rights() -> None:
    """From here on: no file opened or written, no core dumped, bounded memory and time."""
    for limit, most in (
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
    ):
        with suppress(ValueError):  # macOS refuses a bound on address space
            resource.setrlimit(limit, (most, most))


def import_decoder(name: str) -> None:
    """All that `reader`'s answer needs, while files can still be opened."""
    import soxr  # noqa: F401

    if name == SOUNDFILE:
        import soundfile  # noqa: F401
    else:
        import av.subtitles.stream  # noqa: F401  PyAV imports it when it meets the first container


def main(most_seconds: float) -> None:
    """Decode standard input to standard output. Raises Refused, or whatever a decoder raises over damaged bytes."""
    file, size = sys.stdin.buffer, os.fstat(0).st_size
    head = file.read(12)
    name = reader(head)
    file.seek(0)
    import_decoder(name)
    give_up_rights()
    check_whole(head, size)
    sound = open_soundfile(file) if name == SOUNDFILE else open_av(file, name)
    check(sound, most_seconds)
    for block in decode(sound, most_seconds):
        sys.stdout.buffer.write(block.tobytes())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main(float(sys.argv[1]))
        code = 0
    except Refused as refused:
        code = int(refused.args[0])
    except Exception:  # whatever it was, the clip cannot be read, and its words are not for a person
        code = Refusal.DAMAGED
    os._exit(code)  # no clean-up: a decoder fed on damaged bytes may crash in it
