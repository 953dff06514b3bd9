"""Flow matching: noise to mel in `nfe` Euler steps, one chunk or a batch of them, and others' batches along with it.

Times and states are fp32 whatever the model's dtype, and a chunk's noise is its own. Knows tensors; not the network that
tells the velocity, nor what is said, by whom, or in which order chunks come.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from .network import BANDS

if TYPE_CHECKING:
    from torch import Tensor

    from .model import Model
    from .network import Utterance

log = logging.getLogger("timbre")


class Tick(NamedTuple):
    """A step of a batch is done."""

    step: int
    """Which, from 1."""
    along: float = 0.0
    """Seconds it took where another batch's call took it along."""


class Sampler(Protocol):
    """Noise to mel, a model call at a time."""

    def sample(
        self, model: Model, batch: Sequence[Utterance], times: Tensor, cfg_strength: float
    ) -> Generator[Tick, None, list[Tensor]]:
        """Yield after each step, which is one model call at most; return a mel [frames, 100] for each utterance.

        `times` is fp32 [steps + 1] from 0 to 1. Frames that are known come back as they were given.
        """
        ...


EPSS = {
    5: (0, 2, 4, 8, 16, 32),
    6: (0, 2, 4, 6, 8, 16, 32),
    7: (0, 2, 4, 6, 8, 16, 24, 32),
    10: (0, 2, 4, 6, 8, 12, 16, 20, 24, 28, 32),
    12: (0, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32),
    16: (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32),
}
"""Empirically pruned steps (arXiv:2505.19931), as in the package: which of 32 times are kept for a count of steps."""


def time_grid(nfe: int, sway_sampling: float) -> Tensor:
    """Times of the flow, fp32 [nfe + 1] on the CPU from 0 to 1.

    Empirically pruned steps where there is a schedule for this count, else uniform; then sway sampling,
    t + s (cos(pi t / 2) - 1 + t) (F5-TTS, arXiv:2410.06885, section 3.3). Always fp32: in half precision neighbouring
    times fall together.
    """
    import torch

    t = torch.tensor(EPSS[nfe]) / 32 if nfe in EPSS else torch.linspace(0, 1, nfe + 1)
    swayed: Tensor = t + sway_sampling * (torch.cos(torch.pi / 2 * t) - 1 + t)
    return swayed


def draw_noise(frames: int, seed: int, chunk: int | str) -> Tensor:
    """Standard normal fp32 [frames, 100] on the CPU, the same for the same seed and chunk (number or key) everywhere."""
    import torch

    key = int.from_bytes(hashlib.sha256(f"{seed}/{chunk}".encode()).digest()[:8]) >> 1
    return torch.randn(frames, BANDS, generator=torch.Generator().manual_seed(key))


@dataclass(eq=False)
class _Run:
    """A batch on its way. Its states change in place, a step at a time."""

    model: Model
    prepared: list[Any]
    states: list[Tensor]
    steps: list[float]
    """How far each goes in time."""
    frames: int
    done: int = 0
    told: int = 0
    """Steps whose Tick was yielded; at most one more is done."""
    took: float = 0.0
    """Seconds of the last one."""
    alone: bool = False
    """The memory did not hold others beside it."""

    @property
    def waits(self) -> bool:
        """Its next step may be made in another's call."""
        return self.done == self.told < len(self.steps) and not self.alone


class EulerSampler:
    """The sampler used: Euler steps with classifier-free guidance.

    Batches that are sampled at the same time on one model go together as far as the model has room: the call that one
    makes takes along the next step of others that wait for theirs, the shortest first. State: these batches, behind a
    lock.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []
        self._lock = threading.RLock()

    def sample(
        self, model: Model, batch: Sequence[Utterance], times: Tensor, cfg_strength: float
    ) -> Generator[Tick, None, list[Tensor]]:
        """See Sampler."""
        import torch

        with torch.inference_mode():
            prepared = [model.transformer.prepare(utterance, times, cfg_strength) for utterance in batch]
            states = [u.noise.to(model.device, torch.float32, copy=True) for u in batch]
        run = _Run(model, prepared, states, times.diff().tolist(), sum(u.frames for u in batch))
        self._runs.append(run)
        try:
            while run.told < len(run.steps):
                with self._lock:
                    if own := run.done == run.told:
                        self._step(run)
                    run.told += 1
                yield Tick(run.told, 0.0 if own else run.took)
        finally:
            self._runs.remove(run)
        with torch.inference_mode():
            for mel, utterance in zip(states, batch, strict=True):
                for start, given in utterance.known:
                    mel[start : start + len(given)] = given
        return states

    def _step(self, first: _Run) -> None:
        """One model call for this batch and those it takes along."""
        import torch

        along = [] if first.alone else self._along(first)
        try:
            return _advance(sorted([first, *along], key=lambda run: run.frames))  # the same company is the same shape
        except torch.OutOfMemoryError as error:
            if not along:
                raise
            log.warning("%s with %d batches on %s: %s", first.model.name, 1 + len(along), first.model.device, error)
        first.alone = True  # only now: the error's traceback held on to what was made
        return _advance([first])

    def _along(self, first: _Run) -> list[_Run]:
        """Those that wait for their next step, as many as there is room for."""
        waiting = [run for run in self._runs if run is not first and run.model is first.model and run.waits]
        room, found = first.model.room() - first.frames if waiting else 0, list[_Run]()
        for run in sorted(waiting, key=lambda run: run.frames):
            if (room := room - run.frames) < 0:
                break
            found.append(run)
        return found


def _advance(runs: Sequence[_Run]) -> None:
    """The next step of each, in one model call; where it fails all are as they were."""
    import torch

    begun, owners = time.monotonic(), [run for run in runs for _ in run.states]
    prepared = [one for run in runs for one in run.prepared]
    states = [state for run in runs for state in run.states]
    with torch.inference_mode():
        velocities = runs[0].model.transformer.velocities(prepared, states, [run.done for run in owners])
        for run, state, velocity in zip(owners, states, velocities, strict=True):
            state.add_(velocity, alpha=run.steps[run.done])
    for run in runs:
        run.done, run.took = run.done + 1, time.monotonic() - begun
