"""Reference + chunks -> speech: what to give the sampler for each chunk, and sound from what it gives back.

Knows lengths and the reference's place before the speech; not how a model is loaded, nor how parts are joined.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BadText, ModelUnavailable
from ..text import Pronunciation, frames, missing_letters, require_letters
from ..types import Chunk, CloneRequest, Partial, Reference, Samples, Step
from .model import Model
from .network import Utterance
from .sampler import Sampler, draw_noise, time_grid
from .voice import Voice, prepare_voice

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


def speak(
    model: Model, sampler: Sampler, reference: Reference, chunks: Sequence[Chunk], manner: Manner
) -> Generator[Step | Partial, None, None]:
    """Speak the chunks, in batches where the model has room: a Step after every model call, a Partial for each in order.

    Raises BadText where the model's vocabulary lacks a letter, before the first model call.
    """
    if missing := missing_letters(model.tokens(reference.text), model.vocabulary):
        raise BadText(
            f"The words in the clip hold {' '.join(missing[:10])}, which the model {model.name} cannot read; "
            "choose another model, or a clip in its language."
        )
    require_letters([token for chunk in chunks for token in model.tokens(chunk.text)], model.vocabulary, model.name)
    voice = prepare_voice(model, reference)
    number = 1
    for batch in batches((lay_out(model, voice, chunk, manner) for chunk in chunks), model.room):
        for mel in (yield from sampled(model, sampler, batch, manner, number, len(chunks))):
            yield Partial(number, len(chunks), sound(model, voice, mel))
            number += 1


def batches(utterances: Iterable[Utterance], room: Callable[[], int]) -> Iterator[list[Utterance]]:
    """Neighbours together as far as there is room for their frames, each batch twice as many as the one before it at
    most: the first is soon heard by itself, and what is heard lasts while more is made."""
    batch, frames, most = list[Utterance](), 0, 1
    for utterance in utterances:
        if batch and (len(batch) == most or frames + utterance.frames > room()):
            yield batch
            batch, frames, most = [], 0, 2 * len(batch)
        batch.append(utterance)
        frames += utterance.frames
    if batch:
        yield batch


def sampled(
    model: Model, sampler: Sampler, batch: Sequence[Utterance], manner: Manner, chunk: int, chunks: int
) -> Generator[Step, None, list[Tensor]]:
    """A Step after every model call, then the mels [frames, 100] of a batch, whose first is `chunk` of `chunks`, from 1."""
    steps = sampler.sample(model, batch, time_grid(manner.nfe, manner.sway_sampling), manner.cfg_strength)
    while True:
        try:
            done, along = next(steps)
        except StopIteration as end:
            mels: list[Tensor] = end.value
            return mels
        yield Step(chunk, chunks, done, manner.nfe, len(batch), along)


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
        tokens = [*voice.phones, *pronunciation.spread(pronunciation.phones(chunk.text), more)]
        reference, total = voice.mel[: voice.frames], len(tokens)
    else:
        tokens, reference = model.tokens(voice.text + chunk.text), voice.mel
        # At least a frame for each token and one after the reference, as the package's CFM.sample.
        total = max(voice.frames + more, len(reference) + 1, len(tokens) + 1)
    ids, noise = model.ids(tokens), draw_noise(total, manner.seed, chunk.key or chunk.number)
    return Utterance(reference, ids, noise, told=voice.told(ids[len(reference) :]))


def sound(model: Model, voice: Voice, mel: Tensor) -> Samples:
    """What a mel [frames, 100] holds after the voice, as samples."""
    import torch

    with torch.inference_mode():
        samples: Samples = model.vocoder.decode(voice.evened(mel[voice.frames :])).float().cpu().numpy()
    if not np.isfinite(samples).all():
        raise ModelUnavailable(f"The model {model.name} made no sound (NaN); its weights are damaged, choose another.")
    return samples
