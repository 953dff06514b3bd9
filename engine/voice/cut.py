"""Where a clip may be cut, and which of its words lie on which side. Knows sound and timed words, not what they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ..text.words import joined, plain, split
from ..types import Word

TIMING_ERROR = 0.1
"""Seconds by which Whisper's word times are commonly off."""
ENDS = (".", "!", "?", "。", "！", "？")
"""What a sentence ends in."""
PAUSES = (*ENDS, ",", ";", ":", "，", "；", "：", "、")
"""What a clause ends in."""


@dataclass(frozen=True)
class Place:
    """A place behind a word where a clip could end, in seconds: anywhere from `start` to `end`."""

    start: float
    end: float
    words: int
    """How many words lie before it."""
    sentence: bool
    clause: bool
    silent: bool

    @property
    def middle(self) -> float:
        """Farthest from the words on both sides."""
        return (self.start + self.end) / 2


def places(words: Sequence[Word], quiet: Sequence[tuple[float, float]], longest: float) -> list[Place]:
    """A place after each word that ends in time: the longest silence up to the next word, or what lies between the two.

    `quiet` as `silences` gives it; the first word without text ends the list, since the typed part of the sound does.
    """
    found = []
    for count, word in enumerate(words, 1):
        if word.end > longest or not word.text:
            break
        following = min(words[count].start, longest) if count < len(words) else longest
        gap = (word.end - TIMING_ERROR, max(word.end, following) + TIMING_ERROR)
        pauses = [(max(start, gap[0]), min(end, gap[1])) for start, end in quiet if start < gap[1] and end > gap[0]]
        start, end = max(pauses, key=lambda pause: pause[1] - pause[0], default=(word.end, max(word.end, following)))
        found.append(Place(start, end, count, word.text.endswith(ENDS), word.text.endswith(PAUSES), bool(pauses)))
    return found


def timed(typed: str, heard: Sequence[Word]) -> tuple[Word, ...]:
    """The words of a clip with their times: the typed ones aligned to the heard, or these where nothing was typed.

    Where the script sets no spaces each character is a word.
    """
    words = tuple(part for word in heard for part in _spread(split(word.text), word.start, word.end))
    return align(split(typed), words) if typed.strip() else words


def said(words: Sequence[Word], start: float = 0.0, end: float = float("inf")) -> str:
    """The text of the words whose middle lies between `start` and `end` seconds: what a clip cut there says."""
    return joined(word.text for word in words if start <= (word.start + word.end) / 2 < end)


def align(typed: Sequence[str], heard: Sequence[Word]) -> tuple[Word, ...]:
    """The typed words with the times of the heard ones they correspond to, in order.

    Words are matched by their letters alone (longest common runs); typed words between two matches share the time the
    heard words between them take, those after the last match lie after the last heard word. Words that were heard and
    not typed stand as they were heard, since they are in the sound; after the last typed word they are blank: there the
    typed part of the sound ends.
    """
    matcher = SequenceMatcher(None, [plain(word) for word in typed], [plain(w.text) for w in heard], autojunk=False)
    found: list[Word] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            found += [replace(word, text=text) for text, word in zip(typed[a:b], heard[c:d], strict=True)]
        elif b > a:
            start = heard[c].start if d > c else (found[-1].end if found else 0.0)
            end = heard[d - 1].end if d > c else (heard[d].start if d < len(heard) else float("inf"))
            found += _spread(typed[a:b], start, end)
        else:
            found += heard[c:d] if a < len(typed) else [replace(word, text="") for word in heard[c:d]]
    return tuple(found)


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
