"""Flow matching around the package's DiT: noise to mel in `nfe` Euler steps, one chunk or a batch of them.

Time, RoPE and the state are fp32 whatever the model's dtype. A chunk's mel is the same alone or in any batch: its noise
is its own, its text is embedded by itself, and attention is masked over padding. Knows tensors and the DiT's parts; not
what is said, nor by whom, nor in which order chunks come.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from .model import Model


@dataclass(frozen=True, eq=False)
class Utterance:
    """One chunk to sample: `frames` counts reference and speech together."""

    reference: Tensor
    """Log-mel of the reference, fp32 [reference frames, 100]."""
    ids: Tensor
    """Token numbers of the reference's text followed by the chunk's, int64 [length]."""
    noise: Tensor
    """The state at time 0, fp32 [frames, 100]."""

    @property
    def frames(self) -> int:
        """Frames of reference and speech together."""
        return len(self.noise)


class Sampler(Protocol):
    """Noise to mel, a model call at a time."""

    def sample(
        self, model: Model, batch: Sequence[Utterance], times: Tensor, cfg_strength: float
    ) -> Generator[int, None, list[Tensor]]:
        """Yield the number of steps done after each model call; return a mel [frames, 100] for each utterance.

        `times` is fp32 [steps + 1] from 0 to 1. The reference's frames come back as they were given.
        """
        ...


def draw_noise(frames: int, seed: int, chunk: int) -> Tensor:
    """Standard normal fp32 [frames, 100] on the CPU, the same for the same seed and chunk number on every device."""
    import torch

    key = int.from_bytes(hashlib.sha256(f"{seed}/{chunk}".encode()).digest()[:8]) >> 1
    return torch.randn(frames, 100, generator=torch.Generator().manual_seed(key))


class EulerSampler:
    """The sampler used: Euler steps with classifier-free guidance, both passes in one call."""

    def sample(
        self, model: Model, batch: Sequence[Utterance], times: Tensor, cfg_strength: float
    ) -> Generator[int, None, list[Tensor]]:
        """See Sampler."""
        import torch
        from torch.nn.utils.rnn import pad_sequence

        with torch.inference_mode():
            state = pad_sequence([u.noise for u in batch], batch_first=True).to(model.device)
            flow = _Flow(model, batch, cfg_strength)
        for step in range(len(times) - 1):
            with torch.inference_mode():
                state = state + (times[step + 1] - times[step]).item() * flow(state, times[step])
            yield step + 1
        return [_with_reference(mel[: u.frames], u) for mel, u in zip(state, batch, strict=True)]


class _Flow:
    """The velocity at a state and time, with all that does not change from step to step made once."""

    def __init__(self, model: Model, batch: Sequence[Utterance], cfg_strength: float) -> None:
        import torch
        from torch.nn.utils.rnn import pad_sequence

        dit: Any = model.transformer
        self._dit = dit
        self._dtype, self._device, self._cfg = model.dtype, model.device, cfg_strength
        longest = max(u.frames for u in batch)
        self._reference = torch.stack([_padded(u.reference, longest) for u in batch]).to(model.device, model.dtype)
        passes = (False, True) if cfg_strength > 0 else (False,)
        self._texts = [
            pad_sequence([self._embed(u, drop) for u in batch], batch_first=True).to(model.dtype) for drop in passes
        ]
        lengths = torch.tensor([u.frames for u in batch], device=model.device)
        mask = torch.arange(longest, device=model.device) < lengths[:, None]
        self._mask = None if bool(mask.all()) else mask
        self._rope = dit.rotary_embed.forward_from_seq_len(longest)

    def _embed(self, utterance: Utterance, drop: bool) -> Tensor:
        """The text [frames, text dim] by itself: its blocks norm over all positions, padding included."""
        embedded: Tensor = self._dit.text_embed(utterance.ids[None], seq_len=utterance.frames, drop_text=drop)
        return embedded[0]

    def __call__(self, state: Tensor, time: Tensor) -> Tensor:
        import torch

        dit, x, guided = self._dit, state.to(self._dtype), len(self._texts) == 2
        h = torch.cat(
            [
                dit.input_embed(x, self._reference, text, drop_audio_cond=bool(i), audio_mask=self._mask)
                for i, text in enumerate(self._texts)
            ]
        )
        t = dit.time_embed(time.to(self._device).expand(len(h))).to(self._dtype)
        mask = torch.cat([self._mask] * len(self._texts)) if self._mask is not None else None
        residual = h
        for block in dit.transformer_blocks:
            h = block(h, t, mask=mask, rope=self._rope)
        if dit.long_skip_connection is not None:
            h = dit.long_skip_connection(torch.cat((h, residual), dim=-1))
        velocity: Tensor = dit.proj_out(dit.norm_out(h, t)).float()
        if not guided:
            return velocity
        with_condition, without = velocity.chunk(2)
        return with_condition + (with_condition - without) * self._cfg


def _padded(mel: Tensor, frames: int) -> Tensor:
    import torch.nn.functional as F

    return F.pad(mel, (0, 0, 0, frames - len(mel)))


def _with_reference(mel: Tensor, utterance: Utterance) -> Tensor:
    import torch

    return torch.cat([utterance.reference.to(mel), mel[len(utterance.reference) :]])
