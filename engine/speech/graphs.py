"""Work on a GPU that is told once and then done again by one launch: CUDA graphs, kept by the shape of the work.

A step of some hundred kernels takes a processor longer to tell than a GPU to do. Knows tensors; not what the work is.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import ref

from ..recent import Recent

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    Work = Callable[[list[Tensor]], list[Tensor]]
    """Of tensors of certain shapes always the same kernels, whatever is in them, and nothing of them but the result."""
    Record = Callable[[Work, list[Tensor]], Work]
    """The work as it is to be done from now on."""

log = logging.getLogger("timbre")

MOST = 500_000_000
"""Bytes of tensors that are kept: some ten lines of 20 s, or fifty short ones."""
LEAST = 4
"""Times that work is to be done for recording to pay; it takes as long as the work untold, and the GPU waits."""


class Graphs:
    """State: the last work's records by shape, behind a lock."""

    def __init__(self, record: Record, most: int = MOST) -> None:
        self._record, self._most, self._failed = record, most, False
        self._lock = threading.Lock()
        self._kept = self._none()

    def _none(self) -> Recent[Hashable, tuple[Work, int]]:
        """Nothing kept; each will count as its bytes."""
        return Recent(self._most, size=lambda kept: kept[1])

    def __call__(self, shape: Hashable, work: Work, tensors: list[Tensor], times: int) -> list[Tensor]:
        """What the work makes of the tensors; it is to be done so many times, this one included. All work of a shape does
        the same. Raises what the work raises."""
        import torch

        with self._lock:
            way, _ = self._kept.get(shape) or (None, 0)
            try:
                if way is None and times >= LEAST:
                    way = self._recorded(work, tensors)
                    self._kept.put(shape, (way, sum(each.nbytes for each in tensors)))
                return (way or work)(tensors)
            except torch.OutOfMemoryError:  # what is kept is given back before anybody tries again
                self._kept = self._none()
                raise

    def _recorded(self, work: Work, tensors: list[Tensor]) -> Work:
        """As it is, where it cannot be recorded."""
        import torch

        try:
            return self._record(work, tensors)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:  # whatever a driver may refuse
            if not self._failed:
                log.warning("a step could not be recorded as a CUDA graph and goes without: %s", error)
            self._failed = True
            return work


class Recorder:
    """Records work of one GPU on a stream of its own. The records share memory, so that they are replayed one after the
    other only, on one stream. State: whether it has begun, and the last record."""

    def __init__(self, device: str) -> None:
        import torch

        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._begun = False
        self._last: Callable[[], torch.cuda.CUDAGraph | None] = lambda: None
        """The last record while somebody keeps it, whose memory the next one shares: that of none is gone."""

    def __call__(self, work: Work, tensors: list[Tensor]) -> Work:
        """See Record. The first work is done once before, for libraries make themselves ready then."""
        import torch

        graph, inputs, current = torch.cuda.CUDAGraph(), [each.clone() for each in tensors], torch.cuda.current_stream()
        last = self._last()
        pool = last.pool() if last else torch.cuda.graph_pool_handle()
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            if not self._begun:
                work(inputs)
                self._begun = True
            graph.capture_begin(pool, "relaxed")  # kernels may be loaded in it, and other threads use the GPU as well
            try:
                outputs = work(inputs)
            finally:
                graph.capture_end()
        current.wait_stream(self._stream)
        self._last = ref(graph)
        return _Recorded(graph, inputs, outputs, work)


@dataclass(frozen=True, eq=False)
class _Recorded:
    graph: torch.cuda.CUDAGraph
    inputs: list[Tensor]
    outputs: list[Tensor]
    work: Work
    """It holds what else the graph reads."""

    def __call__(self, tensors: list[Tensor]) -> list[Tensor]:
        import torch

        torch._foreach_copy_(self.inputs, tensors)
        self.graph.replay()
        return [each.clone() for each in self.outputs]  # the next one writes there
