"""A reference as a model takes it: its mel, its words, and for a model that is told of phones what each sounds like in it.

Knows neither what is to be said in that voice, nor how it is sampled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..types import Reference
from .laying import lay
from .model import HOP, Model

if TYPE_CHECKING:
    from torch import Tensor

DOUBT = 4.0
"""Frames of the voice as a whole that are counted in with each phone's own."""


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

    def told(self, ids: Tensor) -> Tensor | None:
        """What the model is told of the sound of frames to be made, fp32 [frames, 100], by their tokens; None: nothing."""
        return None if self.palette is None else self.palette[ids]


def prepare_voice(model: Model, reference: Reference) -> Voice:
    """The reference's mel, text and phones."""
    mel, frames = model.mel(reference.samples), len(reference.samples) // HOP
    if not (says := model.pronunciation):
        return Voice(mel, frames, reference.text)
    phones = lay(says, says.phones(reference.text), mel[:frames].cpu().numpy())
    return Voice(
        mel, frames, reference.text, tuple(phones), palette(mel[:frames], model.ids(phones), len(model.vocabulary))
    )


def palette(mel: Tensor, ids: Tensor, tokens: int) -> Tensor:
    """What each of so many tokens sounds like in a mel [frames, 100] of these tokens, one a frame: the mean of its frames
    and of DOUBT frames of the whole, [tokens, 100]."""
    import torch

    level = mel.mean(-1)
    whole = mel[level >= level.mean()].mean(0)
    found = torch.zeros(tokens, mel.shape[1], device=mel.device).index_add(0, ids, mel)
    count = torch.bincount(ids, minlength=tokens)[:, None]
    return (found + DOUBT * whole) / (count + DOUBT)
