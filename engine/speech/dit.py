"""F5-TTS's diffusion transformer, for inference alone: the package's weights and result in less work.

What depends on the time alone (AdaLN, 42 % of the weights) is a table made once a schedule; what depends on reference and
text alone enters once an utterance; query, key and value are one product; a step's two guidance passes share what they
can. The utterances of a call lie one after the other (packing) and convolutions go one by one, so each is the same alone
and in any batch, at whatever time of whatever schedule the others are. Knows tensors; not how time runs (the sampler), nor
where weights come from (loading).
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ..recent import Recent
from .graphs import Graphs
from .network import BANDS, Utterance
from .packing import GROUPS, KERNEL, Packed
from .text_embedding import TextEmbedding, text_shapes

if TYPE_CHECKING:
    from torch import Tensor, dtype

    from .checkpoint import DiTArch
    from .packing import Product

    Pair = tuple[Tensor, Tensor]
    """Weight and bias."""
    Shape = tuple[int, int, float]
    """Passes, frames and guidance of an utterance, on which all that a step does depends, but for numbers in tensors."""

log = logging.getLogger("timbre")

WAVES = 256
"""Numbers that a time is spelled in."""


def dit_shapes(arch: DiTArch, tokens: int) -> dict[str, tuple[int, ...]]:
    """The weights that a configuration and a vocabulary of so many tokens must have, by name."""
    dim, head = arch.dim, arch.dim_head
    inner, wide, text = arch.heads * head, dim * arch.ff_mult, arch.text_dim or BANDS
    products = {
        "time_embed.time_mlp.0": (dim, WAVES),
        "time_embed.time_mlp.2": (dim, dim),
        "input_embed.proj": (dim, 2 * BANDS + text),
        "input_embed.conv_pos_embed.conv1d.0": (dim, dim // GROUPS, KERNEL),
        "input_embed.conv_pos_embed.conv1d.2": (dim, dim // GROUPS, KERNEL),
        "norm_out.linear": (2 * dim, dim),
        "proj_out": (BANDS, dim),
    }
    found = text_shapes(arch, tokens)
    for number in range(arch.depth):
        block = f"transformer_blocks.{number}"
        products |= {
            f"{block}.attn_norm.linear": (6 * dim, dim),
            **{f"{block}.attn.to_{name}": (inner, dim) for name in "qkv"},
            f"{block}.attn.to_out.0": (dim, inner),
            f"{block}.ff.ff.0.0": (wide, dim),
            f"{block}.ff.ff.2": (dim, wide),
        }
        if arch.qk_norm:
            found |= {f"{block}.attn.{name}_norm.weight": (head,) for name in "qk"}
    if arch.long_skip_connection:
        found["long_skip_connection.weight"] = (dim, 2 * dim)
    for name, shape in products.items():
        found |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    return found


class DiT:
    """The network. State: the last schedules' tables, how the last calls' rows lie, and what was recorded of them."""

    def __init__(
        self,
        arch: DiTArch,
        state: Mapping[str, Tensor],
        device: str,
        dtype: dtype,
        graphs: Graphs | None = None,
    ) -> None:
        """`state` has the weights `dit_shapes` tells. Matrices and attention are in `dtype`; time, RoPE, norms, what enters
        and what adds up from block to block are fp32. `graphs` keeps steps as CUDA graphs."""
        import torch

        def pair(name: str, kind: Any = dtype) -> Pair:
            return state[f"{name}.weight"].to(device, kind), state[f"{name}.bias"].to(device, kind)

        def norm(name: str) -> Tensor | None:
            return state[name].to(device, torch.float32) if name in state else None

        self.device = device
        self._dim, self._head = arch.dim, arch.dim_head
        self._packing = packing(arch, device, dtype)
        self._text = TextEmbedding(arch, state, device)
        self._time = [pair(f"time_embed.time_mlp.{layer}", torch.float32) for layer in (0, 2)]
        self._entry = pair("input_embed.proj", torch.float32)
        weights, biases = zip(*(pair(f"input_embed.conv_pos_embed.conv1d.{layer}") for layer in (0, 2)), strict=True)
        self._places = [*zip(self._packing.laid_out(weights), biases, strict=True)]
        names, product = [f"transformer_blocks.{number}" for number in range(arch.depth)], self._packing.product
        self._adaln = [pair(f"{name}.attn_norm.linear") for name in names] + [pair("norm_out.linear")]
        self._blocks = [
            _Block(
                head=self._head,
                turned=arch.pe_attn_head,
                qkv=product(*_joined([pair(f"{name}.attn.to_{part}") for part in "qkv"])),
                out=product(*pair(f"{name}.attn.to_out.0")),
                up=product(*pair(f"{name}.ff.ff.0.0"), widens=True),
                down=product(*pair(f"{name}.ff.ff.2")),
                norms=[norm(f"{name}.attn.{part}_norm.weight") for part in "qk"],
            )
            for name in names
        ]
        self._skip = norm("long_skip_connection.weight")
        self._exit = pair("proj_out")
        self._tables: Recent[tuple[float, ...], Tensor] = Recent(4)
        self._packed: Recent[tuple[Shape, ...], Packed] = Recent(16)
        self._graphs = graphs
        if graphs:
            self._try()

    @property
    def frame_bytes(self) -> int:
        """See Transformer: of each of two passes at most sixteen numbers of four bytes a channel."""
        return 2 * 16 * 4 * self._dim

    def prepare(self, utterance: Utterance, times: Tensor, cfg_strength: float) -> _Sequence:
        """See Transformer."""
        import torch
        import torch.nn.functional as F

        weight, bias = self._entry
        of_reference, of_text = weight[:, BANDS : 2 * BANDS], weight[:, 2 * BANDS :]
        fixed = F.linear(self._text(utterance.ids, utterance.frames, cfg_strength > 0), of_text, bias)
        for start, mel in utterance.given:  # the other pass knows none
            fixed[0, start : start + len(mel)] += F.linear(mel.to(self.device, torch.float32), of_reference)
        slowness = 10_000 ** (torch.arange(0, self._head, 2).float() / self._head)
        angles = torch.arange(utterance.frames, device=self.device)[:, None] * (1.0 / slowness).to(self.device)
        turns = torch.view_as_complex(torch.stack((angles.cos(), angles.sin()), -1))
        key = tuple(times[:-1].tolist())
        if (table := self._tables.get(key)) is None:
            self._tables.put(key, table := self._table(times[:-1]))
        with on(fixed):
            begun = self._packing.convolved(fixed, *self._places[0])
        return _Sequence(fixed, begun, turns[:, None], table, cfg_strength)

    def velocities(self, batch: Sequence[_Sequence], states: Sequence[Tensor], steps: Sequence[int]) -> list[Tensor]:
        """See Transformer."""
        import torch

        moments = torch.stack([sequence.table[step] for sequence, step in zip(batch, steps, strict=True)])
        shape = tuple((*sequence.fixed.shape[:2], sequence.cfg) for sequence in batch)
        if (packed := self._packed.get(shape)) is None:
            passes = [passes for passes, _, _ in shape]
            packed = self._packing([sequence.turns for sequence in batch], passes, self._exit[0].dtype)
            self._packed.put(shape, packed)
        work = partial(self._step, packed, [sequence.cfg for sequence in batch])
        tensors = [*(each.fixed for each in batch), *(each.begun for each in batch), *states, moments]
        with on(moments):
            if self._graphs is None:
                return work(tensors)
            left = min(len(sequence.table) - step for sequence, step in zip(batch, steps, strict=True))
            return self._graphs(shape, work, tensors, left)

    def _try(self) -> None:
        """Two steps of next to nothing, recorded: the first of all takes long, which nobody is to wait for."""
        import torch

        some, times = torch.zeros(64, BANDS), torch.linspace(0, 1, 5)
        with torch.inference_mode():
            sequence = self.prepare(
                Utterance(some[:8], torch.zeros(8, dtype=torch.int64).to(self.device), some), times, 1.0
            )
            for step in range(2):
                self.velocities([sequence], [some.to(self.device)], [step])

    def _step(self, packed: Packed, cfgs: Sequence[float], tensors: Sequence[Tensor]) -> list[Tensor]:
        """Velocities of utterances from what is fixed of each, what of that is begun, their states, and their moments."""
        import torch

        *each, moments = tensors
        sequences = [each[number :: len(cfgs)] for number in range(len(cfgs))]
        parts = self._through(torch.cat([self._enter(*parts) for parts in sequences]), moments, packed)
        rows = zip(parts.split_with_sizes(packed.sizes), sequences, cfgs, strict=True)
        return [_guided(part.view(len(fixed), -1, BANDS), cfg) for part, (fixed, *_), cfg in rows]

    def _enter(self, fixed: Tensor, begun: Tensor, state: Tensor) -> Tensor:
        """A state [frames, 100] as the blocks take it, fp32 [passes * frames, dim]."""
        import torch.nn.functional as F

        (weight, _), second = self._places
        x = F.linear(state, self._entry[0][:, :BANDS])[None]
        places = F.mish(begun + self._packing.convolved(x, weight, None))
        places = F.mish(self._packing.convolved(places, *second))
        return (fixed + x).add_(places).flatten(0, 1)

    def _through(self, x: Tensor, moments: Tensor, packed: Packed) -> Tensor:
        """Through all blocks, in place: fp32 [rows, dim] to fp32 [rows, 100]; the moments are of each utterance a table's
        row."""
        import torch
        import torch.nn.functional as F

        entered = x.clone() if self._skip is not None else None
        h = packed.normed(x, moments[:, 0], moments[:, 1])
        for number, block in enumerate(self._blocks):
            h = block(x, h, moments[:, 6 * number + 2 : 6 * number + 8], packed)
        if self._skip is not None and entered is not None:
            x = F.linear(torch.cat((x, entered), dim=-1), self._skip)
            h = packed.normed(x, moments[:, -2], moments[:, -1])
        return F.linear(h, *self._exit).float()

    def _table(self, times: Tensor) -> Tensor:
        """AdaLN at these times, fp32 [times, 6 * depth + 2, dim]: of each block shift, scale, gate of attention and of the
        feed-forward, then shift and scale of the last norm. 1 is added to scales."""
        import torch
        import torch.nn.functional as F

        half = WAVES // 2
        waves = torch.exp(torch.arange(half) * -(math.log(10_000) / (half - 1)))
        angles = (1000 * times.float()).outer(waves).to(self.device)
        first, second = self._time
        embedded = F.silu(F.linear(F.silu(F.linear(torch.cat((angles.sin(), angles.cos()), -1), *first)), *second))
        parts = [F.linear(embedded, w.float(), b.float()).view(len(times), -1, self._dim) for w, b in self._adaln]
        parts[-1] = parts[-1].flip(1)  # the package has the last norm's scale first
        table = torch.cat(parts, dim=1)
        table[:, 1::3] += 1
        return table


@dataclass(frozen=True, eq=False)
class _Sequence:
    """What stays the same of an utterance while it is sampled."""

    fixed: Tensor
    """What reference and text add to what enters, fp32 [passes, frames, dim]; two passes where there is guidance."""
    begun: Tensor
    """`fixed` after the first of the places' convolutions, which is linear, so that the passes share the state's part."""
    turns: Tensor
    """RoPE, complex64 [frames, 1, head / 2]."""
    table: Tensor
    """AdaLN at its times, as `DiT._table` gives it."""
    cfg: float


def _guided(passes: Tensor, cfg: float) -> Tensor:
    """What came of the passes, [passes, frames, 100], as one velocity."""
    conditioned: Tensor
    conditioned, *free = passes
    return conditioned + (conditioned - free[0]) * cfg if free else conditioned


@dataclass(frozen=True, eq=False)
class _Block:
    """Attention and feed-forward, each normed, shifted, scaled and gated by the time."""

    head: int
    turned: int | None
    """How many heads are told where a frame is; None: all."""
    qkv: Product
    out: Product
    up: Product
    down: Product
    norms: Sequence[Tensor | None]
    """Weights of the query's and key's own norms."""

    def __call__(self, x: Tensor, h: Tensor, moments: Tensor, packed: Packed) -> Tensor:
        """In place on x, fp32 [rows, dim], from h, which is x normed for this block, to x normed for the next. The moments
        are [utterances, 6, dim]: from this block's first gate to the next one's first scale."""
        gate, ff_shift, ff_scale, ff_gate, shift, scale = moments.unbind(1)
        qkv = self.qkv(h).view(len(h), 3, -1, self.head)
        attended = packed.attend(*packed.placed(qkv, self.norms, self.turned))
        h = packed.added(x, self.out(attended), gate, ff_shift, ff_scale)
        return packed.added(x, self.down(self.up(h)), ff_gate, shift, scale)


def packing(arch: DiTArch, device: str, dtype: dtype) -> type[Packed]:
    """How this model's rows are worked on: with kernels for a GPU, where they can be built there and are right."""
    import torch

    if not device.startswith("cuda") or dtype is torch.float32:
        return Packed
    try:
        from .fused import Fused, proven

        proven(arch.dim, arch.heads, arch.dim_head, device, dtype)
    except Exception as error:  # no Triton, no C compiler, a GPU that either or FlashAttention does not know
        log.warning("no fused kernels on %s, PyTorch's own are used: %s", device, error)
        return Packed
    log.info("fused kernels on %s", device)
    return Fused


def on(x: Tensor) -> AbstractContextManager[None]:
    """Triton launches on the current GPU, which is that of x here; on a processor nothing changes."""
    import torch

    return torch.cuda.device(x.get_device() if x.is_cuda else -1)


def _joined(pairs: Sequence[Pair]) -> Pair:
    import torch

    weights, biases = zip(*pairs, strict=True)
    return torch.cat(weights), torch.cat(biases)
