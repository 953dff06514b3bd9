"""Weights on this machine, laid out as the hub's own tools lay them (blobs/<etag>, linked from snapshots/<commit>): what
other programs downloaded is found, and what Timbre downloads they find.

A file gets its name only when it is whole and its hash is right. What came of one that was broken off, by a failure, a
person or a kill, stays beside its place, and the next download of it goes on from there; of several processes or threads
that want the same file, one downloads it. Knows nothing of models, nor where the bytes come from: a `Source` does.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..errors import DiskFull
from ..types import Loading
from .files import SPARE, acquire, disk_full, free_bytes, read, report, require_room, write

if TYPE_CHECKING:
    from hashlib import _Hash


@dataclass(frozen=True)
class HubFiles:
    """Files that are wanted together from one repository."""

    repo: str
    """owner/name."""
    names: tuple[str, ...]
    bytes: int
    """About how much they weigh together."""
    optional: tuple[str, ...] = ()
    """Taken where the repository has them."""

    @property
    def both(self) -> tuple[str, ...]:
        """Those that may be missing first, the big ones last."""
        return (*self.optional, *self.names)


@dataclass(frozen=True)
class RemoteFile:
    """One file as a source describes it."""

    repo: str
    name: str
    commit: str
    """40 hexadecimal digits."""
    etag: str
    """Its SHA-256, or git's hash of it where it is small; what other hubs than Hugging Face's say may be neither."""
    size: int

    @property
    def checkable(self) -> bool:
        """Its etag is a hash."""
        return bool(re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", self.etag))

    def digest(self) -> _Hash:
        """A hash of no bytes yet, of the kind its etag is."""
        if len(self.etag) == 64:
            return hashlib.sha256()
        return hashlib.sha1(f"blob {self.size}\0".encode(), usedforsecurity=False)


class SourceFailed(Exception):
    """A source cannot give what was asked; the message says why and what to do: "why; cure", no full stop."""


class Damaged(SourceFailed):
    """What arrived is not what was announced."""

    def __init__(self) -> None:
        super().__init__("it arrived incomplete or damaged; try again")


class Source(Protocol):
    """Where files come from."""

    def describe(self, files: HubFiles) -> list[RemoteFile]:
        """What it has of `files`, the big ones last; empty where it has not all that are wanted. Raises SourceFailed."""
        ...

    def pieces(self, file: RemoteFile, start: int) -> Iterator[bytes]:
        """The file's bytes from `start` on; empty pieces where it waits. Raises SourceFailed."""
        ...


