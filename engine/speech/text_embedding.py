"""The text as F5-TTS's transformer takes it: a vector a frame, by ConvNeXt V2 blocks (arXiv:2301.00808) over letters.

The package's weights and result. In fp32, and each utterance by itself, for the blocks norm over all frames, those after
the last letter included. Knows token numbers; not what they spell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, device

    from .checkpoint import DiTArch

KERNEL = 7


def text_shapes(arch: DiTArch, tokens: int) -> dict[str, tuple[int, ...]]:
    """The weights of the text embedding that a configuration and a vocabulary of so many tokens must have, by name."""
    dim = arch.text_dim or 100
    found: dict[str, tuple[int, ...]] = {"text_embed.text_embed.weight": (tokens + 1, dim)}
    for number in range(arch.conv_layers):
        block = f"text_embed.text_blocks.{number}"
        found |= {
            f"{block}.dwconv.weight": (dim, 1, KERNEL),
            f"{block}.dwconv.bias": (dim,),
            f"{block}.norm.weight": (dim,),
            f"{block}.norm.bias": (dim,),
            f"{block}.pwconv1.weight": (2 * dim, dim),
            f"{block}.pwconv1.bias": (2 * dim,),
            f"{block}.grn.gamma": (1, 1, 2 * dim),
            f"{block}.grn.beta": (1, 1, 2 * dim),
            f"{block}.pwconv2.weight": (dim, 2 * dim),
            f"{block}.pwconv2.bias": (dim,),
        }
    return found


class TextEmbedding:
    """No state but the weights."""

    def __init__(self, arch: DiTArch, state: Mapping[str, Tensor], device: str) -> None:
        self._dim, self._layers = arch.text_dim or 100, arch.conv_layers
        self._masked = arch.text_mask_padding
        self._spread = arch.text_embedding_average_upsampling
        self._weights = {name: state[name].to(device).float() for name in text_shapes(arch, 0)}

    def __call__(self, ids: Tensor, frames: int, guided: bool) -> Tensor:
        """Token numbers [length] to fp32 [passes, frames, text dim]; where guided, the second pass knows how long the
        text is and not what it says."""
        import torch
        import torch.nn.functional as F

        ids = ids[:frames] + 1  # 0 is where no letter is
        tokens = F.pad(ids, (0, frames - len(ids)))
        x = F.embedding(torch.stack([tokens, torch.zeros_like(tokens)][: 1 + guided]), self._weights["text_embed.text_embed.weight"])  # fmt: skip
        if self._layers:
            inside = (tokens > 0).to(x)[:, None] if self._masked else 1.0
            x = (x + self._places(frames, x.device)) * inside
            for number in range(self._layers):
                x = self._block(f"text_embed.text_blocks.{number}", x) * inside
        if self._spread:  # what is left over goes to the last letters
            each, over = divmod(frames, len(ids))
            counts = torch.full((len(ids),), each, device=x.device)
            counts[len(ids) - over :] += 1
            x = x[:, : len(ids)].repeat_interleave(counts, dim=1)
        return x

    def _places(self, frames: int, device: device) -> Tensor:
        """Cosines, then sines of each place, fp32 [frames, text dim]."""
        import torch

        slowness = 10_000 ** (torch.arange(0, self._dim, 2).float() / self._dim)
        angles = torch.arange(frames, device=device)[:, None] * (1.0 / slowness).to(device)
        return torch.cat((angles.cos(), angles.sin()), dim=-1)

    def _block(self, name: str, x: Tensor) -> Tensor:
        import torch.nn.functional as F

        weights = {key.removeprefix(f"{name}."): w for key, w in self._weights.items() if key.startswith(f"{name}.")}
        h = F.conv1d(x.transpose(1, 2), weights["dwconv.weight"], weights["dwconv.bias"], padding=KERNEL // 2, groups=self._dim)  # fmt: skip
        h = F.layer_norm(h.transpose(1, 2), (self._dim,), weights["norm.weight"], weights["norm.bias"], 1e-6)
        h = F.gelu(F.linear(h, weights["pwconv1.weight"], weights["pwconv1.bias"]))
        size = h.norm(dim=1, keepdim=True)  # global response: of each channel over all frames, against the others
        h = h + h * (weights["grn.gamma"] * size / (size.mean(-1, keepdim=True) + 1e-6)) + weights["grn.beta"]
        return x + F.linear(h, weights["pwconv2.weight"], weights["pwconv2.bias"])
