"""Reference + chunks -> speech: what to give the sampler for each chunk, and sound from what it gives back.

Knows lengths and the reference's place before the speech; not how a model is loaded, nor how parts are joined.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BadText, ModelUnavailable
from ..text import frames, missing_letters, require_letters
from ..types import Chunk, Partial, Reference, Samples, Step
from .model import HOP, Model, time_grid
from .sampler import Sampler, Utterance, draw_noise

if TYPE_CHECKING:
    from torch import Tensor

FRAMES_PER_LETTER = 3, 12
"""Fewest and most frames a letter takes, of a model whose text lies evenly: 31 and 8 letters a second."""
LEAST_FRAMES = 32
"""A chunk of an even model gets a third of a second at least, or nobody could hear it."""


@dataclass(frozen=True)
class Manner:
    """How to speak: the numbers of a request that the sampler's work depends on."""

    nfe: int
    cfg_strength: float
    sway_sampling: float
    speed: float
    seed: int


@dataclass(frozen=True, eq=False)
class Voice:
    """A reference as this model takes it: mel [frames, 100], and its text up to where the speech begins."""

    mel: Tensor
    frames: int
    """Where the speech begins. The package's mel has one frame more than a sound has hops, and it stays in the speech."""
    text: str
    frames_per_letter: int
    """Of a model whose text lies evenly over the frames; 0 for the others."""


def speak(
    model: Model, sampler: Sampler, reference: Reference, chunks: Sequence[Chunk], manner: Manner
) -> Generator[Step | Partial, None, None]:
    """Speak chunk after chunk: a Step after every model call, a Partial when a chunk is sound.

    Raises BadText where the model's vocabulary lacks a letter, before the first model call.
    """
    voice = prepare_voice(model, reference)
    if missing := missing_letters(model.tokens(voice.text), model.vocabulary):
        raise BadText(
            f"The words in the clip hold {' '.join(missing[:10])}, which the model {model.name} cannot read; "
            "choose another model, or a clip in its language."
        )
    require_letters([token for chunk in chunks for token in model.tokens(chunk.text)], model.vocabulary, model.name)
    times = time_grid(manner.nfe, manner.sway_sampling)
    for chunk in chunks:
        utterance = lay_out(model, voice, chunk, manner)
        steps = sampler.sample(model, [utterance], times, manner.cfg_strength)
        while True:
            try:
                yield Step(chunk.number + 1, len(chunks), next(steps), manner.nfe)
            except StopIteration as end:
                (mel,) = end.value
                break
        yield Partial(chunk.number + 1, sound(model, mel[voice.frames :], manner.speed))


def prepare_voice(model: Model, reference: Reference) -> Voice:
    """The reference's mel and text, evened out where the model needs it."""
    mel = model.mel(reference.samples)
    return _evened(mel, reference.text) if model.even else Voice(mel, len(reference.samples) // HOP, reference.text, 0)


def lay_out(model: Model, voice: Voice, chunk: Chunk, manner: Manner) -> Utterance:
    """One chunk as the sampler takes it; lengths as in F5-TTS, or whole frames a letter."""
    if each := voice.frames_per_letter:
        text = chunk.text.ljust(-(-LEAST_FRAMES // each))
        more = each * len(model.tokens(text))
    else:
        text, more = chunk.text, frames(voice.frames, voice.text, chunk.text, manner.speed)
    tokens = model.tokens(voice.text + text)
    # At least a frame for each token and one after the reference, as the package's CFM.sample.
    total = max(voice.frames + more, len(voice.mel) + 1, len(tokens) + 1)
    return Utterance(voice.mel, model.ids(tokens), draw_noise(total, manner.seed, chunk.number))


def sound(model: Model, mel: Tensor, speed: float) -> Samples:
    """A mel [frames, 100] as samples; an evened model has one pace, so its speed is made here."""
    import torch
    import torch.nn.functional as F

    with torch.inference_mode():
        if model.even and speed != 1.0:
            mel = F.interpolate(mel.T[None], scale_factor=1 / speed, mode="linear", align_corners=False)[0].T
        samples: Samples = model.vocoder.decode(mel).float().cpu().numpy()
    if not np.isfinite(samples).all():
        raise ModelUnavailable(f"The model {model.name} made no sound (NaN); its weights are damaged, choose another.")
    return samples


def _evened(mel: Tensor, text: str) -> Voice:
    """The reference cut or padded so that every letter of it has the same whole number of frames.

    A model trained on text spread evenly over the frames loses its place by several letters otherwise, since the
    package gives the remainder of frames / letters to the last letters alone. Spaces or its own last frame fill up.
    """
    import torch

    text = text.strip()
    letters = len(text) + 1
    fewest, most = FRAMES_PER_LETTER
    each = min(max(fewest, round(len(mel) / letters)), most)
    spare = len(mel) // each - letters
    if spare >= 0:
        return Voice(mel[: each * (letters + spare)], each * (letters + spare), text + " " * (1 + spare), each)
    with torch.inference_mode():
        filled = torch.cat([mel, mel[-1:].expand(each * letters - len(mel), -1)])
    return Voice(filled, len(filled), text + " ", each)
