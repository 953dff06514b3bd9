"""The words asked for against the words heard: for each whether and when it was heard, and what was heard beside them.

Pure: knows texts and times, neither sound nor model. “25” is heard in “twenty-five”, “colour” in “color”.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..text import Pair, pairs
from ..text.words import joined, plain, split
from ..types import Word

NOWHERE = -1.0
"""The time of a word that was not heard, until it has its place between its neighbours."""


@dataclass(frozen=True)
class Asked:
    """A word that was asked for, as it was written, and what became of it."""

    word: Word
    """Where it is, in seconds; a word that was not heard has the place between its neighbours and probability 0."""
    kind: Literal["same", "alike", "changed", "missing"]
    """Alike: what was heard sounds like it, so that it may well have been said."""
    heard: str
    """What was heard in its place; words that are read together, as “$5 million”, share it."""


@dataclass(frozen=True)
class Extra:
    """A word that was heard and not asked for."""

    word: Word
    before: int
    """Number of the asked word that it was heard before, or the count of them: it was heard after the last."""
    repeated: bool
    """It was asked for, once, beside this place."""


@dataclass(frozen=True)
class Alignment:
    """Every asked word in order, and every word heard beside them in order; times never go backwards."""

    asked: tuple[Asked, ...]
    extras: tuple[Extra, ...]


def align(asked: str, heard: Sequence[Word], language: str = "en") -> Alignment:
    """What became of the words of `asked`, each as `text.words.split` gives it, among those heard.

    By the character in a script without spaces. `language` is a two-letter code, for the reading of numbers. 20,000
    words take some seconds. Raises BadText for a number of more than 60 digits.
    """
    words = [part for word in heard for part in spread(split(word.text), word)]
    found: list[Asked] = []
    extras: list[tuple[int, int, Word]] = []
    at, runs = 0, pairs(asked, joined(word.text for word in words), language)
    for number, pair in enumerate(runs):
        matched, at = words[at : at + len(pair.theirs)], at + len(pair.theirs)
        if pair.ours:
            found += _asked(pair, matched)
        else:
            extras += [(number, len(found), word) for word in matched]
    return Alignment(_placed(found, words), tuple(_extra(runs, *extra) for extra in extras))


def spread(words: Sequence[str], over: Word) -> list[Word]:
    """Words laid over the time of one by their lengths."""
    total, at, laid = max(sum(map(len, words)), 1), over.start, []
    for text in words:
        until = min(over.end, at + (over.end - over.start) * len(text) / total)
        laid.append(Word(text, at, until, over.probability))
        at = until
    return laid


def _asked(pair: Pair, matched: Sequence[Word]) -> list[Asked]:
    """The words asked for together, over the time of those heard for them; time to be found where nothing was."""
    heard = joined(word.text for word in matched)
    if not matched:  # a dash is not heard, nor meant to be
        kind: Literal["same", "missing"] = "same" if pair.same else "missing"
        return [Asked(Word(text, NOWHERE, NOWHERE, float(pair.same)), kind, "") for text in pair.ours]
    over = Word("", matched[0].start, matched[-1].end, min(word.probability for word in matched))
    verdict: Literal["same", "alike", "changed"] = "same" if pair.same else "alike" if pair.alike else "changed"
    return [Asked(word, verdict, heard) for word in spread(pair.ours, over)]


def _placed(found: Sequence[Asked], words: Sequence[Word]) -> tuple[Asked, ...]:
    """The same, those that were not heard laid between their neighbours, and no time before an earlier one."""
    placed: list[Asked] = []
    ends = words[-1].end if words else 0.0
    latest, number = 0.0, 0
    while number < len(found):
        if found[number].word.start == NOWHERE:
            until = next((n for n in range(number, len(found)) if found[n].word.start != NOWHERE), len(found))
            run = found[number:until]
            end = max(latest, found[until].word.start if until < len(found) else ends)
            times = spread([asked.word.text for asked in run], Word("", latest, end))
        else:
            until, run = number + 1, found[number : number + 1]
            start = max(latest, run[0].word.start)
            times = [Word("", start, max(start, run[0].word.end))]
        for asked, time in zip(run, times, strict=True):
            word = Word(asked.word.text, time.start, time.end, asked.word.probability)
            placed.append(Asked(word, asked.kind, asked.heard))
        latest, number = times[-1].end, until
    return tuple(placed)


def _extra(runs: Sequence[Pair], number: int, before: int, word: Word) -> Extra:
    """Repeated: the same word stands beside the run of added words, within as many words as were added."""
    first, last = number, number
    while first > 0 and not runs[first - 1].ours:
        first -= 1
    while last + 1 < len(runs) and not runs[last + 1].ours:
        last += 1
    size = last + 1 - first
    beside = [*runs[max(first - size, 0) : first], *runs[last + 1 : last + 1 + size]]
    said = {plain(part) for pair in beside for part in pair.theirs}
    return Extra(word, before, plain(word.text) in said)
