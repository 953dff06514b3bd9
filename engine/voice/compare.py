"""The words of a clip as they were typed against the words heard in it, for a person to choose from. Knows text alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from ..findings import Difference
from ..text import Pair, pairs
from ..text.words import joined


def compare(typed: str, heard: str, language: str = "en") -> tuple[Difference, ...]:
    """What became of each word from `typed` to `heard`, in order; by the character in a script without spaces.

    `language` is a two-letter code, for the reading of numbers. Raises BadText for a number of more than 60 digits.
    """
    return tuple(_difference(pair) for pair in pairs(typed, heard, language))


def agreement(differences: Sequence[Difference]) -> float:
    """Share of the words that are the same, 0 to 1; 1 where there are none."""
    return sum(word.kind == "same" for word in differences) / len(differences) if differences else 1.0


def changed(before: str, after: str, language: str = "en") -> list[str]:
    """The words of `before` that are missing or others in `after`, and those that `after` adds."""
    return [word.typed or word.heard for word in compare(before, after, language) if word.kind != "same"]


def merge(differences: Sequence[Difference], choices: Mapping[int, str]) -> str:
    """The text as typed, but for the differences chosen by their number (from 0): each says what stands in its place.

    To take what was heard choose `differences[n].heard`, to mend it anything else, to leave it out a blank.
    """
    return joined(choices.get(number, word.typed) for number, word in enumerate(differences))


def _difference(pair: Pair) -> Difference:
    kind: Literal["changed", "missing", "added"] = (
        "changed" if pair.ours and pair.theirs else "missing" if pair.ours else "added"
    )
    return Difference("same" if pair.same else kind, joined(pair.ours), joined(pair.theirs))
