"""Reference + chunks -> speech: what to give the sampler for each chunk, and sound from what it gives back.

Knows lengths and the reference's place before the speech; not how a model is loaded, nor how parts are joined.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BadText, ModelUnavailable
from ..text import Pronunciation, frames, missing_letters, require_letters
from ..types import Chunk, CloneRequest, Partial, Reference, Samples, Step
from .model import HOP, Model
from .network import Utterance
from .sampler import Sampler, draw_noise, time_grid

if TYPE_CHECKING:
    from torch import Tensor

PACE = 2.5, 10.0
"""Fewest and most frames an average phone takes, of a model that is told when each is spoken: 37 and 9 phones a second."""
LEAST_FRAMES = 32
"""A chunk of such a model gets a third of a second at least, or nobody could hear it."""


@dataclass(frozen=True)
class Manner:
    """How to speak: the numbers of a request that the sampler's work depends on."""

    nfe: int
    cfg_strength: float
    sway_sampling: float
    speed: float
    seed: int


def manner_of(request: CloneRequest, seed: int) -> Manner:
    """How the request is to be spoken, with this seed."""
    return Manner(request.nfe, request.cfg_strength, request.sway_sampling, request.speed, seed)


@dataclass(frozen=True, eq=False)
class Voice:
    """A reference as this model takes it: mel [frames, 100], and its text up to where the speech begins."""

    mel: Tensor
    frames: int
    """Where the speech begins. The package's mel has one frame more than a sound has hops, and it stays in the speech."""
    text: str


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
    for chunk in chunks:
        batch = [lay_out(model, voice, chunk, manner)]
        (mel,) = yield from sampled(model, sampler, batch, manner, chunk.number + 1, len(chunks))
        yield Partial(chunk.number + 1, len(chunks), sound(model, mel[voice.frames :]))


def sampled(
    model: Model, sampler: Sampler, batch: Sequence[Utterance], manner: Manner, chunk: int = 1, chunks: int = 1
) -> Generator[Step, None, list[Tensor]]:
    """A Step after every model call, then the mels [frames, 100] of a batch, which is `chunk` of `chunks`, from 1."""
    steps = sampler.sample(model, batch, time_grid(manner.nfe, manner.sway_sampling), manner.cfg_strength)
    while True:
        try:
            yield Step(chunk, chunks, next(steps), manner.nfe)
        except StopIteration as end:
            mels: list[Tensor] = end.value
            return mels


def prepare_voice(model: Model, reference: Reference) -> Voice:
    """The reference's mel and text."""
    return Voice(model.mel(reference.samples), len(reference.samples) // HOP, reference.text)


def speech_frames(
    pronunciation: Pronunciation | None, reference_frames: int, reference_text: str, text: str, speed: float
) -> int:
    """Frames that `text` takes after the reference, in its pace: by phones where these are told, else as in F5-TTS."""
    if pronunciation is None:
        return frames(reference_frames, reference_text, text, speed)
    slowest, fastest = PACE[1], PACE[0]
    pace = reference_frames / pronunciation.length(pronunciation.phones(reference_text))
    length = pronunciation.length(pronunciation.phones(text))
    return max(round(min(max(pace, fastest), slowest) * length / speed), LEAST_FRAMES)


def lay_out(model: Model, voice: Voice, chunk: Chunk, manner: Manner) -> Utterance:
    """One chunk as the sampler takes it: text and speech of the reference, then of the chunk."""
    more = speech_frames(model.pronunciation, voice.frames, voice.text, chunk.text, manner.speed)
    more = max(round(more / chunk.pace), 1)
    if pronunciation := model.pronunciation:
        # Roughly for the reference, whose phones are laid over all of it: the model has learned from such.
        tokens = pronunciation.spread(pronunciation.phones(voice.text), voice.frames)
        tokens += pronunciation.spread(pronunciation.phones(chunk.text), more)
        reference, total = voice.mel[: voice.frames], len(tokens)
    else:
        tokens, reference = model.tokens(voice.text + chunk.text), voice.mel
        # At least a frame for each token and one after the reference, as the package's CFM.sample.
        total = max(voice.frames + more, len(reference) + 1, len(tokens) + 1)
    return Utterance(reference, model.ids(tokens), draw_noise(total, manner.seed, chunk.key or chunk.number))


def sound(model: Model, mel: Tensor) -> Samples:
    """A mel [frames, 100] as samples."""
    import torch

    with torch.inference_mode():
        samples: Samples = model.vocoder.decode(mel).float().cpu().numpy()
    if not np.isfinite(samples).all():
        raise ModelUnavailable(f"The model {model.name} made no sound (NaN); its weights are damaged, choose another.")
    return samples
