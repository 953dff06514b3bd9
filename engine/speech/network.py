"""What a model's network is asked and tells: the seam between whoever samples and the DiT or UNetT behind.

Knows tensors; neither a network's inside, nor how time runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

BANDS = 100
"""Of the mel."""


@dataclass(frozen=True, eq=False)
class Utterance:
    """One chunk to sample: `frames` counts the reference, the speech and what is known after it."""

    reference: Tensor
    """Log-mel of the reference, fp32 [reference frames, 100]."""
    ids: Tensor
    """Token numbers of the reference's text followed by the chunk's, int64 [length]."""
    noise: Tensor
    """The state at time 0, fp32 [frames, 100]."""
    after: Tensor | None = None
    """Log-mel of what is known after the speech too, fp32 [frames, 100]: then the speech is filled in between."""

    @property
    def known(self) -> list[tuple[int, Tensor]]:
        """The mels that are given, each with the frame it begins at."""
        after = [] if self.after is None else [(self.frames - len(self.after), self.after)]
        return [(0, self.reference), *after]

    @property
    def frames(self) -> int:
        """Frames of all together."""
        return len(self.noise)


class Flow(Protocol):
    """The velocity of a batch of utterances, guided where there is a strength."""

    def __call__(self, states: Sequence[Tensor], step: int) -> list[Tensor]:
        """Of each utterance's state, fp32 [frames, 100] as it is, at the time number `step` of the schedule."""
        ...


class Transformer(Protocol):
    """The network of a model."""

    def flow(self, batch: Sequence[Utterance], times: Tensor, cfg_strength: float) -> Flow:
        """The flow of these utterances at these times, with all that stays the same from step to step made once."""
        ...
