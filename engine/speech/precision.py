"""What a processor is quickest at, measured: what it promises, and what serves another, may be slow on it.

Knows products and clocks; neither the model, nor how the promise came about (engine.speech.device).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import dtype


def least_seconds(work: Callable[[], object]) -> float:
    """The least that the work takes, of three times after a first, which compiles what it needs."""
    import torch

    def once() -> float:
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    with torch.inference_mode():
        return min([once() for _ in range(4)][1:])


def product_seconds(kind: dtype) -> float:
    """What a product in F5-TTS' shapes takes; well under half a second even where the processor has to emulate it."""
    import torch

    x, weight = torch.ones(256, 1024, dtype=kind), torch.ones(1024, 1024, dtype=kind)
    return least_seconds(partial(torch.nn.functional.linear, x, weight))


def kept(promised: dtype, seconds: Callable[[dtype], float] = product_seconds) -> dtype:
    """The promised dtype where its products are faster than fp32's on this processor, else fp32."""
    import torch

    return promised if promised is torch.float32 or seconds(promised) < seconds(torch.float32) else torch.float32
