"""A gap in a speech filled anew, between what is said before and after it: F5-TTS' own training task.

Knows sounds, their words and how long words take; not where the gap lies in a take, nor how it is put in.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ..audio import MARGIN, rms
from ..text import Pronunciation, require_letters
from ..types import RATE, Partial, Reference, Samples, Step, Word
from .model import HOP, Model
from .network import Utterance
from .pitch import heights_of
from .sampler import Sampler, draw_noise
from .synthesis import Manner, sampled, sound
from .voice import Voice, prepare_voice

STRETCH = 0.85, 1.5
"""How much shorter and longer than the voice's own pace the new words may be, where those they replace were."""
EVEN = 0.6, 1.5
"""Least and most RMS of what is filled in, against the speech's: a stressed word is 4 dB above it, and the bundled model
says some in a gap 8 dB above."""
ROOM = 1024
"""Samples of silence after a stretch, so that a window of the mel fits into any."""
LEAST_FRAMES = 8
"""85 ms: no word is shorter."""


@dataclass(frozen=True, eq=False)
class Gap:
    """A stretch of a speech with a gap in it. Words have the text that is spoken, and seconds of the stretch."""

    stretch: Samples
    start: int
    """The gap's first sample, at a whole frame of the stretch, in the last of the words before it."""
    end: int
    """The first sample after it, in the first of the words after it."""
    before: tuple[Word, ...]
    replaced: Word
    """What is said in it now, all in one; its probability is 0 where it is not said at all."""
    words: str
    """What it is to say."""
    after: tuple[Word, ...]
    level: float
    """RMS of the speech."""


def infill(
    model: Model, sampler: Sampler, reference: Reference, gap: Gap, manner: Manner, tries: int
) -> Generator[Step | Partial, None, None]:
    """Fill the gap `tries` times, each from noise of its own: a Step after every model call, then a Partial for each.

    A Partial is the gap's new sound with MARGIN samples of what lies before and after it. Raises BadText where the
    model's vocabulary lacks a letter.
    """
    require_letters(model.tokens(gap.words), model.vocabulary, model.name)
    voice = prepare_voice(model, reference)
    gain = rms(reference.samples) / max(gap.level, 1e-3)  # the model knows voices as loud as the reference
    laid = lay_gap(model, voice, replace(gap, stretch=gap.stretch * np.float32(gain)))
    batch = [replace(laid, noise=draw_noise(laid.frames, manner.seed, f"gap/{number}")) for number in range(tries)]
    mels = yield from sampled(model, sampler, batch, manner, 1, tries)
    for number, mel in enumerate(mels):
        speech = np.pad(sound(model, voice, mel) / gain, MARGIN)
        end = (len(mel) - voice.frames - (len(gap.stretch) - gap.end) // HOP) * HOP
        yield Partial(number + 1, tries, _even(speech[gap.start : end + 2 * MARGIN], gap.level).astype(np.float32))


def lay_gap(model: Model, voice: Voice, gap: Gap) -> Utterance:
    """The gap as the sampler takes it, without its noise: the reference, what lies before, the gap, what lies after."""
    import torch

    stretch, first, size = np.pad(gap.stretch, (0, ROOM)), gap.start // HOP, gap_frames(model, voice, gap)
    # Mels of the sound as it goes on, since it does so at both ends of the gap.
    before = torch.cat([voice.mel[: voice.frames], model.mel(stretch)[:first]])
    after = model.mel(stretch[gap.end % HOP :])[gap.end // HOP :][: (len(gap.stretch) - gap.end) // HOP]
    lead, tail = _frames(gap.replaced.start) - first, _frames(gap.end / RATE - gap.replaced.end)
    total = len(before) + max(lead, 0) + size + max(tail, 0) + len(after)
    if model.pronunciation:
        begin, end = voice.frames + first + max(lead, 0), total - len(after) - max(tail, 0)
        moved = end - _frames(gap.replaced.end)
        places = [(word.text, voice.frames + _frames(word.start)) for word in gap.before] + [(gap.words, begin)]
        places += [("", end)] + [(word.text, moved + _frames(word.start)) for word in gap.after]
        tokens = _laid(model.pronunciation, voice.phones, places, total)
    else:
        texts = [word.text for word in gap.before] + [gap.words] + [word.text for word in gap.after]
        tokens = model.tokens(voice.text + " ".join(texts))
    ids = model.ids(tokens)
    made = ids[len(before) : total - len(after)]
    told = voice.told(made, _melody(gap, len(made))) if model.pronunciation else None
    return Utterance(before, ids, torch.empty(total, before.shape[1]), after, told)


def gap_frames(model: Model, voice: Voice, gap: Gap) -> int:
    """Frames the gap's new words take: as long as those they replace, by what is to be said, and within STRETCH of the
    pace of the voice."""

    def size(text: str) -> float:
        if model.pronunciation:
            return model.pronunciation.length(model.pronunciation.phones(text).strip())
        return float(len(text.strip().encode()))

    new, expected = size(gap.words), size(gap.words) * voice.frames / max(size(voice.text), 1.0)
    lasted = (gap.replaced.end - gap.replaced.start) * RATE / HOP
    as_before = lasted * new / max(size(gap.replaced.text), 1.0) if gap.replaced.probability else expected
    return max(round(min(max(as_before, STRETCH[0] * expected), STRETCH[1] * expected)), LEAST_FRAMES)


def _laid(
    pronunciation: Pronunciation, phones: Sequence[str], places: Sequence[tuple[str, int]], total: int
) -> list[str]:
    """A phone for each of `total` frames: those of the reference, then of each text from its frame to that of the next."""
    tokens = [*phones]
    for (text, _), (_, until) in pairwise([*places, ("", total)]):
        if until > len(tokens):
            tokens += pronunciation.spread(pronunciation.phones(text), until - len(tokens))
    return tokens


def _melody(gap: Gap, frames: int) -> np.ndarray:
    """Hertz of what is said in the gap now, over so many frames."""
    heights = heights_of(gap.stretch)[gap.start // HOP : gap.end // HOP + 1]
    melody: np.ndarray = np.interp(np.linspace(0, len(heights) - 1, frames), np.arange(len(heights)), heights)
    return melody


def _even(samples: Samples, level: float) -> Samples:
    loud = max(rms(samples), 1e-3)
    return samples * np.float32(min(max(loud, EVEN[0] * level), EVEN[1] * level) / loud)


def _frames(seconds: float) -> int:
    return round(seconds * RATE / HOP)
