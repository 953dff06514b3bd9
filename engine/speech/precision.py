"""Whether a processor keeps what it promises: half precision is used where it is measured to be faster.

Knows matrix products; neither the model, nor how the promise came about (engine.speech.device).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import dtype


def product_seconds(kind: dtype) -> float:
    """The least that a product in F5-TTS' shapes takes, of three after a first; well under half a second even where the
    processor has to emulate it."""
    import torch

    x, weight, best = torch.ones(256, 1024, dtype=kind), torch.ones(1024, 1024, dtype=kind), float("inf")
    with torch.inference_mode():
        torch.nn.functional.linear(x, weight)  # the first compiles the kernel
        for _ in range(3):
            begun = time.perf_counter()
            torch.nn.functional.linear(x, weight)
            best = min(best, time.perf_counter() - begun)
    return best


def kept(promised: dtype, seconds: Callable[[dtype], float] = product_seconds) -> dtype:
    """The promised dtype where its products are faster than fp32's on this processor, else fp32."""
    import torch

    return promised if promised is torch.float32 or seconds(promised) < seconds(torch.float32) else torch.float32
