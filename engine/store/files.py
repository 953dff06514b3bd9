"""Finding, reading and writing big files: none can be taken for whole before it is, and how far it is can be told.

Knows nothing of where the bytes come from.
"""

from __future__ import annotations

import errno
import shutil
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DiskFull
from ..types import Loading

if TYPE_CHECKING:
    from hashlib import _Hash

    from filelock import BaseFileLock

SPARE = 64_000_000
"""Bytes that stay free when a download is done; a disk filled to the brim stops more than Timbre."""
INTERVAL = 0.2
"""Seconds between two reports."""
REPORTS = 25
"""How many reports a rate is taken over: five seconds, so that it is steady and still follows the line."""


def write(path: Path, pieces: Iterable[bytes], digest: _Hash) -> Generator[int, None, str]:
    """Add `pieces` to `path` and to `digest`, yield the length of each, return the digest.

    A piece is hashed while the next one comes. Nothing waits for the disk: it is slower than the line on many a machine,
    and what a power cut spoils is told when it is loaded.
    """
    with path.open("ab") as file, ThreadPoolExecutor(1, "hash") as beside:
        hashing: Future[object] = beside.submit(object)
        for piece in pieces:
            file.write(piece)
            hashing.result()
            hashing = beside.submit(digest.update, piece)
            yield len(piece)
        hashing.result()
    return digest.hexdigest()


def read(path: Path) -> Iterator[bytes]:
    """The file's bytes, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


def report(what: str, lengths: Iterable[int], of: int, done: int = 0) -> Generator[Loading, None, None]:
    """Loading from the lengths of what was written beyond `done`: the first and the last always, others `INTERVAL`
    apart and with their rate."""
    seen = deque([(time.monotonic(), done)], maxlen=REPORTS)
    yield Loading(what, done, of)
    for length in lengths:
        done += length
        now, (since, before) = time.monotonic(), seen[0]
        if now - seen[-1][0] >= INTERVAL:
            yield Loading(what, min(done, of), of, max(0.0, (done - before) / (now - since)))
            seen.append((now, done))
    yield Loading(what, of, of)


def acquire(lock: BaseFileLock) -> Iterator[None]:
    """Take a lock that another process may hold, yielding four times a second meanwhile."""
    from filelock import Timeout

    while True:
        try:
            lock.acquire(timeout=0.25)
            return
        except Timeout:
            yield


def free_bytes(folder: Path) -> int:
    """Bytes free where `folder` is or will be."""
    return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free


def require_room(what: str, folder: Path, size: int) -> None:
    """Raise DiskFull where `size` bytes and some to spare do not fit where `folder` is or will be."""
    free = free_bytes(folder)
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
