"""Finding, reading and writing big files: none can be taken for whole before it is, and how far it is can be told.

Knows nothing of where the bytes come from.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Generator, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from ..errors import DiskFull
from ..types import Loading

SPARE = 64_000_000
"""Bytes that stay free when a download is done; a disk filled to the brim stops more than Timbre."""
INTERVAL = 0.2
"""Seconds between two reports."""


def write(path: Path, pieces: Iterable[bytes]) -> Generator[int, None, str]:
    """Write `pieces` to `path`, yield the length of each, return the SHA-256 of all; on disk when it returns."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            yield len(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def read(path: Path) -> Iterator[bytes]:
    """The file's bytes, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


def report(what: str, lengths: Iterable[int], of: int) -> Generator[Loading, None, None]:
    """Loading from the lengths of what was written: the first and the last always, others `INTERVAL` apart."""
    done, last = 0, time.monotonic()
    yield Loading(what, 0, of)
    for length in lengths:
        done += length
        if time.monotonic() - last >= INTERVAL:
            yield Loading(what, min(done, of), of)
            last = time.monotonic()
    yield Loading(what, of, of)


def require_room(what: str, folder: Path, size: int) -> None:
    """Raise DiskFull where `size` bytes and some to spare do not fit where `folder` is or will be."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < size + SPARE:
        raise DiskFull(
            f"{what} takes {megabytes(size)} of disk, but only {megabytes(free)} are free in {folder}; "
            "make room there and try again."
        )


def package_folder(name: str) -> Path | None:
    """Where an installed package lies, found without importing it; None where it is not installed."""
    spec = find_spec(name)
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) if folders else None


def disk_full(error: OSError) -> bool:
    """The system says that nothing more can be written, for want of room or of the user's share of it."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def megabytes(size: int) -> str:
    """A size as people read it."""
    return f"{size / 1e9:,.2f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"
