"""What is done to packed rows between the products, on a GPU in half precision: in one pass over its memory each.

Triton kernels, the same as packing's but for rounding. None depends on how many rows there are but in its grid, so a new
length costs no more than a known one, and each may be recorded (graphs). Imported only where such a GPU is. Knows rows as packing does; not the network, nor whether a GPU can do it: `proven` tries.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import triton
import triton.language as tl

from .packing import EPSILON, GROUPS, KERNEL, Packed

if TYPE_CHECKING:
    from torch import Tensor, dtype

    from .packing import Product

QUERIES, KEYS, ATTENTION = 64, 64, {"num_warps": 4, "num_stages": 3}
"""Of a block of attention, and how it is built: the fastest of twelve on an H200 (benchmarks/LOG.md)."""
FRAMES, CONVOLUTION = 128, {"num_warps": 4, "num_stages": 2}
"""Of a block of a convolution, and how it is built."""
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


@triton.jit  # type: ignore[untyped-decorator]
def _attend(q, k, v, out, tiles, stride, apart, scale, heads, head: tl.constexpr, queries: tl.constexpr, keys: tl.constexpr) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    """A block of a pass's queries to all its keys, of one head. A tile is its first row, then the pass's first and end;
    rows of queries and keys are `stride` numbers apart, those of values `apart`."""
    tile, of = tl.program_id(0), tl.program_id(1)
    first, end = tl.load(tiles + 3 * tile + 1), tl.load(tiles + 3 * tile + 2)
    rows, column = tl.load(tiles + 3 * tile) + tl.arange(0, queries), tl.arange(0, head)
    inside = (rows < end)[:, None]
    query = tl.load(q + rows[:, None] * stride + of * head + column, inside, 0.0)
    k, v = k + of * head, v + of * head
    whole = first + (end - first) // keys * keys
    most, total = tl.full((queries,), float("-inf"), tl.float32), tl.zeros((queries,), tl.float32)
    sums = tl.zeros((queries, head), tl.float32)
    for at in range(first, whole, keys):
        most, total, sums = _look(query, k, v, most, total, sums, at, end, stride, apart, scale, head, keys, False)
    if whole < end:
        most, total, sums = _look(query, k, v, most, total, sums, whole, end, stride, apart, scale, head, keys, True)
    result = (sums / total[:, None]).to(out.dtype.element_ty)
    tl.store(out + rows[:, None] * heads * head + of * head + column, result, inside)


@triton.jit  # type: ignore[untyped-decorator]
def _look(query, k, v, most, total, sums, at, end, stride, apart, scale, head: tl.constexpr, keys: tl.constexpr, cut: tl.constexpr) -> tuple[Any, Any, Any]:  # type: ignore[no-untyped-def]  # fmt: skip
    """The greatest score, the sum of weights and that of weighted values after one more block of keys; `cut`: it ends
    in the block. The scale is for powers of two."""
    rows, column = at + tl.arange(0, keys), tl.arange(0, head)
    k, v = k + rows[:, None] * stride + column, v + rows[:, None] * apart + column
    if cut:
        inside = rows < end
        key, value = tl.load(k, inside[:, None], 0.0), tl.load(v, inside[:, None], 0.0)
        scores = tl.where(inside, tl.dot(query, key.T), float("-inf"))
    else:
        key, value = tl.load(k), tl.load(v)
        scores = tl.dot(query, key.T)
    now = tl.maximum(most, tl.max(scores, 1) * scale)
    weights, less = tl.exp2(scores * scale - now[:, None]), tl.exp2(most - now)
    sums = tl.dot(weights.to(value.dtype), value, sums * less[:, None])
    return now, total * less + tl.sum(weights, 1), sums


@triton.jit(do_not_specialize=["frames"])  # type: ignore[untyped-decorator]
def _convolve(x, weight, out, frames, dim, taps: tl.constexpr, wide: tl.constexpr, block: tl.constexpr) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    """A block of a pass's frames, of one group of channels, by a weight [groups, taps, in, out]; around a pass is 0."""
    group, column = tl.program_id(1), tl.arange(0, wide)
    start = tl.program_id(2).to(tl.int64) * frames * dim + group * wide
    rows = tl.program_id(0) * block + tl.arange(0, block)
    sums = tl.zeros((block, wide), tl.float32)
    for tap in range(taps):
        seen = rows + tap - taps // 2
        part = tl.load(x + start + seen[:, None] * dim + column, ((seen >= 0) & (seen < frames))[:, None], 0.0)
        sums = tl.dot(part, tl.load(weight + ((group * taps + tap) * wide + column[:, None]) * wide + column), sums)
    tl.store(out + start + rows[:, None] * dim + column, sums, (rows < frames)[:, None])


