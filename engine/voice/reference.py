"""A clip -> Reference: edges trimmed, level raised, and where it is too long, cut together with its words.

The f5-tts package cuts the sound of a long clip and keeps its text, the source of much of its gibberish; here every
word timed outside the cut leaves the text, typed text included. Knows sound and words; not Whisper (it is handed
something that hears), nor any model but for how long a reference it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import numpy as np

from ..audio import rms, scale_to, silences, trim
from ..errors import BadClip, BadText, HearingUnavailable
from ..text import normalise
from ..types import RATE, Event, Reference, Samples, Stage, Transcript, Word

Hear = Callable[[Samples], Generator[Event, None, Transcript]]
"""Yields progress, returns the words of a sound. Raises HearingUnavailable."""

TARGET_RMS = 0.1
"""Quiet references are raised to it, as in F5-TTS: the level its training speech had."""
TAIL = int(0.05 * RATE)
"""Silence put after the reference, as in F5-TTS, so that its last sound is not carried into the speech."""
MOST_LETTERS = 40
"""Letters a second that nobody speaks: fast English has 25."""
TIMING_ERROR = 0.1
"""Seconds by which Whisper's word times are commonly off."""
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
    cut = _cut(clip, text if typed.strip() else "", heard.words, longest)
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


def _cut(clip: Samples, typed: str, heard: Sequence[Word], longest: float) -> _Cut:
    """The best place to end within `longest` seconds, and the words before it."""
    spaced = not any("\u3040" <= letter <= "\u9fff" for word in heard for letter in word.text)
    words = (
        tuple(heard)
        if spaced
        else tuple(letter for word in heard for letter in _spread(word.text, word.start, word.end))
    )
    if typed:
        words = align(typed.split() if spaced else [letter for letter in typed if not letter.isspace()], words)
    places = _places(words, silences(clip), longest)
    if not places:
        raise BadClip("No whole word ends early enough in the clip; use a clip whose speech begins at once.")
    late = [place for place in places if place.end >= longest / 2] or places
    best = max(late, key=lambda place: (place.sentence, place.silent, place.end))
    return _Cut(best.end, (" " if spaced else "").join(word.text for word in words[: best.words]))


@dataclass(frozen=True)
class _Place:
    """A place between two words where a clip could end."""

    end: float
    words: int
    """How many words lie before it."""
    sentence: bool
    silent: bool


def _places(words: Sequence[Word], quiet: Sequence[tuple[float, float]], longest: float) -> list[_Place]:
    """A place after each word that ends in time: in the longest silence up to the next word, or between the two."""
    places = []
    for count, word in enumerate(words, 1):
        if word.end > longest or not word.text:
            break
        following = min(words[count].start, longest) if count < len(words) else longest
        gap = (word.end - TIMING_ERROR, max(word.end, following) + TIMING_ERROR)
        pauses = [(max(start, gap[0]), min(end, gap[1])) for start, end in quiet if start < gap[1] and end > gap[0]]
        start, end = max(pauses, key=lambda pause: pause[1] - pause[0], default=(word.end, max(word.end, following)))
        ends_sentence = word.text.endswith((".", "!", "?", "。", "！", "？"))
        places.append(_Place(min((start + end) / 2, longest), count, ends_sentence, bool(pauses)))
    return places


def align(typed: Sequence[str], heard: Sequence[Word]) -> tuple[Word, ...]:
    """The typed words with the times of the heard ones they correspond to, in order.

    Words are matched by their letters alone (longest common runs); typed words between two matches share the time the
    heard words between them take, those after the last match lie after the last heard word. Words that were heard and
    not typed stand as they were heard, since they are in the sound; after the last typed word they are blank: there the
    typed part of the sound ends.
    """
    matcher = SequenceMatcher(None, [_plain(word) for word in typed], [_plain(w.text) for w in heard], autojunk=False)
    timed: list[Word] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            timed += [replace(word, text=text) for text, word in zip(typed[a:b], heard[c:d], strict=True)]
        elif b > a:
            start = heard[c].start if d > c else (timed[-1].end if timed else 0.0)
            end = heard[d - 1].end if d > c else (heard[d].start if d < len(heard) else float("inf"))
            timed += _spread(typed[a:b], start, end)
        else:
            timed += heard[c:d] if a < len(typed) else [replace(word, text="") for word in heard[c:d]]
    return tuple(timed)


def _spread(words: Sequence[str], start: float, end: float) -> list[Word]:
    """Words laid over a stretch of time by their lengths; beyond the sound for an endless stretch."""
    if end == float("inf"):
        return [Word(text, end, end) for text in words]
    total, at, laid = sum(map(len, words)), start, []
    for text in words:
        until = min(end, at + (end - start) * len(text) / total)
        laid.append(Word(text, at, until))
        at = until
    return laid


def _plain(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())
