"""E2 TTS' flat U-Net transformer (arXiv:2406.18009) for inference: the package's layers and result.

Text and reference enter once an utterance, times once a schedule; each utterance goes by itself, so none is padded and it
is the same alone and in any batch. Time, RoPE, norms, what enters and what adds up from layer to layer are fp32. Knows
tensors; not how time runs (the sampler), nor where weights come from (loading).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .network import BANDS

if TYPE_CHECKING:
    from torch import Tensor, dtype

    from .checkpoint import UNetTArch
    from .network import Utterance


def unett_shapes(arch: UNetTArch, tokens: int) -> dict[str, tuple[int, ...]]:
    """The weights that a configuration and a vocabulary of so many tokens must have, by name."""
    state = _empty(arch, tokens).state_dict()
    return {name: tuple(weight.shape) for name, weight in state.items() if not name.endswith("inv_freq")}


def _empty(arch: UNetTArch, tokens: int) -> Any:
    """The package's network without memory for its weights."""
    import torch
    from f5_tts.model import UNetT as Package

    with torch.device("meta"):
        return Package(**arch.model_dump() | {"attn_backend": "torch"}, text_num_embeds=tokens, mel_dim=BANDS)


class UNetT:
    """The network. No state but the weights."""

    frame_bytes = 0

    def __init__(self, arch: UNetTArch, state: Mapping[str, Tensor], device: str, dtype: dtype) -> None:
        """`state` has the weights `unett_shapes` tells. Matrices and attention of the layers are in `dtype`."""
        from f5_tts.model.modules import precompute_freqs_cis
        from x_transformers.x_transformers import RotaryEmbedding

        net = _empty(arch, len(state["text_embed.text_embed.weight"]) - 1)
        net.load_state_dict({name: weight.float() for name, weight in state.items()}, strict=False, assign=True)
        net.rotary_embed = RotaryEmbedding(arch.dim_head)
        if arch.conv_layers:
            places = net.text_embed.precompute_max_pos
            net.text_embed.freqs_cis = precompute_freqs_cis(arch.text_dim or BANDS, places)
        self.net, self.device, self._dtype = net.eval().requires_grad_(False).to(device), device, dtype
        for skip, _, attention, _, feed_forward in net.layers:
            for part in (skip, attention, feed_forward):
                if part is not None:
                    part.to(dtype)

    def prepare(self, utterance: Utterance, times: Tensor, cfg_strength: float) -> _Prepared:
        """See Transformer."""
        rope = self.net.rotary_embed.forward_from_seq_len(utterance.frames + 1)
        times = self.net.time_embed(times[:-1].to(self.device).float())
        return _Prepared(self._condition(utterance, cfg_strength > 0), rope, times, cfg_strength)

    def velocities(self, batch: Sequence[_Prepared], states: Sequence[Tensor], steps: Sequence[int]) -> list[Tensor]:
        """See Transformer."""
        return [self._velocity(*parts) for parts in zip(batch, states, steps, strict=True)]

    def _condition(self, utterance: Utterance, guided: bool) -> Tensor:
        import torch

        passes, ids = (False, True) if guided else (False,), utterance.ids[None]
        texts = [self.net.text_embed(ids, utterance.frames, drop_text=drop) for drop in passes]
        given = torch.zeros(1, utterance.frames, BANDS, device=self.device)
        for start, mel in utterance.known:
            given[:, start : start + len(mel)] = mel
        known = [torch.zeros_like(given) if drop else given for drop in passes]
        return torch.cat((torch.cat(known), torch.cat(texts)), dim=-1)

    def _velocity(self, prepared: _Prepared, state: Tensor, step: int) -> Tensor:
        import torch

        condition, passes = prepared.condition, len(prepared.condition)
        x = self.net.input_embed(state.expand(passes, -1, -1), condition[..., :BANDS], condition[..., BANDS:])
        time = prepared.times[step].expand(passes, 1, -1)
        conditioned: Tensor
        conditioned, *free = self._through(torch.cat((time, x), dim=1), prepared.rope)
        return conditioned + (conditioned - free[0]) * prepared.cfg if free else conditioned

    def _through(self, x: Tensor, rope: tuple[Tensor, Any]) -> Tensor:
        """Through all layers: fp32 [passes, 1 + frames, dim], the time before the frames, to fp32 [passes, frames, 100]."""
        import torch

        net, skips = self.net, list[torch.Tensor]()
        for number, (skip, attention_norm, attention, norm, feed_forward) in enumerate(net.layers):
            if number < net.depth // 2:
                skips.append(x)
            elif net.skip_connect_type == "concat":
                x = skip(torch.cat((x, skips.pop()), dim=-1).to(self._dtype)).float()
            elif net.skip_connect_type == "add":
                x = x + skips.pop()
            x = x + attention(attention_norm(x).to(self._dtype), rope=rope)
            x = x + feed_forward(norm(x).to(self._dtype))
        velocity: Tensor = net.proj_out(net.norm_out(x)[:, 1:])
        return velocity


@dataclass(frozen=True, eq=False)
class _Prepared:
    """What stays the same of an utterance while it is sampled."""

    condition: Tensor
    """Reference and text, fp32 [passes, frames, 100 + text dim]; the second pass, of guidance, knows neither."""
    rope: tuple[Tensor, Any]
    times: Tensor
    """The embedded schedule, fp32 [steps, dim]."""
    cfg: float
