"""Where a clip may be cut, and which of its words lie on which side. Knows sound and timed words, not what they are for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import inf

from ..hearing.align import spread
from ..text import Pair, pairs
from ..text.words import joined, split
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


def timed(typed: str, heard: Sequence[Word], language: str = "en") -> tuple[Word, ...]:
    """The words of a clip with their times: the typed ones as they were heard, or these where nothing was typed.

    By the character in a script without spaces; `language` is a two-letter code, for the reading of numbers. Typed words
    between two that were heard share the time of what was heard in their place, those after the last lie after the
    sound. Words that were heard and not typed stand as they were heard, since they are in the sound; after the last
    typed word they are blank: there the typed part of the sound ends. Raises BadText for a number of more than 60 digits.
    """
    words = [part for word in heard for part in spread(split(word.text), word)]
    if not typed.strip():
        return tuple(words)
    found: list[Word] = []
    at = ended = 0
    for ours, count in _runs(pairs(typed, joined(word.text for word in words), language)):
        matched, at = words[at : at + count], at + count
        if not ours:
            found += matched
            continue
        start = matched[0].start if matched else found[-1].end if found else 0.0
        end = matched[-1].end if matched else words[at].start if at < len(words) else inf
        found += [Word(text, inf, inf) for text in ours] if end == inf else spread(ours, Word("", start, end))
        ended = len(found)
    return (*found[:ended], *(replace(word, text="") for word in found[ended:]))


def _runs(found: Iterable[Pair]) -> Iterator[tuple[Sequence[str], int]]:
    """What was typed and how many words were heard for it: by the word where they agree, by the run where they do not,
    for a name may be misheard as two words."""
    for same, run in groupby(found, key=lambda pair: pair.same):
        for several in [[pair] for pair in run] if same else [[*run]]:
            yield [word for pair in several for word in pair.ours], sum(len(pair.theirs) for pair in several)


def said(words: Sequence[Word], start: float = 0.0, end: float = inf) -> str:
    """The text of the words whose middle lies between `start` and `end` seconds: what a clip cut there says."""
    return joined(word.text for word in words if start <= (word.start + word.end) / 2 < end)
