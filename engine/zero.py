"""ZeroGPU: a Space has no GPU of its own, one is lent for a call. The one module that knows the package `spaces`.

The call runs in a process forked off: what it is given and what it tells is pickled, what it changes does not come back.
So the model is loaded there, where a GPU really is, and is there again as long as that process is kept. Whose turn it is
and how much a visitor may have is ZeroGPU's affair; it knows him by the thread that calls, so the scheduler's cannot.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any

from .errors import TimbreError, Unavailable
from .speech import Gpu, Machine, Model, Models, Sampler
from .store import ModelFiles
from .types import Event, Loading, Stage

log = logging.getLogger("timbre")

MACHINE = Machine(gpus=(Gpu("ZeroGPU", (9, 0)),), build="cuda", wanted_threads=1)
"""What is lent (an H200). The driver is not asked: CUDA that was begun here would fail in the forked process. One thread:
OpenMP's do not come along, and waiting for them would never end."""
LOADING, CALL = 20.0, 0.1
"""Seconds that are asked for to load a model and for each call of it; reckoned, with room, from its 2.7 TFLOP."""


def spaces_here() -> Any:
    """The package, where this is a Space on ZeroGPU; else None. It must be imported before anything begins CUDA."""
    if os.environ.get("SPACES_ZERO_GPU", "").lower() not in ("1", "t", "true"):
        return None
    import spaces  # type: ignore[import-not-found]  # every Gradio Space has it

    return spaces


class ZeroGpu:
    """Makes with a model on a lent GPU what else the scheduler has made on this machine's. No state here."""

    def __init__(self, spaces: Any, models: Models, sampler: Sampler) -> None:
        """Made before the page is launched: ZeroGPU wants to know then what will ask for a GPU."""

        def lent(
            stage: Stage, make: Callable[[Model, Sampler], Iterator[Event]], calls: int, files: ModelFiles
        ) -> Iterator[Event | TimbreError]:
            try:
                with models.borrow(files, lambda loading: None) as model:
                    yield stage
                    yield from make(model, sampler)
            except TimbreError as error:
                yield error  # of one that is raised only its class's name comes back

        self._lent = spaces.GPU(lent, duration=lambda stage, make, calls, files: LOADING + CALL * calls)

    def run(
        self, stage: Stage, make: Callable[[Model, Sampler], Iterator[Event]], calls: int, files: ModelFiles
    ) -> Generator[Event, None, None]:
        """Loading; the stage, once a GPU is lent and the model on it; then what is made, an event after each of at most
        so many `calls` of the model. Closing it ends the work after the call in progress. Raises what the making raises,
        and Unavailable where no GPU is lent, or is taken away."""
        yield Loading(files.spec.title, 0, files.checkpoint.stat().st_size)
        try:
            with closing(self._lent(stage, make, calls, files)) as events:
                for event in events:
                    if isinstance(event, TimbreError):
                        raise event
                    yield event
        except TimbreError:
            raise
        except Exception as error:  # whatever the package and its service say, gradio's own error among them
            log.warning("ZeroGPU", exc_info=error)
            why = str(getattr(error, "message", "")).strip(" .") or type(error).__name__
            raise Unavailable(f"ZeroGPU did not make this ({why}); try again later, or with a shorter text.") from error
