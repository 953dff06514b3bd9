"""Flow matching: noise to mel in `nfe` Euler steps, one chunk or a batch of them.

Times and states are fp32 whatever the model's dtype, and a chunk's noise is its own. Knows tensors; not the network that
tells the velocity, nor what is said, by whom, or in which order chunks come.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Protocol

from .network import BANDS

if TYPE_CHECKING:
    from torch import Tensor

    from .model import Model
    from .network import Utterance


class Sampler(Protocol):
    """Noise to mel, a model call at a time."""

    def sample(
        self, model: Model, batch: Sequence[Utterance], times: Tensor, cfg_strength: float
    ) -> Generator[int, None, list[Tensor]]:
        """Yield the number of steps done after each model call; return a mel [frames, 100] for each utterance.

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


class EulerSampler:
    """The sampler used: Euler steps with classifier-free guidance."""

    def sample(
        self, model: Model, batch: Sequence[Utterance], times: Tensor, cfg_strength: float
    ) -> Generator[int, None, list[Tensor]]:
        """See Sampler."""
        import torch

        with torch.inference_mode():
            states = [u.noise.to(model.device, torch.float32, copy=True) for u in batch]
            flow = model.transformer.flow(batch, times, cfg_strength)
        for step, dt in enumerate(times.diff().tolist()):
            with torch.inference_mode():
                for state, velocity in zip(states, flow(states, step), strict=True):
                    state.add_(velocity, alpha=dt)
            yield step + 1
        with torch.inference_mode():
            for mel, utterance in zip(states, batch, strict=True):
                for start, given in utterance.known:
                    mel[start : start + len(given)] = given
        return states
