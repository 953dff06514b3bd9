"""Two texts word by word: which words of the one are which of the other. Knows text alone.

What is only written otherwise is the same: case, punctuation, “25” and “twenty-five”, “cannot” and “can not”,
“colour” and “color”.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, zip_longest

import jellyfish
from rapidfuzz.distance import Indel

from .normalise import normalise
from .words import plain, split

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
LONGEST_WORD = 45
"""Letters of the longest English word; what is longer is no word, and is not worth listening to."""
ALIKE = 0.5
"""Least likeness in spelling of words that sound alike: not less than “write” and “right” have, nor “by” and “buy”."""


@dataclass(frozen=True)
class Pair:
    """Words of the one text and those of the other that stand in their place; one side may be empty."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    spoken: tuple[str, str]
    """The letters of both as they are spoken: “twentyfive” for “25”."""

    @property
    def same(self) -> bool:
        """They are said alike, as far as spelling tells."""
        return self.spoken[0] == self.spoken[1]

    @property
    def alike(self) -> bool:
        """A listener could take one for the other: “their” and “there”, “Leeds” and “leads”."""
        return self.same or (sounds(self.spoken[0]) == sounds(self.spoken[1]) != "" and _ratio(*self.spoken) >= ALIKE)


@dataclass(frozen=True)
class _Unit:
    """A word, or some that are read together (“$5 million”), as written, and its letters as it is spoken."""

    written: tuple[str, ...]
    spoken: str


def pairs(ours: str, theirs: str, language: str = "en") -> tuple[Pair, ...]:
    """Every word of both, as `split` gives them, in order; by the character in a script without spaces.

    `language` is a two-letter code, for the reading of numbers. Raises BadText for a number of more than 60 digits.
    """
    one, other = _units(ours, language), _units(theirs, language)
    found: list[Pair] = []
    for a, b, c, d, equal in _runs([unit.spoken for unit in one], [unit.spoken for unit in other]):
        if equal:
            found += [_pair([unit], [match]) for unit, match in zip(one[a:b], other[c:d], strict=True)]
        elif (b - a) * (d - c) > MOST_PAIRS:
            rows = zip_longest(one[a:b], other[c:d])
            found += [_pair(list(filter(None, [unit])), list(filter(None, [match]))) for unit, match in rows]
        else:
            found += _weighed(one[a:b], other[c:d])
    return tuple(found)


def sounds(letters: str) -> str:
    """How English letters sound, roughly: the same consonants, whatever the vowels between them (Metaphone)."""
    return jellyfish.metaphone(letters) if len(letters) <= LONGEST_WORD else ""


@lru_cache(maxsize=10_000)
def _key(word: str, language: str) -> str:
    """Its letters, the same however English spells it."""
    letters = plain(word)
    if language == "en":
        for british, american in SPELLINGS:
            letters = british.sub(american, letters)
    return letters


def _units(text: str, language: str) -> list[_Unit]:
    """The text in words, each with its letters as `normalise` reads it where it stands."""
    written, spoken = split(text), split(normalise(text, language).replace("-", " "))
    units: list[_Unit] = []
    for a, b, c, d, equal in _runs([plain(word) for word in written], [plain(word) for word in spoken]):
        if equal:
            matched = zip(written[a:b], spoken[c:d], strict=True)
            units += [_Unit((word,), _key(other, language)) for word, other in matched]
        elif b > a or not units:
            units.append(_Unit(tuple(written[a:b]), _run(_key(word, language) for word in spoken[c:d])))
        else:
            units[-1] = _Unit(units[-1].written, units[-1].spoken + _run(_key(word, language) for word in spoken[c:d]))
    return units


def _runs(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[int, int, int, int, bool]]:
    """Both cut into runs that are equal and runs that are not, in turn: where each begins and ends on both sides.

    Bit-parallel: 20,000 words against as many take a moment, however they repeat.
    """
    for equal, steps in groupby(Indel.opcodes(ours, theirs), key=lambda step: step.tag == "equal"):
        run = list(steps)
        yield run[0].src_start, run[-1].src_end, run[0].dest_start, run[-1].dest_end, equal


def _run(keys: Iterable[str]) -> str:
    """The letters of words read together; an “and” in a number is said or left out."""
    several = list(keys)
    return "".join(several if len(several) == 1 else (key for key in several if key != "and"))


def _weighed(ours: Sequence[_Unit], theirs: Sequence[_Unit]) -> list[Pair]:
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
        found.append(_pair(ours[i : i + a], theirs[j : j + b]))
        i, j = i + a, j + b
    return found


_STEPS = ((0, 1), (1, 0), (1, 1), *((1, n) for n in range(2, MOST_PARTS + 1)), *((n, 1) for n in range(2, MOST_PARTS + 1)))  # fmt: skip


def _cost(ours: Sequence[_Unit], theirs: Sequence[_Unit]) -> float:
    """0 for the same, 1 for a word on one side only, 0.5 to 1.5 for one changed into another, and no other is allowed."""
    pair = _pair(ours, theirs)
    if pair.same:
        return 0.0
    if not ours or not theirs:
        return 1.0
    if len(ours) != len(theirs):
        return float("inf")
    return 1.5 - max(_ratio(*pair.spoken), float(sounds(pair.spoken[0]) == sounds(pair.spoken[1]) != ""))


def _ratio(one: str, other: str) -> float:
    return Indel.normalized_similarity(one, other)


def _pair(ours: Sequence[_Unit], theirs: Sequence[_Unit]) -> Pair:
    ours_written, theirs_written = (tuple(word for unit in units for word in unit.written) for units in (ours, theirs))
    one, other = (_run(unit.spoken for unit in units) for units in (ours, theirs))
    return Pair(ours_written, theirs_written, (one, other))
