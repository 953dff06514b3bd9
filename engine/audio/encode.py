"""Samples -> a WAV, FLAC, MP3 or Ogg Opus file, whole or not there at all, with its tags in it. Knows nothing of what they say."""

from __future__ import annotations

import errno
import mmap
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DiskFull
from ..types import RATE, Format, Samples
from .metadata import Pieces, tag_flac, tag_mp3, tag_ogg, tag_wav

BLOCK = 100_000
"""Samples handed to libsndfile at once: some of its encoders crash on millions."""
Tag = Callable[[memoryview, Mapping[str, str]], Pieces]


@dataclass(frozen=True)
class Codec:
    """How libsndfile is asked for a format, and what writes its tags. `compression` is 0 to 1, None where PCM is kept."""

    subtype: str
    tag: Tag
    compression: float | None = None


CODECS: Mapping[Format, Codec] = {
    "wav": Codec("PCM_16", tag_wav),
    "flac": Codec("PCM_16", tag_flac),
    "mp3": Codec("MPEG_LAYER_III", tag_mp3, 0.0),
    "ogg": Codec("OPUS", tag_ogg, (256 - 64) / 250),
}
"""MP3 at LAME's best variable rate (V0), 95 kbit/s on average for speech at 24 kHz, where 160 is all a frame can hold.
Opus at a variable 64 kbit/s (libsndfile counts from 256 down to 6): RFC 6716 section 2.1.1 finds 28 to 40 enough for
speech to the ear, but the watermark is to survive as well.
"""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def encode(samples: Samples, file: Path, format: Format, metadata: Mapping[str, str]) -> None:
    """Write `file`, 24 kHz mono, with `metadata` as `read_metadata` gives it back.

    WAV and FLAC hold 16-bit PCM, MP3 and Opus what their codec keeps of it; players give back as many samples as went in.
    Without dither: made speech has a noise floor of its own, and silence stays silent, small in FLAC and the same at
    every run. Values beyond 1 in magnitude are held there. Raises DiskFull; whatever was at `file` is then unharmed.
    Raises ValueError for no samples (FLAC has no empty files) and for tags that no file can hold.
    """
    if not len(samples):
        raise ValueError("There is no sound to write.")
    codec = CODECS[format]
    write(file, *codec.tag(_encoded(samples, file.parent, format, codec), metadata))


def write(file: Path, *data: bytes | memoryview) -> None:
    """Write `data`, one after another, beside `file`, then rename it. Raises DiskFull."""
    beside = ""
    try:
        handle, beside = tempfile.mkstemp(".part", "", file.parent)
        with open(handle, "wb") as out:
            out.writelines(data)
            out.flush()
            os.fsync(handle)
        os.chmod(beside, 0o644)
        os.replace(beside, file)
    except OSError as error:
        raise no_room(error) from error
    finally:
        if beside and os.path.exists(beside):
            os.unlink(beside)


def no_room(error: OSError) -> DiskFull:
    """What a person is told of a file that could not be written."""
    if error.errno in FULL:
        return DiskFull("The disk is full; free some space and generate again.")
    return DiskFull("Timbre may not write to its workspace; set TIMBRE_WORKSPACE to a folder it may.")


def _encoded(samples: Samples, folder: Path, format: Format, codec: Codec) -> memoryview:
    """The file without tags, in a file without a name: hours are hundreds of MB. Raises DiskFull."""
    import soundfile

    kind = {"subtype": codec.subtype, "format": format.upper(), "compression_level": codec.compression}
    try:
        with tempfile.TemporaryFile(dir=folder) as beside:
            with soundfile.SoundFile(beside.fileno(), "w", RATE, 1, closefd=False, **kind) as out:
                for start in range(0, len(samples), BLOCK):
                    block = np.rint(
                        np.nan_to_num(samples[start : start + BLOCK]) * 32768
                    )  # as it is read: the same bits
                    out.write(np.clip(block, -32768, 32767).astype("<i2"))
            return memoryview(mmap.mmap(beside.fileno(), 0, access=mmap.ACCESS_READ))
    except soundfile.LibsndfileError as error:  # it does not tell what the system said
        raise no_room(OSError(errno.ENOSPC, str(error))) from error
    except OSError as error:
        raise no_room(error) from error
