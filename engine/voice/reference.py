"""A clip -> Reference: edges trimmed, level raised, and where it is too long, cut together with its words.

The f5-tts package cuts the sound of a long clip and keeps its text, the source of much of its gibberish; here every
word timed outside the cut leaves the text, typed text included. Knows sound and words; not Whisper (it is handed
something that hears), nor any model but for how long a reference it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np

from ..audio import rms, scale_to, silences, trim
from ..errors import BadClip, BadText, HearingUnavailable
from ..text import normalise
from ..types import RATE, Event, Reference, Samples, Stage, Transcript, Word
from .cut import places, said, timed

Hear = Callable[[Samples], Generator[Event, None, Transcript]]
"""Yields progress, returns the words of a sound. Raises HearingUnavailable."""

TARGET_RMS = 0.1
"""Quiet references are raised to it, as in F5-TTS: the level its training speech had."""
TAIL = int(0.05 * RATE)
"""Silence put after the reference, as in F5-TTS, so that its last sound is not carried into the speech."""
MOST_LETTERS = 40
"""Letters a second that nobody speaks: fast English has 25."""
HEARD_SECONDS = 30.0
"""How much of a long clip is heard to find a cut: one window of Whisper."""


@dataclass(frozen=True)
class _Cut:
    """Where a clip is cut, in seconds, and the words that stay."""

    end: float
    text: str


def prepare(
    samples: Samples, hash: str, typed: str, language: str, hear: Hear, longest: float
) -> Generator[Event, None, Reference]:
    """Make a reference of at most `longest` seconds from a clip (fp32 mono at 24 kHz); `hash` names its content.

    Yields Stage("transcribing") and what `hear` yields where words are needed. Raises BadClip for a clip without sound
    or one that must be cut while its typed words cannot be timed, HearingUnavailable where blank text stays blank.
    """
    clip = trim(samples)
    if not len(clip):
        raise BadClip("The clip is silent; choose one with a voice in it.")
    too_long = len(clip) / RATE > longest
    if typed.strip() and not too_long:
        return _reference(clip, typed, language, hash, ())
    heard = yield from _heard(clip, typed, hear)
    text = typed.strip() or heard.text
    if not too_long:
        return _reference(clip, text, heard.language, hash, ())
    cut = _cut(clip, timed(typed, heard.words, heard.language), longest)
    note = (
        f"Only the first {cut.end:.1f} s of the clip and the words in them were used; this model takes {longest:g} s."
    )
    return _reference(trim(clip[: round(cut.end * RATE)]), cut.text, heard.language, hash, (note,))


def _heard(clip: Samples, typed: str, hear: Hear) -> Generator[Event, None, Transcript]:
    yield Stage("transcribing")
    try:
        return (yield from hear(clip[: round(HEARD_SECONDS * RATE)]))
    except HearingUnavailable as error:
        if typed.strip():
            raise BadClip(
                f"The clip is {len(clip) / RATE:.1f} s long and must be cut, and its words cannot be timed "
                f"({str(error).split(';')[0].rstrip('.')}); cut it shorter yourself with just the words in it."
            ) from None
        raise


def _reference(clip: Samples, text: str, language: str, hash: str, notes: tuple[str, ...]) -> Reference:
    spoken = normalise(text, language or "en")
    if not any(letter.isalnum() for letter in spoken):
        raise BadText("The words in the clip hold nothing to say; type what is said in it, or leave them blank.")
    if len(spoken) > MOST_LETTERS * (1 + len(clip) / RATE):
        raise BadText(
            f"The clip lasts {len(clip) / RATE:.1f} s and cannot hold so many words; type just what is said in it, or "
            "leave them blank."
        )
    level = rms(clip)
    sound = scale_to(clip, TARGET_RMS) if level < TARGET_RMS else clip
    return Reference(np.concatenate([sound, np.zeros(TAIL, np.float32)]), ended(spoken), language, hash, notes)


def ended(text: str) -> str:
    """The text made to end as F5-TTS wants it: a full stop and a space, or a Chinese full stop."""
    text = text.strip()
    if text.endswith("。"):
        return text
    return text + " " if text.endswith((".", "!", "?")) else text.rstrip(",;:-") + ". "


def _cut(clip: Samples, words: Sequence[Word], longest: float) -> _Cut:
    """The best place to end within `longest` seconds, and the words before it."""
    found = places(words, silences(clip), longest)
    if not found:
        raise BadClip("No whole word ends early enough in the clip; use a clip whose speech begins at once.")
    late = [place for place in found if place.middle >= longest / 2] or found
    best = max(late, key=lambda place: (place.sentence, place.silent, place.middle))
    return _Cut(min(best.middle, longest), said(words[: best.words]))
