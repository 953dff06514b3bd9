"""Several utterances in one product: their rows lie one after the other, and side by side only where they attend.

What is done to each row alone needs no padding; what depends on the time goes utterance by utterance. Attention is masked
where passes differ in length, so an utterance is the same alone and in any company, but for rounding. Knows rows, utterances
and passes; not what is done to them otherwise (the network), nor how it is done in fewer steps on a GPU (fused).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from .precision import least_seconds

if TYPE_CHECKING:
    from torch import Tensor, dtype

    Product = Callable[[Tensor], Tensor]
    """Of rows."""

EPSILON = 1e-6
KERNEL, GROUPS = 31, 16
"""Of the convolutions that tell a frame its place."""


class Packed:
    """How the rows of some passes lie, and what is done to them in and between the products. No state but this."""

    def __init__(self, turns: Sequence[Tensor], passes: Sequence[int], dtype: dtype) -> None:
        """Of each utterance RoPE, complex64 [frames, 1, head / 2], and how many passes it has. Products are in `dtype`."""
        import torch

        self.dtype = dtype
        self.turns = torch.cat([each for each, count in zip(turns, passes, strict=True) for _ in range(count)])
        self.sizes = [len(each) * count for each, count in zip(turns, passes, strict=True)]
        """Rows of each utterance."""
        self.lengths = [len(each) for each, count in zip(turns, passes, strict=True) for _ in range(count)]
        """Rows of each pass."""
        self._mask: tuple[Tensor, ...] | None = self._laid() if len({*self.lengths}) > 1 else None

    def _laid(self) -> tuple[Tensor, ...]:
        """The row of each frame of each pass, int64 [passes, longest], any where it has none; which frames a pass has,
        [passes, 1, 1, longest]; and where each row is among the frames of all passes, int64 [rows]."""
        import torch

        lengths, frames = torch.tensor(self.lengths), torch.arange(max(self.lengths))
        inside = frames < lengths[:, None]
        places, back = ((lengths.cumsum(0) - lengths)[:, None] + frames) * inside, inside.flatten().nonzero()[:, 0]
        return tuple(x.to(self.turns.device) for x in (places, inside[:, None, None], back))

    def normed(self, x: Tensor, shifts: Tensor, scales: Tensor) -> Tensor:
        """x, fp32 [rows, dim], normed, with each utterance's shift and scale, [utterances, dim], in `dtype`."""
        import torch
        import torch.nn.functional as F

        parts = [
            F.layer_norm(part, part.shape[1:], scale, shift, EPSILON).to(self.dtype)
            for part, shift, scale in zip(x.split_with_sizes(self.sizes), shifts, scales, strict=True)
        ]
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def added(self, x: Tensor, more: Tensor, gates: Tensor, shifts: Tensor, scales: Tensor) -> Tensor:
        """Add `more` to x, both [rows, dim], through each utterance's gate, in place; what comes of it, normed."""
        parts = (rows.split_with_sizes(self.sizes) for rows in (x, more))
        for part, new, gate in zip(*parts, gates, strict=True):
            part.addcmul_(new, gate)
        return self.normed(x, shifts, scales)

    def placed(self, qkv: Tensor, norms: Sequence[Tensor | None], turned: int | None) -> Sequence[Tensor]:
        """Query, key and value, each [rows, heads, head], of `qkv`, [rows, 3, heads, head], which may change. The first two
        are normed where they have a weight, and their first `turned` heads (None: all) turned by RoPE, in fp32."""
        q, k, v = qkv.unbind(1)
        return [*(self._placed(x, norm, turned) for x, norm in zip((q, k), norms, strict=True)), v]

    def _placed(self, x: Tensor, norm: Tensor | None, turned: int | None) -> Tensor:
        import torch
        import torch.nn.functional as F

        placed = x.float() if norm is None else F.rms_norm(x.float(), norm.shape, norm, EPSILON)
        pairs = placed[:, :turned]
        torch.view_as_complex(pairs.view(*pairs.shape[:-1], -1, 2)).mul_(self.turns)
        return placed.to(self.dtype)

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Each pass to itself: query, key and value, each [rows, heads, head], to [rows, heads * head]."""
        import torch
        import torch.nn.functional as F

        places, inside, back = self._mask or (None, None, None)
        beside = [x.view(len(self.lengths), -1, *x.shape[1:]) if places is None else x[places] for x in (q, k, v)]
        q, k, v = (x.transpose(1, 2) for x in beside)  # [passes, heads, frames, head]
        if q.device.type == "cpu" and q.dtype is torch.bfloat16 and inside is None:
            attended = _head_by_head(q, k, v)
        else:
            attended = F.scaled_dot_product_attention(q, k, v, attn_mask=inside)
        rows = attended.transpose(1, 2).flatten(0, 1).flatten(1)
        return rows if back is None else rows[back]

    @staticmethod
    def product(weight: Tensor, bias: Tensor, widens: bool = False) -> Product:
        """Rows [rows, in] by a weight [out, in], and the bias; where it `widens`, as the feed-forward's first does, through
        GELU by tanh."""
        import torch
        import torch.nn.functional as F

        if weight.device.type == "cpu" and _laid_beforehand(weight.dtype):
            laid = torch.ops.mkldnn._reorder_linear_weight(weight)
            end, form = ("gelu", "tanh") if widens else ("none", "")
            return lambda x: torch.ops.mkldnn._linear_pointwise(x, laid, bias, end, [], form)
        if widens:
            return lambda x: torch.ops.aten.gelu_(F.linear(x, weight, bias), approximate="tanh")
        return lambda x: F.linear(x, weight, bias)

    @staticmethod
    def laid_out(weights: Sequence[Tensor]) -> Sequence[Tensor]:
        """Weights of convolutions alike, each [dim, dim / groups, kernel], as `convolved` takes them: as they are, or on a
        processor that is quicker so as an image's with channels last: with AVX2 by a third, with AVX-512 three times
        slower."""
        import torch

        if weights[0].device.type != "cpu":
            return weights
        x = torch.ones(2, 256, len(weights[0]))
        images = [weight[:, :, None].contiguous(memory_format=torch.channels_last) for weight in weights]
        return min(weights, images, key=lambda way: least_seconds(partial(Packed.convolved, x, way[0], None)))

    @staticmethod
    def convolved(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Along the frames of [passes, frames, dim], in the weight's dtype, to fp32; around a pass is 0."""
        import torch.nn.functional as F

        bands = x.to(weight.dtype).transpose(1, 2)
        if weight.dim() == 3:
            return F.conv1d(bands, weight, bias, padding=KERNEL // 2, groups=GROUPS).transpose(1, 2).float()
        image = F.conv2d(bands[:, :, None], weight, bias, padding=(0, KERNEL // 2), groups=GROUPS)
        return image[:, :, 0].transpose(1, 2).float()


def _laid_beforehand(kind: dtype) -> bool:
    """Whether oneDNN takes weights laid out as it multiplies, as it does for PyTorch's own compiler: of F5-TTS' sizes, on two
    Zen 4 cores, a product takes 51.6 ms for 59.2 in fp32 and 25.5 for 30.4 in bf16, with GELU 35.7 for 42.3 and 18.4 for
    23.0. It is the pinned torch's own and may go by another name in the next."""
    import torch

    found = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if not (found and torch.backends.cpu.get_cpu_capability().startswith("AVX")):
        return False
    return kind is torch.float32 or (kind is torch.bfloat16 and torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _head_by_head(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of [passes, heads, frames, head]. One head's scores stay in the processor's cache and its products run at
    bf16's own rate; the library's runs at fp32's: 39 ms against 61 (2 passes of 1,010 frames, 16 heads, two Zen 4 cores)."""
    import torch

    attended, scale = torch.empty_like(v), q.shape[-1] ** -0.5
    for each in range(q.shape[0]):
        for query, key, value, into in zip(q[each] * scale, k[each], v[each], attended[each], strict=True):
            torch.mm((query @ key.T).softmax(-1), value, out=into)
    return attended
