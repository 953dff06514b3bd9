"""A clip of any kind -> samples, or one sentence that says why not.

The decoding happens in a child process (`decoder.py`), so that a decoder that crashes, hangs or eats memory takes
nothing with it. This costs 0.15 s a clip, 0.25 where FFmpeg reads it (measured on 2 cores), most of it importing numpy.
Knows the sentences and what sound is fit to be a reference at all; not the formats, nor what is said in it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import subprocess
import sys
import threading
from io import BufferedReader
from pathlib import Path

import numpy as np

from ..errors import BadClip
from ..types import RATE, Samples
from .decoder import CHANNELS, RATES, Refusal

log = logging.getLogger("timbre")

PROGRAM = Path(__file__).with_name("decoder.py")
"""What the child runs."""
TIME_OUT = 90.0
"""Seconds until a child that does not end is killed; it may use 60 of the processor."""
SILENT = 10 ** (-60 / 20)
"""A clip that never gets above -60 dBFS is silent: so much hum a bare microphone input makes."""
KINDS = "WAV, FLAC, MP3, Ogg, M4A, MP4 or WebM"


def decode(
    path: Path,
    *,
    most_bytes: int,
    most_seconds: float,
    least_seconds: float = 0.5,
    as_it_is: bool = False,
    program: Path = PROGRAM,
    time_out: float = TIME_OUT,
) -> Samples:
    """The clip as float32 mono at 24 kHz, without DC, at most 1 in magnitude.

    Takes WAV, AIFF, CAF, FLAC, MP3, Ogg, AAC and AMR files and the sound of MP4, MOV, 3GP, WebM and Matroska, by
    content and whatever their name, of 4 to 384 kHz and 1 to 8 channels, which are averaged. Size is checked before
    anything is read, length before decoding and again during it. `program` decodes, and is killed after `time_out`
    seconds. `as_it_is`: DC and all, so that a file of ours gives the values it was written from. Raises BadClip for
    everything else.
    """
    with _open(path, most_bytes) as file:
        samples, code = _run(program, file, most_seconds, time_out)
    if code:
        log.info("a clip was refused: the decoder ended with %d", code)
        raise BadClip(_sentence(code, most_seconds))
    fit = _fit(samples, least_seconds)
    return samples if as_it_is else fit


def content_hash(path: Path, most_bytes: int = sys.maxsize) -> str:
    """SHA-256 of the file's bytes, in hex. Raises BadClip where it cannot be read, is no file, or too large."""
    with _open(path, most_bytes) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open(path: Path, most_bytes: int) -> BufferedReader:
    """The file, opened once and for all: what was checked is what is read."""
    try:
        file = open(path, "rb", opener=_opener)  # noqa: SIM115  the caller closes it
    except (OSError, ValueError):  # ValueError: a NUL in the name
        raise BadClip("The clip is not there or cannot be read; choose it again.") from None
    status, trouble = os.fstat(file.fileno()), ""
    if not stat.S_ISREG(status.st_mode):
        trouble = "The clip is no file; choose a recording."
    elif not status.st_size:
        trouble = "The clip is an empty file; record or export it again."
    elif status.st_size > most_bytes:
        trouble = f"The clip has {status.st_size / 1e6:.0f} MB and at most {most_bytes / 1e6:g} are taken; use a shorter one, 10 s are enough."  # fmt: skip
    if trouble:
        file.close()
        raise BadClip(trouble)
    return file


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a named pipe would be waited for


def _run(program: Path, file: BufferedReader, most_seconds: float, time_out: float) -> tuple[Samples, int]:
    """What the child decoded, and its exit code. Its environment holds no secret; it finds packages where we do."""
    command = [sys.executable, "-S", "-P", str(program), str(most_seconds)]
    environment = {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
        "OPENBLAS_NUM_THREADS": "1",  # each thread would reserve memory that the child may not have
    }
    most = round((most_seconds + 1) * RATE) * 4
    with subprocess.Popen(
        command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as child:
        assert child.stdout is not None
        alarm = threading.Timer(time_out, child.kill)
        alarm.start()
        try:
            data = child.stdout.read(most)
            child.stdout.close()  # one that has more to say than it may is broken, and breaks on this
            code = child.wait()
        finally:
            child.kill()
            alarm.cancel()
    return np.frombuffer(data[: len(data) // 4 * 4], np.float32), code


def _fit(samples: Samples, least_seconds: float) -> Samples:
    """The same without DC and at most 1 in magnitude. Raises BadClip for too short, silent, or NaN and infinite."""
    seconds = len(samples) / RATE
    if seconds < least_seconds:
        raise BadClip(f"The clip is {seconds:.1f} s long and at least {least_seconds:g} are needed; 6 to 12 are best.")
    if not np.isfinite(samples).all():
        raise BadClip("The clip holds values that are no sound (NaN or infinite); export it again as 16-bit WAV.")
    centred = samples - samples.mean(dtype=np.float64)
    peak = float(np.abs(centred).max())
    if peak < SILENT:
        raise BadClip("The clip is silent; check the microphone, or choose a clip with a voice in it.")
    return np.asarray(centred / max(peak, 1.0), np.float32)


def _sentence(code: int, most_seconds: float) -> str:
    """What a person is told for an exit code of the child."""
    least, most = RATES
    sentences: dict[int, str] = {
        Refusal.UNKNOWN: f"The clip is no sound file that Timbre reads; use {KINDS}.",
        Refusal.SILENT_FILM: "The clip has no sound track; choose one with sound.",
        Refusal.RATE: f"The clip's sampling rate is not between {least} and {most} Hz; export it again at 44100 or 48000.",
        Refusal.CHANNELS: f"The clip has more than {CHANNELS} channels; mix it down to mono or stereo.",
        Refusal.TOO_LONG: f"The clip is longer than {most_seconds:g} s; cut it, 6 to 12 s of one voice are best.",
        Refusal.TRUNCATED: "The clip breaks off before its end; upload or export it again.",
    }
    # A Refusal.DAMAGED, a crash, or a kill by the limits.
    return sentences.get(code, f"The clip is damaged and cannot be decoded; export it again as {KINDS}.")
