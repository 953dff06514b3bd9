"""E2 TTS' flat U-Net transformer (arXiv:2406.18009) for inference: the package's layers and result.

Text and reference enter once an utterance, times once a schedule; each utterance goes by itself, so none is padded and it
is the same alone and in any batch. Time, RoPE, norms, what enters and what adds up from layer to layer are fp32. Knows
tensors; not how time runs (the sampler), nor where weights come from (loading).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    def flow(self, batch: Sequence[Utterance], times: Tensor, cfg_strength: float) -> Flow:
        """The flow of these utterances at these times, with all that stays the same from step to step made once."""
        return Flow(self, batch, self.net.time_embed(times[:-1].to(self.device).float()), cfg_strength)

    def velocity(self, x: Tensor, rope: tuple[Tensor, Any]) -> Tensor:
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


class Flow:
    """Velocities of a batch of utterances, guided where there is a strength."""

    def __init__(self, unett: UNetT, batch: Sequence[Utterance], times: Tensor, cfg_strength: float) -> None:
        """`times` is the embedded schedule, fp32 [steps, dim]."""
        self._unett, self._times, self._cfg = unett, times, cfg_strength
        self._conditions = [self._condition(utterance) for utterance in batch]
        self._ropes = [unett.net.rotary_embed.forward_from_seq_len(utterance.frames + 1) for utterance in batch]

    def _condition(self, utterance: Utterance) -> Tensor:
        """Reference and text, fp32 [passes, frames, 100 + text dim]; the second pass knows neither."""
        import torch

        passes, net, ids = (False, True) if self._cfg > 0 else (False,), self._unett.net, utterance.ids[None]
        texts = [net.text_embed(ids, utterance.frames, drop_text=drop) for drop in passes]
        given = torch.zeros(1, utterance.frames, BANDS, device=self._unett.device)
        for start, mel in utterance.known:
            given[:, start : start + len(mel)] = mel
        known = [torch.zeros_like(given) if drop else given for drop in passes]
        return torch.cat((torch.cat(known), torch.cat(texts)), dim=-1)

    def __call__(self, states: Sequence[Tensor], step: int) -> list[Tensor]:
        """The velocity fp32 [frames, 100] of each utterance's state, at the schedule's time number `step`."""
        return [self._velocity(*parts, step) for parts in zip(states, self._conditions, self._ropes, strict=True)]

    def _velocity(self, state: Tensor, condition: Tensor, rope: tuple[Tensor, Any], step: int) -> Tensor:
        import torch

        passes, embed = len(condition), self._unett.net.input_embed
        x = embed(state.expand(passes, -1, -1), condition[..., :BANDS], condition[..., BANDS:])
        time = self._times[step].expand(passes, 1, -1)
        conditioned: Tensor
        conditioned, *free = self._unett.velocity(torch.cat((time, x), dim=1), rope)
        return conditioned + (conditioned - free[0]) * self._cfg if free else conditioned