class Fused(Packed):
    """Packed rows on a GPU."""

    def __init__(self, turns: Sequence[Tensor], passes: Sequence[int], dtype: dtype) -> None:
        """See Packed."""
        import torch

        super().__init__(turns, passes, dtype)
        owners = torch.arange(len(self.sizes)).repeat_interleave(torch.tensor(self.sizes))
        self._owners = owners.to(self.turns.device, torch.int32)
        """Which utterance each row is of."""
        bounds = pairwise(accumulate(self.lengths, initial=0))
        tiles = [(at, *ends) for ends in bounds for at in range(*ends, QUERIES)]
        self._tiles = torch.tensor(tiles, dtype=torch.int32).to(self.turns.device)
        """Blocks of queries: its first row, and the first of its pass and the next."""
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

        rows, heads, head = q.shape
        out, scale = torch.empty((rows, heads * head), dtype=q.dtype, device=q.device), head**-0.5 / math.log(2)
        grid, strides = (len(self._tiles), heads), (q.stride(0), v.stride(0))  # normed keys lie by themselves
        _attend[grid](q, k, v, out, self._tiles, *strides, scale, heads, head, QUERIES, KEYS, **ATTENTION)
        return out

    @staticmethod
    def product(weight: Tensor, bias: Tensor, widens: bool = False) -> Product:
        """See Packed."""
        import torch

        if widens:
            return lambda x: torch._addmm_activation(bias, x, weight.T, use_gelu=True)  # GELU by tanh, on a GPU
        return Packed.product(weight, bias)

    @staticmethod
    def laid_out(weights: Sequence[Tensor]) -> Sequence[Tensor]:
        """See Packed: [groups, kernel, in, out]."""
        return [weight.view(GROUPS, -1, *weight.shape[1:]).permute(0, 3, 2, 1).contiguous() for weight in weights]

    @staticmethod
    def convolved(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """See Packed."""
        import torch

        (passes, frames, dim), (groups, taps, wide, _) = x.shape, weight.shape
        x, out = x.to(weight.dtype).contiguous(), torch.empty_like(x, dtype=torch.float32)
        grid = triton.cdiv(frames, FRAMES), groups, passes
        _convolve[grid](x, weight, out, frames, dim, taps, wide, FRAMES, **CONVOLUTION)
        return out if bias is None else out.add_(bias)


def proven(dim: int, heads: int, head: int, device: str, dtype: dtype) -> None:
    """Build the kernels for a model's sizes and try them. Raises whatever hinders them, ArithmeticError where they are
    wrong."""
    import torch

    def made(kind: type[Packed]) -> list[Tensor]:
        draw = torch.Generator().manual_seed(0)

        def some(*shape: int) -> Tensor:
            return torch.randn(shape, generator=draw).to(device)

        angles = [some(frames, 1, head // 2) for frames in (3, 150)]
        packed = kind([torch.polar(torch.ones_like(each), each) for each in angles], [2, 1], dtype)
        x, h, moments = some(156, dim), some(156, dim).to(dtype), some(2, 3, dim)
        norms, qkv = packed.normed(x, *moments[:, :2].unbind(1)), some(156, 3, heads, head).to(dtype)
        added = packed.added(x, h, *moments.unbind(1))
        placed = packed.placed(qkv, (None, None), 1)
        weight, bias = some(2 * dim, dim).to(dtype), some(2 * dim).to(dtype)
        wide = packed.product(weight / dim**0.5, bias, widens=True)(h)
        (places,) = packed.laid_out([some(dim, dim // GROUPS, KERNEL).to(dtype)])
        return [
            norms,
            added,
            x,
            *placed,
            packed.attend(*placed),
            wide,
            packed.convolved(x.view(2, 78, dim), places, None),
        ]

    with torch.inference_mode(), torch.cuda.device(device):
        for ours, theirs in zip(made(Fused), made(Packed), strict=True):
            if not (ours.float() - theirs.float()).norm() <= NEAR * theirs.float().norm():
                raise ArithmeticError("they do not give what PyTorch's own kernels give")
