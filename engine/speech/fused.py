"""What is done to packed rows between the products, on a GPU in half precision: in one pass over its memory each.

Triton kernels, and FlashAttention over passes of unequal length without padding; the same as packing's but for rounding.
Imported only where such a GPU is. Knows rows as packing does; not the network, nor whether a GPU can do it: `proven` tries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import triton
import triton.language as tl

from .packing import EPSILON, Packed

if TYPE_CHECKING:
    from torch import Tensor, dtype

NEAR = 0.01
"""How far a kernel's result may be from PyTorch's own in half precision, of its norm."""


@triton.jit  # type: ignore[untyped-decorator]
def _add_norm(x, more, out, owners, gates, shifts, scales, stride, dim, epsilon, adds: tl.constexpr, block: tl.constexpr) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    """A row of x, with more through a gate, in place; and of that norm, scale and shift."""
    row, column = tl.program_id(0), tl.arange(0, block)
    inside, at = column < dim, row.to(tl.int64) * dim + column
    of = tl.load(owners + row) * stride + column
    values = tl.load(x + at, inside, 0.0)
    if adds:
        values += tl.load(more + at, inside, 0.0).to(tl.float32) * tl.load(gates + of, inside, 0.0)
        tl.store(x + at, values, inside)
    apart = tl.where(inside, values - tl.sum(values, 0) / dim, 0.0)
    normed = apart * tl.rsqrt(tl.sum(apart * apart, 0) / dim + epsilon)
    result = normed * tl.load(scales + of, inside, 0.0) + tl.load(shifts + of, inside, 0.0)
    tl.store(out + at, result.to(out.dtype.element_ty), inside)


@triton.jit  # type: ignore[untyped-decorator]
def _turn(qkv, turns, stride, turned, inner: tl.constexpr, head: tl.constexpr, block: tl.constexpr) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    """Queries and keys of a row, each number pair a complex one, by the row's turns, in place."""
    row, column = tl.program_id(0).to(tl.int64), tl.arange(0, block)
    inside = (column < 2 * inner) & (column % inner < turned)
    at = qkv + row * stride + column
    x, y = tl.split(tl.load(at, inside, 0.0).to(tl.float32).reshape(block // 2, 2))
    cos, sin = tl.split(tl.load(turns + row * head + column % head).reshape(block // 2, 2))
    result = tl.join(x * cos - y * sin, x * sin + y * cos).reshape(block)
    tl.store(at, result.to(qkv.dtype.element_ty), inside)


class Fused(Packed):
    """Packed rows on a GPU."""

    def __init__(self, turns: Sequence[Tensor], passes: Sequence[int], dtype: dtype) -> None:
        """See Packed."""
        import torch

        super().__init__(turns, passes, dtype)
        owners = torch.arange(len(self.sizes)).repeat_interleave(torch.tensor(self.sizes))
        self._owners = owners.to(self.turns.device, torch.int32)
        """Which utterance each row is of."""
        self._bounds = torch.tensor([0, *self.lengths]).cumsum(0).to(self.turns.device, torch.int32)
        """The first row of each pass, and after the last."""
        self._turns = torch.view_as_real(self.turns)
        """As pairs, fp32 [rows, 1, head / 2, 2]."""

    def normed(self, x: Tensor, shifts: Tensor, scales: Tensor) -> Tensor:
        """See Packed."""
        return self._add_normed(x, x, scales, shifts, scales, adds=False)

    def added(self, x: Tensor, more: Tensor, gates: Tensor, shifts: Tensor, scales: Tensor) -> Tensor:
        """See Packed."""
        return self._add_normed(x, more, gates, shifts, scales, adds=True)

    def _add_normed(self, x: Tensor, more: Tensor, gates: Tensor, shifts: Tensor, scales: Tensor, adds: bool) -> Tensor:
        import torch

        (rows, dim), out = x.shape, torch.empty_like(x, dtype=self.dtype)
        block = triton.next_power_of_2(dim)
        _add_norm[(rows,)](
            x, more, out, self._owners, gates, shifts, scales, scales.stride(0), dim, EPSILON, adds, block
        )
        return out

    def placed(self, qkv: Tensor, norms: Sequence[Tensor | None], turned: int | None) -> Sequence[Tensor]:
        """See Packed."""
        rows, _, heads, head = qkv.shape
        if any(norm is not None for norm in norms):
            return super().placed(qkv, norms, turned)
        inner = heads * head
        limit = inner if turned is None else turned * head
        _turn[(rows,)](qkv, self._turns, qkv.stride(0), limit, inner, head, triton.next_power_of_2(2 * inner))
        return qkv.unbind(1)

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """See Packed."""
        import torch

        if self._mask is None:
            return super().attend(q, k, v)
        # What torch.nn.attention.varlen calls, without its wrapper, which costs as much as a kernel.
        bounds, longest = [self._bounds] * 2, [max(self.lengths)] * 2
        attended: Tensor = torch.ops.aten._flash_attention_forward(q, k, v, *bounds, *longest, 0.0, False, False)[0]
        return attended.flatten(1)

    def widened(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """See Packed."""
        import torch

        return torch._addmm_activation(bias, x, weight.T, use_gelu=True)  # GELU by tanh, on a GPU


def proven(dim: int, heads: int, head: int, device: str, dtype: dtype) -> None:
    """Build the kernels for a model's sizes and try them. Raises whatever hinders them, ArithmeticError where they are
    wrong."""
    import torch

    def made(kind: type[Packed]) -> list[Tensor]:
        draw = torch.Generator().manual_seed(0)

        def some(*shape: int) -> Tensor:
            return torch.randn(shape, generator=draw).to(device)

        angles = [some(frames, 1, head // 2) for frames in (3, 40)]
        packed = kind([torch.polar(torch.ones_like(each), each) for each in angles], [2, 1], dtype)
        x, h, moments = some(46, dim), some(46, dim).to(dtype), some(2, 3, dim)
        norms, qkv = packed.normed(x, *moments[:, :2].unbind(1)), some(46, 3, heads, head).to(dtype)
        added = packed.added(x, h, *moments.unbind(1))
        placed = packed.placed(qkv, (None, None), 1)
        weight, bias = some(2 * dim, dim).to(dtype), some(2 * dim).to(dtype)
        return [norms, added, x, *placed, packed.attend(*placed), packed.widened(h, weight / dim**0.5, bias)]

    with torch.inference_mode(), torch.cuda.device(device):
        for ours, theirs in zip(made(Fused), made(Packed), strict=True):
            if not (ours.float() - theirs.float()).norm() <= NEAR * theirs.float().norm():
                raise ArithmeticError("they do not give what PyTorch's own kernels give")
