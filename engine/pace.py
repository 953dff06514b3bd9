"""How long work takes on this machine, from how long it took: seconds for each unit of work, by kind.

State: the last measures of each kind, behind a lock, kept in a file so that a restarted app still knows. It does not
know what the kinds mean, nor how work is counted.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from statistics import median

from .audio.encode import write
from .errors import DiskFull

KEPT = 7
"""Measures of a kind; their median is believed, since another program may have slowed one of them."""


class Pace:
    """Seconds a unit of each kind of work."""

    def __init__(self, file: Path) -> None:
        """`file` need not be there; what cannot be read of it is not known."""
        self._file, self._lock = file, threading.Lock()
        self._measures: dict[str, list[float]] = {}
        with suppress(OSError, ValueError, AttributeError, TypeError):
            self._measures = {str(k): [float(x) for x in v][-KEPT:] for k, v in json.loads(file.read_text()).items()}

    def learn(self, work: Mapping[str, tuple[float, float]]) -> None:
        """Kind -> (seconds it took, units of work it was); kinds without work say nothing."""
        with self._lock:
            for kind, (seconds, units) in work.items():
                if units > 0:
                    self._measures[kind] = [*self._measures.get(kind, []), seconds / units][-KEPT:]
            with suppress(DiskFull):  # it is known until the app ends
                write(self._file, json.dumps(self._measures).encode())

    def expect(self, work: Mapping[str, float]) -> float | None:
        """Seconds the units of each kind will take together; None where one was never measured."""
        with self._lock:
            if any(units > 0 and kind not in self._measures for kind, units in work.items()):
                return None
            return sum(units * median(self._measures[kind]) for kind, units in work.items() if units > 0)
