"""What a model's network is asked and tells: the seam between whoever samples and the DiT or UNetT behind.

Knows tensors; neither a network's inside, nor how time runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

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
    told: Tensor | None = None
    """What the model is told of the sound where speech is to be made, fp32 [those frames, 100]; None: nothing, as F5-TTS is."""

    @property
    def known(self) -> list[tuple[int, Tensor]]:
        """The mels that are given, each with the frame it begins at."""
        after = [] if self.after is None else [(self.frames - len(self.after), self.after)]
        return [(0, self.reference), *after]

    @property
    def given(self) -> list[tuple[int, Tensor]]:
        """What the network is given, with the frames it begins at: what is known, and what it is told of the speech."""
        return self.known if self.told is None else [*self.known, (len(self.reference), self.told)]

    @property
    def frames(self) -> int:
        """Frames of all together."""
        return len(self.noise)


class Transformer(Protocol):
    """The network of a model."""

    @property
    def frame_bytes(self) -> int:
        """Memory that a frame takes at most while it is sampled, guidance counted in; 0 where a batch takes as long as
        its utterances one after the other."""
        ...

    def prepare(self, utterance: Utterance, times: Tensor, cfg_strength: float) -> Any:
        """What stays the same of an utterance while it is sampled at these times, for `velocities`."""
        ...

    def velocities(self, batch: Sequence[Any], states: Sequence[Tensor], steps: Sequence[int]) -> list[Tensor]:
        """The velocity of each prepared utterance, guided where it has a strength, fp32 [frames, 100] as its state, at
        the time number `step` of its own schedule. The states are left as they are."""
        ...
