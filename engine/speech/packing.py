"""Several utterances in one product: their rows lie one after the other, and side by side only where they attend.

What is done to each row alone needs no padding. What depends on the time goes group by group, a group being all at the
same time; attention is masked where passes differ in length, so an utterance is the same alone and in any company, but for
rounding. Knows rows, groups and passes; not what is done to them otherwise (the network), nor whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, dtype

EPSILON = 1e-6


@dataclass(frozen=True, eq=False)
class Packed:
    """How the rows of some passes lie."""

    turns: Tensor
    """RoPE of each row, complex64 [rows, 1, head / 2]."""
    sizes: list[int]
    """Rows of each group."""
    moments: list[list[Tensor]]
    """AdaLN of each group's time: of each block [6, dim], of the last norm [2, dim]."""
    passes: int
    places: Tensor | None
    """The row of each frame of each pass, int64 [passes, longest], any where it has none; None: all are as long."""
    inside: Tensor | None
    """Which frames a pass has, [passes, 1, 1, longest]."""
    back: Tensor | None
    """Where each row is among the frames of all passes, int64 [rows]."""

    def at(self, block: int) -> list[Tensor]:
        """The modulation of a block for each group."""
        return [moment[block] for moment in self.moments]

    def normed(self, x: Tensor, shifts: Iterable[Tensor], scales: Iterable[Tensor], dtype: dtype) -> Tensor:
        """x, fp32 [rows, dim], with each group's shift and scale, in `dtype`."""
        import torch
        import torch.nn.functional as F

        parts = [
            F.layer_norm(part, part.shape[1:], scale, shift, EPSILON).to(dtype)
            for part, shift, scale in zip(x.split_with_sizes(self.sizes), shifts, scales, strict=True)
        ]
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def add(self, x: Tensor, more: Tensor, gates: Iterable[Tensor]) -> None:
        """Add `more` to x, both [rows, dim], through each group's gate, in place."""
        parts = (rows.split_with_sizes(self.sizes) for rows in (x, more))
        for part, new, gate in zip(*parts, gates, strict=True):
            part.addcmul_(new, gate)

    def attend(self, *qkv: Tensor) -> Tensor:
        """Each pass to itself: query, key and value, each [rows, heads, head], to [rows, heads * head]."""
        import torch
        import torch.nn.functional as F

        beside = [x.view(self.passes, -1, *x.shape[1:]) if self.places is None else x[self.places] for x in qkv]
        q, k, v = (x.transpose(1, 2) for x in beside)  # [passes, heads, frames, head]
        if q.device.type == "cpu" and q.dtype is torch.bfloat16 and self.inside is None:
            attended = _head_by_head(q, k, v)
        else:
            attended = F.scaled_dot_product_attention(q, k, v, attn_mask=self.inside)
        rows = attended.transpose(1, 2).flatten(0, 1).flatten(1)
        return rows if self.back is None else rows[self.back]


def _head_by_head(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of [passes, heads, frames, head]. One head's scores stay in the processor's cache and its products run at
    bf16's own rate; the library's runs at fp32's: 39 ms against 61 (2 passes of 1,010 frames, 16 heads, two Zen 4 cores)."""
    import torch

    attended, scale = torch.empty_like(v), q.shape[-1] ** -0.5
    for each in range(q.shape[0]):
        for query, key, value, into in zip(q[each] * scale, k[each], v[each], attended[each], strict=True):
            torch.mm((query @ key.T).softmax(-1), value, out=into)
    return attended


def pack(turns: Sequence[Tensor], moments: Sequence[tuple[int, list[Tensor]]]) -> Packed:
    """The passes whose turns these are, [frames, 1, head / 2], and of each utterance the rows and the moment it is at:
    neighbours whose moment is the same object are a group."""
    import torch

    sizes, distinct = list[int](), list[list[torch.Tensor]]()
    for rows, moment in moments:
        if distinct and distinct[-1] is moment:
            sizes[-1] += rows
        else:
            sizes, distinct = [*sizes, rows], [*distinct, moment]
    lengths = torch.tensor([len(each) for each in turns])
    places = inside = back = None
    if lengths.min() < (longest := int(lengths.max())):
        frames = torch.arange(longest)
        inside = frames < lengths[:, None]
        places, back = ((lengths.cumsum(0) - lengths)[:, None] + frames) * inside, inside.flatten().nonzero()[:, 0]
        places, inside, back = (x.to(turns[0].device) for x in (places, inside[:, None, None], back))
    return Packed(torch.cat(list(turns)), sizes, distinct, len(turns), places, inside, back)
