"""A reference as a model takes it: its mel, its words, and for a model that is told of phones what each sounds like in it.

Knows neither what is to be said in that voice, nor how it is sampled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..types import Reference
from .laying import lay
from .model import HOP, Model
from .network import BANDS
from .pitch import harmonics, heights_of

if TYPE_CHECKING:
    from torch import Tensor

DOUBT = 4.0
"""Frames of the voice as a whole that are counted in with each phone's own."""
COARSE, OVERDONE = 40, 0.15
"""Guidance leads away from what is usual, past the voice: of a mel's cosine transform over its bands the lowest COARSE move 1.05
to 1.3 times as much as its teachers' do in the bundled model's, and this share of it is taken back. What is finer, as
harmonics are, is rather too weak and stays (benchmarks/LOG.md)."""


@dataclass(frozen=True, eq=False)
class Voice:
    """A reference as this model takes it: mel [frames, 100], and its text up to where the speech begins."""

    mel: Tensor
    frames: int
    """Where the speech begins. The package's mel has one frame more than a sound has hops, and it stays in the speech."""
    text: str
    phones: tuple[str, ...] = ()
    """What is heard in each of the frames, of a model that is told of phones."""
    palette: Tensor | None = None
    """What each token of such a model sounds like in this voice, fp32 [tokens, 100]."""
    middle: Tensor | None = None
    """What such a voice sounds like as a whole, fp32 [1, 100]."""
    heights: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    """Hertz it speaks at in each of the frames."""

    def told(self, ids: Tensor, heights: np.ndarray | None = None) -> Tensor | None:
        """What the model is told of the sound of frames to be made, fp32 [frames, 100], by their tokens and by the Hertz
        they are to have; None: nothing. Without heights they are the reference's, over again, and end as it ends."""
        import torch

        if self.palette is None:
            return None
        heights = self.heights.take(range(-len(ids), 0), mode="wrap") if heights is None else heights
        return self.palette[ids] + harmonics(torch.from_numpy(heights)).to(self.palette.device)

    def evened(self, mel: Tensor) -> Tensor:
        """The mel [frames, 100] of speech in this voice without what guidance overdid of its shape; for a model that is not
        told of phones, as it is."""
        return mel if self.middle is None else mel - OVERDONE * (mel - self.middle) @ _coarse().to(mel)


def prepare_voice(model: Model, reference: Reference) -> Voice:
    """The reference's mel, text and phones."""
    mel, frames = model.mel(reference.samples), len(reference.samples) // HOP
    if not (says := model.pronunciation):
        return Voice(mel, frames, reference.text)
    phones = lay(says, says.phones(reference.text), mel[:frames].cpu().numpy())
    sounds, middle = palette(mel[:frames], model.ids(phones), len(model.vocabulary)), louder(mel[:frames])
    return Voice(mel, frames, reference.text, tuple(phones), sounds, middle, heights_of(reference.samples)[:frames])


def palette(mel: Tensor, ids: Tensor, tokens: int, heard: Tensor | None = None) -> Tensor:
    """What each of so many tokens sounds like in a mel [..., frames, 100] of these tokens, one a frame, or in those of its
    frames that are `heard`: the mean of its frames and of DOUBT frames of the whole, [..., tokens, 100]."""
    import torch.nn.functional as F

    each = F.one_hot(ids, tokens) if heard is None else F.one_hot(ids, tokens) * heard[..., None]
    each = each.to(mel).mT
    return (each @ mel + DOUBT * louder(mel, heard)) / (each.sum(-1, keepdim=True) + DOUBT)


def louder(mel: Tensor, heard: Tensor | None = None) -> Tensor:
    """The mean of a mel's [..., frames, 100] louder frames, or of those that are `heard`: [..., 1, 100]."""
    import torch

    level = mel.mean(-1, keepdim=True)
    counted = torch.ones_like(level) if heard is None else heard[..., None].to(mel)
    loud = counted * (level >= (level * counted).sum(-2, keepdim=True) / counted.sum(-2, keepdim=True))
    return (mel * loud).sum(-2, keepdim=True) / loud.sum(-2, keepdim=True)


@lru_cache(maxsize=1)
def _coarse() -> Tensor:
    """What takes from a mel's frame its coarse shape, [100, 100]: the lowest COARSE of its cosine transform there and back."""
    import torch

    waves = torch.cos(torch.pi / BANDS * torch.arange(COARSE)[:, None] * (torch.arange(BANDS) + 0.5))
    waves /= waves.norm(dim=1, keepdim=True)
    return waves.T @ waves
