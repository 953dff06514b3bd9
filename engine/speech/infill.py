"""A gap in a speech filled anew, between what is said before and after it: F5-TTS' own training task.

Knows sounds, their words and how long words take; not where the gap lies in a take, nor how it is put in.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..audio import MARGIN, rms
from ..text import require_letters
from ..types import RATE, Partial, Reference, Samples, Step
from .model import HOP, Model
from .network import Utterance
from .sampler import Sampler, draw_noise, time_grid
from .synthesis import Manner, Voice, prepare_voice, sound

if TYPE_CHECKING:
    from torch import Tensor

STRETCH = 0.85, 1.5
"""How much shorter and longer than the voice's own pace the new words may be, where those they replace were."""
LEAST_FRAMES = 8
"""85 ms: no word is shorter."""


@dataclass(frozen=True, eq=False)
class Gap:
    """A stretch of a speech: its sound before and after the gap, whole frames of it, and the words of each."""

    before: Samples
    after: Samples
    words_before: str
    words: str
    """What the gap is to say."""
    words_after: str
    replaced: str
    """What is said in it now."""
    seconds: float
    """How long that takes; 0 where it is not said at all."""
    lead: float
    """Seconds of the gap that the end of the words before takes, which is sampled anew too."""
    tail: float
    """The same of the beginning of the words after."""


def infill(
    model: Model, sampler: Sampler, reference: Reference, gap: Gap, manner: Manner, tries: int
) -> Generator[Step | Partial, None, None]:
    """Fill the gap `tries` times, each from noise of its own: a Step after every model call, then a Partial for each.

    A Partial is the gap's new sound with MARGIN samples of what lies before and after it. Raises BadText where the
    model's vocabulary lacks a letter.
    """
    require_letters(model.tokens(gap.words), model.vocabulary, model.name)
    voice = prepare_voice(model, reference)
    # The model knows voices as loud as the reference.
    gain = rms(reference.samples) / max(rms(np.concatenate([gap.before, gap.after])), 1e-3)
    laid = lay_gap(model, voice, replace(gap, before=gap.before * gain, after=gap.after * gain))
    batch = [replace(laid, noise=draw_noise(laid.frames, manner.seed, f"gap/{number}")) for number in range(tries)]
    steps = sampler.sample(model, batch, time_grid(manner.nfe, manner.sway_sampling), manner.cfg_strength)
    while True:
        try:
            yield Step(1, 1, next(steps), manner.nfe)
        except StopIteration as stop:
            mels: list[Tensor] = stop.value
            break
    for number, mel in enumerate(mels):
        speech = np.pad(sound(model, mel[voice.frames :]) / gain, MARGIN)
        start, end = len(gap.before), (len(mel) - voice.frames) * HOP - len(gap.after)
        yield Partial(number + 1, tries, speech[start : end + 2 * MARGIN].astype(np.float32))


def lay_gap(model: Model, voice: Voice, gap: Gap) -> Utterance:
    """The gap as the sampler takes it, without its noise: the reference, what lies before, the gap, what lies after."""
    import torch

    before, after = (model.mel(part)[: len(part) // HOP] for part in (gap.before, gap.after))
    lead, tail = (round(seconds * RATE / HOP) for seconds in (gap.lead, gap.tail))
    sizes = [voice.frames, len(before) + lead, gap_frames(model, voice, gap), tail + len(after)]
    texts = [voice.text, gap.words_before, gap.words, gap.words_after]
    if pronunciation := model.pronunciation:
        tokens = [
            token
            for text, size in zip(texts, sizes, strict=True)
            for token in pronunciation.spread(pronunciation.phones(text), size)
        ]
    else:
        tokens = model.tokens(voice.text + " ".join(filter(None, texts[1:])))
    known = torch.cat([voice.mel[: voice.frames], before])
    return Utterance(known, model.ids(tokens), torch.empty(sum(sizes), known.shape[1]), after)


def gap_frames(model: Model, voice: Voice, gap: Gap) -> int:
    """Frames the gap's new words take: as long as those they replace, by what is to be said, and within STRETCH of the
    pace of the voice."""

    def size(text: str) -> float:
        if model.pronunciation:
            return model.pronunciation.length(model.pronunciation.phones(text).strip())
        return float(len(text.strip().encode()))

    known = voice.frames + (len(gap.before) + len(gap.after)) // HOP
    expected = size(gap.words) * known / max(size(" ".join([voice.text, gap.words_before, gap.words_after])), 1.0)
    as_before = gap.seconds * RATE / HOP * size(gap.words) / max(size(gap.replaced), 1.0) if gap.seconds else expected
    return max(round(min(max(as_before, STRETCH[0] * expected), STRETCH[1] * expected)), LEAST_FRAMES)
