"""Samples -> a WAV or FLAC file, whole or not there at all, with its tags in it. Knows nothing of what they say."""

from __future__ import annotations

import errno
import io
import os
import tempfile
import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import DiskFull
from ..types import RATE, Format, Samples
from .metadata import tag_flac, tag_wav

BLOCK = 100_000
"""Samples handed to libsndfile at once: some of its encoders crash on millions."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def encode(samples: Samples, file: Path, format: Format, metadata: Mapping[str, str]) -> None:
    """Write `file`, 24 kHz mono 16-bit PCM, with `metadata` as `read_metadata` gives it back.

    Without dither: made speech has a noise floor of its own, and silence stays silent, small in FLAC and the same at
    every run. Values beyond 1 in magnitude are held there. Raises DiskFull; whatever was at `file` is then unharmed.
    Raises ValueError for no samples (FLAC has no empty files) and for tags that no file can hold.
    """
    if not len(samples):
        raise ValueError("There is no sound to write.")
    pcm = np.rint(np.clip(np.nan_to_num(samples), -1, 1) * 32767).astype("<i2")
    write(file, tag_wav(_wav(pcm), metadata) if format == "wav" else tag_flac(_flac(pcm), metadata))


def write(file: Path, data: bytes) -> None:
    """Write `data` beside `file`, then rename it. Raises DiskFull."""
    beside = ""
    try:
        handle, beside = tempfile.mkstemp(".part", "", file.parent)
        with open(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(handle)
        os.chmod(beside, 0o644)
        os.replace(beside, file)
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull("The disk is full; free some space and generate again.") from error
        raise DiskFull("Timbre may not write to its workspace; set TIMBRE_WORKSPACE to a folder it may.") from error
    finally:
        if beside and os.path.exists(beside):
            os.unlink(beside)


def _wav(pcm: NDArray[np.int16]) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(pcm.tobytes())
    return buffer.getvalue()


def _flac(pcm: NDArray[np.int16]) -> bytes:
    import soundfile

    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", RATE, 1, "PCM_16", format="FLAC") as out:
        for start in range(0, len(pcm), BLOCK):
            out.write(pcm[start : start + BLOCK])
    return buffer.getvalue()
