"""The words of a clip as they were typed against the words heard in it. Knows text alone.

What is only written otherwise is the same: case, punctuation, “25” and “twenty-five”, “cannot” and “can not”,
“colour” and “color”.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

from ..findings import Difference
from ..text import normalise
from .words import joined, plain, split

MOST_PAIRS = 2_500
"""Pairs of words of one run of differences that are weighed, in 0.2 s; in a longer run nothing corresponds anyhow."""
MOST_PARTS = 8
"""Words that may stand for one: “1,250” is five."""
SPELLINGS = (
    (re.compile(r"([aeiou].*)our"), r"\1or"),  # colour; not hour
    (re.compile(r"([aeiou].*)is(?=e|ing|ation)"), r"\1iz"),  # realise; not rise
    (re.compile(r"([aeiou].*[aeiou])ll(?=e|i|o)"), r"\1l"),  # travelling; not filling
    (re.compile(r"yse"), "yze"),  # analyse
    (re.compile(r"([^aeiou])re(?=s?$)"), r"\1er"),  # centre
    (re.compile(r"ence$"), "ense"),  # defence
    (re.compile(r"ogue$"), "og"),  # catalogue
    (re.compile(r"gramme$"), "gram"),  # programme
    (re.compile(r"^grey"), "gray"),
)
"""British English made American; both sides go through it, so that only words of one sound must come out alike."""


@dataclass(frozen=True)
class _Unit:
    """A word, or some that are read together (“$5 million”), as it was written, and its letters as it is spoken."""

    written: str
    spoken: str


def compare(typed: str, heard: str, language: str = "en") -> tuple[Difference, ...]:
    """What became of each word from `typed` to `heard`, in order; by the character in a script without spaces.

    `language` is a two-letter code, for the reading of numbers. Raises BadText for a number of more than 60 digits.
    """
    ours, theirs = _units(typed, language), _units(heard, language)
    # Its «autojunk», words that fill over a percent of a long text, spares it their every pairing; these are weighed.
    matcher = SequenceMatcher(None, [unit.spoken for unit in ours], [unit.spoken for unit in theirs])
    found: list[Difference] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            found += [_difference([unit], [other]) for unit, other in zip(ours[a:b], theirs[c:d], strict=True)]
        elif (b - a) * (d - c) > MOST_PAIRS:
            pairs = zip_longest(ours[a:b], theirs[c:d])
            found += [_difference(list(filter(None, [unit])), list(filter(None, [other]))) for unit, other in pairs]
        else:
            found += _weighed(ours[a:b], theirs[c:d])
    return tuple(found)


def agreement(differences: Sequence[Difference]) -> float:
    """Share of the words that are the same, 0 to 1; 1 where there are none."""
    return sum(word.kind == "same" for word in differences) / len(differences) if differences else 1.0


def merge(differences: Sequence[Difference], choices: Mapping[int, str]) -> str:
    """The text as typed, but for the differences chosen by their number (from 0): each says what stands in its place.

    To take what was heard choose `differences[n].heard`, to mend it anything else, to leave it out a blank.
    """
    return joined(choices.get(number, word.typed) for number, word in enumerate(differences))


def _units(text: str, language: str) -> list[_Unit]:
    """The text in words, each with its letters as `normalise` reads it where it stands."""
    written, spoken = split(text), split(normalise(text, language).replace("-", " "))
    matcher = SequenceMatcher(None, [plain(word) for word in written], [plain(word) for word in spoken])
    units: list[_Unit] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            units += [_Unit(word, _key(other, language)) for word, other in zip(written[a:b], spoken[c:d], strict=True)]
        elif b > a or not units:
            units.append(_Unit(joined(written[a:b]), _run(_key(word, language) for word in spoken[c:d])))
        else:
            units[-1] = _Unit(units[-1].written, units[-1].spoken + _run(_key(word, language) for word in spoken[c:d]))
    return units


def _key(word: str, language: str) -> str:
    letters = plain(word)
    if language == "en":
        for british, american in SPELLINGS:
            letters = british.sub(american, letters)
    return letters


def _run(keys: Iterable[str]) -> str:
    """The letters of words read together; an “and” in a number is said or left out."""
    several = list(keys)
    return "".join(several if len(several) == 1 else (key for key in several if key != "and"))


def _weighed(ours: Sequence[_Unit], theirs: Sequence[_Unit]) -> list[Difference]:
    """A run of differences, paired so that what is alike stands together: the cheapest way through both."""
    costs: dict[tuple[int, int], tuple[float, int, int]] = {}
    for i in range(len(ours), -1, -1):
        for j in range(len(theirs), -1, -1):
            steps = [
                (_cost(ours[i : i + a], theirs[j : j + b]) + costs[i + a, j + b][0], a, b)
                for a, b in _STEPS
                if i + a <= len(ours) and j + b <= len(theirs)
            ]
            costs[i, j] = min(steps, default=(0.0, 0, 0))
    found, i, j = [], 0, 0
    while (i, j) != (len(ours), len(theirs)):
        _, a, b = costs[i, j]
        found.append(_difference(ours[i : i + a], theirs[j : j + b]))
        i, j = i + a, j + b
    return found


_STEPS = ((0, 1), (1, 0), (1, 1), *((1, n) for n in range(2, MOST_PARTS + 1)), *((n, 1) for n in range(2, MOST_PARTS + 1)))  # fmt: skip


def _cost(ours: Sequence[_Unit], theirs: Sequence[_Unit]) -> float:
    """0 for the same, 1 for a word on one side only, 0.5 to 1.5 for one changed into another, and no other is allowed."""
    one, other = (_run(unit.spoken for unit in units) for units in (ours, theirs))
    if one == other:
        return 0.0
    if not ours or not theirs:
        return 1.0
    return 1.5 - SequenceMatcher(None, one, other).ratio() if len(ours) == len(theirs) else float("inf")


def _difference(ours: Sequence[_Unit], theirs: Sequence[_Unit]) -> Difference:
    typed, heard = (joined(unit.written for unit in units) for units in (ours, theirs))
    kind: Literal["changed", "missing", "added"] = "changed" if ours and theirs else "missing" if ours else "added"
    return Difference("same" if not _cost(ours, theirs) else kind, typed, heard)
