"""Sounds kept on disk, so that a long text needs no more memory than a short one. Knows nothing of what is in them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ..types import Samples
from .encode import no_room

WIDTH = np.dtype(np.float32).itemsize


class Tape:
    """Sounds one after another in a file without a name: it is gone when nobody holds it any more, killed or not."""

    def __init__(self, folder: Path) -> None:
        """A new one; `folder` must be there. Raises DiskFull."""
        try:
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as this does
        except OSError as error:
            raise no_room(error) from error
        self._ends = [0]

    @classmethod
    def of(cls, folder: Path, sounds: Iterable[Samples]) -> Tape:
        """One of these sounds. Raises DiskFull."""
        tape = cls(folder)
        for sound in sounds:
            tape.append(sound)
        return tape

    def append(self, samples: Samples) -> None:
        """Put a sound after the last one. Raises DiskFull; what was there is then unharmed."""
        try:
            self._file.seek(self._ends[-1] * WIDTH)
            self._file.write(samples.astype(np.float32).tobytes())
            self._file.flush()
        except OSError as error:
            raise no_room(error) from error
        self._ends.append(self._ends[-1] + len(samples))

    def __len__(self) -> int:
        """How many sounds there are."""
        return len(self._ends) - 1

    def __iter__(self) -> Iterator[Samples]:
        """Each sound, read from the disk where it is looked at; not to be written to."""
        return (self._read(start, end) for start, end in zip(self._ends[:-1], self._ends[1:], strict=True))

    @property
    def size(self) -> int:
        """Samples of all sounds together."""
        return self._ends[-1]

    @property
    def whole(self) -> Samples:
        """All sounds as one."""
        return self._read(0, self.size)

    def _read(self, start: int, end: int) -> Samples:
        if start == end:
            return np.zeros(0, np.float32)
        return np.memmap(self._file, np.float32, "r", start * WIDTH, (end - start,))
