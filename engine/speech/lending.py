"""One model per process: lent with `with`, dropped when idle.

Does not know what a model is read from (engine.speech.loading), nor who asks for which (engine.scheduler).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from ..errors import TimbreError
from ..idle import IdleClock
from ..store import ModelFiles
from ..types import Loading
from .device import Device
from .loading import load
from .memory import free_memory
from .model import Model

log = logging.getLogger("timbre")


class Models:
    """Holds at most one model. State: the model, how far its load is, its borrowers and the timer that drops it, behind one
    lock."""

    def __init__(self, device: Device, idle_seconds: float) -> None:
        self._device = device
        self._lock = threading.RLock()
        self._model: Model | None = None
        self._read: Loading | None = None
        self._borrowers = 0
        self._idle = IdleClock(idle_seconds, self.unload)

    @property
    def loaded(self) -> str:
        """Name of the model in memory, or empty. Never waits for a load."""
        model = self._model
        return model.name if model else ""

    def begin(self, files: ModelFiles) -> None:
        """Begin to load the model beside whatever goes on, where none is in memory. Whoever borrows it meanwhile waits; where
        it fails, whoever borrows it loads it and is told why."""
        if self._model is None:
            threading.Thread(target=self._try, args=(files,), name="model", daemon=True).start()

    def _try(self, files: ModelFiles) -> None:
        with self._lock, suppress(TimbreError):
            if self._model is None:  # still
                with self.borrow(files, lambda read: None):
                    pass

    @contextmanager
    def borrow(self, files: ModelFiles, report: Callable[[Loading], None]) -> Iterator[Model]:
        """Lend the model, loading it first where another or none is in memory; leaving starts the idle clock.

        `report` gets the bytes read, and may raise to stop the load. Raises ModelUnavailable.
        """
        while not self._lock.acquire(timeout=0.25):  # it is loaded beside, or for somebody else
            if self._read:
                report(self._read)  # which may raise
        try:
            self._idle.stop()
            if self._model is None or (self._model.name, self._model.hash) != (files.spec.name, files.hash):
                self._drop()
                self._model = load(files, self._device, partial(self._told, report))
            model = self._model
            self._borrowers += 1
        finally:
            self._lock.release()
        try:
            yield model
        finally:
            with self._lock:
                self._borrowers -= 1
                if not self._borrowers:
                    self._idle.start()

    def _told(self, report: Callable[[Loading], None], read: Loading) -> None:
        self._read = read
        report(read)

    def unload(self) -> None:
        """Drop the model, unless somebody speaks with it."""
        with self._lock:
            if not self._borrowers:
                self._idle.stop()
                self._drop()

    def _drop(self) -> None:
        if self._model is None:
            return
        log.info("model %s unloaded", self._model.name)
        self._model = None
        free_memory()