class Cache:
    """Folders of the hub's layout. No state but the files themselves.

    `first` defaults to what HF_HOME says; a download goes to the roomiest of it and `others`.
    """

    def __init__(self, first: Path | None = None, others: tuple[Path, ...] = ()) -> None:
        self._first, self._others = first, others

    @property
    def places(self) -> tuple[Path, ...]:
        """All folders, in the order they are looked in."""
        from huggingface_hub.constants import HF_HUB_CACHE

        return (self._first or Path(HF_HUB_CACHE), *self._others)

    def find(self, files: HubFiles) -> Path | None:
        """The folder that holds all of `files`, laid out as the repository; None where one is missing.

        The newest commit where there are several: a file that was downloaded once is found whatever else came later.
        """
        for place in self.places:
            main = _read(_folder(place, files.repo) / "refs" / "main")
            snapshots = list((_folder(place, files.repo) / "snapshots").glob("*"))
            snapshots.sort(key=lambda folder: (folder.name == main, folder.stat().st_mtime), reverse=True)
            for folder in snapshots:
                if all((folder / name).is_file() for name in files.names):
                    return folder
        return None

    def fetch(self, what: str, wanted: Iterable[HubFiles], source: Source) -> Generator[Loading, None, None]:
        """Bring what `source` has of `wanted` and is not here, yielding bytes over all files. Closing the generator ends it.

        Raises SourceFailed, and DiskFull before anything is downloaded or when the disk fills up later.
        """
        files = [file for each in wanted if self.find(each) is None for file in source.describe(each)]
        place = self._roomiest(files)
        try:
            new = [file for file in files if not _blob(place, file).is_file()]
            require_room(what, place, _lacking(place, new))
            size = sum(file.size for file in new)
            if new:
                lengths = (length for file in new for length in _save(place, file, source))
                yield from report(what, lengths, size, size - _lacking(place, new))
            for file in files:
                _link(place, file)
        except OSError as error:
            if disk_full(error):
                raise DiskFull(
                    f"The disk filled up while {what} was downloaded; make room in {place} and try again."
                ) from error
            raise SourceFailed(f"{place} cannot be written; set HF_HOME to a folder that can") from error

    def _roomiest(self, files: list[RemoteFile]) -> Path:
        """The place with most room once `files` are there, the first of equals; what is there already counts."""
        return max(self.places, key=lambda place: (free_bytes(place) - _lacking(place, files)) // SPARE)


def _save(place: Path, file: RemoteFile, source: Source) -> Iterator[int]:
    """Download one blob beside its place, yield the length of each piece; rename it when it is whole."""
    from filelock import FileLock

    blob, told = _blob(place, file), _have(place, file)
    blob.parent.mkdir(parents=True, exist_ok=True)
    # The hub's own tools take the same lock. A generator may be resumed by another thread.
    lock = FileLock(place / ".locks" / blob.parent.parent.name / f"{file.etag}.lock", mode=0o664, thread_local=False)
    for _ in acquire(lock):
        yield (now := _have(place, file)) - told
        told = now
    try:
        yield _have(place, file) - told
        if not blob.is_file():
            yield from _complete(_part(blob), file, source)
            os.replace(_part(blob), blob)
    finally:
        lock.release()


def _complete(part: Path, file: RemoteFile, source: Source) -> Iterator[int]:
    """Download what `part` lacks of the file and check it; one that is wrong, or for which there is no room, goes."""
    digest, start = file.digest(), 0
    try:
        if part.is_file():
            start = part.stat().st_size
            for piece in read(part):
                digest.update(piece)
                yield 0
        pieces = _at_most(file.size - start, source.pieces(file, start))
        hashed = yield from write(part, pieces, digest)
        # Without a hash to compare with, the size must do.
        if part.stat().st_size != file.size or (file.checkable and hashed != file.etag):
            raise Damaged
    except (Damaged, OSError) as error:
        if isinstance(error, Damaged) or disk_full(error):
            part.unlink(missing_ok=True)
        raise


def _at_most(size: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces; more than announced are damage."""
    for piece in pieces:
        size -= len(piece)
        if size < 0:
            raise Damaged
        yield piece


def _folder(place: Path, repo: str) -> Path:
    from huggingface_hub.file_download import repo_folder_name

    return place / repo_folder_name(repo_id=repo, repo_type="model")


def _blob(place: Path, file: RemoteFile) -> Path:
    return _folder(place, file.repo) / "blobs" / file.etag


def _part(blob: Path) -> Path:
    """Where a blob lies until it is whole."""
    return blob.with_name(f"{blob.name}.timbre.incomplete")


def _have(place: Path, file: RemoteFile) -> int:
    """Bytes of the file that are here already."""
    blob = _blob(place, file)
    for path in (blob, _part(blob)):
        try:
            return path.stat().st_size
        except OSError:
            continue
    return 0


def _lacking(place: Path, files: list[RemoteFile]) -> int:
    """Bytes of `files` that are still to come."""
    return sum(max(0, file.size - _have(place, file)) for file in files)


def _link(place: Path, file: RemoteFile) -> None:
    """Give a whole blob its name in its commit's snapshot, and have that commit found."""
    from huggingface_hub.file_download import _cache_commit_hash_for_specific_revision, _create_symlink

    repo = _folder(place, file.repo)
    pointer = repo / "snapshots" / file.commit / file.name
    pointer.parent.mkdir(parents=True, exist_ok=True)
    if not pointer.is_file():
        _create_symlink(str(_blob(place, file)), str(pointer))
    _cache_commit_hash_for_specific_revision(str(repo), "main", file.commit)


def _read(path: Path) -> str:
    """A small file's text; blank where it is not there."""
    try:
        return path.read_text()
    except OSError:
        return ""
