"""A device's memory: how much is free, and what to do where it gives out: free what can be, try once more with less at
a time, then say so."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from ..errors import ModelUnavailable
from .model import Model
from .network import Utterance
from .sampler import Sampler, Tick

if TYPE_CHECKING:
    from torch import Tensor

log = logging.getLogger("timbre")


def free_memory() -> None:
    """Give back what nobody refers to any more."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def free_bytes(device: str) -> int:
    """Memory that a CUDA or ROCm device has for more, what PyTorch keeps for use again counted in; 0 of others."""
    import torch

    if not device.startswith("cuda"):
        return 0
    free: int = torch.cuda.mem_get_info(device)[0]
    return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)


class ThriftySampler:
    """Samples by another sampler; a batch that the memory does not hold once more, in halves."""

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler

    def sample(
        self, model: Model, batch: Sequence[Utterance], times: Tensor, cfg_strength: float
    ) -> Generator[Tick, None, list[Tensor]]:
        """See Sampler; steps are counted from 1 again where it begins again. Raises ModelUnavailable."""
        import torch

        middle, mels = (len(batch) + 1) // 2, list[torch.Tensor]()
        for parts in ([batch], [batch[:middle], batch[middle:]]):
            mels.clear()
            try:
                for part in filter(len, parts):
                    mels += yield from self._sampler.sample(model, part, times, cfg_strength)
                return mels
            except torch.OutOfMemoryError as error:
                log.warning("%s with %d chunks on %s: %s", model.name, len(batch), model.device, error)
            free_memory()  # only now: the error's traceback held on to what was made
        raise ModelUnavailable(
            f"The model {model.name} needs more memory than {model.device} has free; stop what else uses it, take a shorter "
            "clip, or choose a smaller model."
        )
