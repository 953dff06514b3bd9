"""A piece of speech against what it should say: every way in which it went wrong, and how wrong it is in all.

Pure: knows the words asked for, the words heard and the words of the reference; not how either was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from ..text.words import plain, split
from ..types import Word
from .align import Alignment, Asked, align

LEAK = 8
"""Last words of the reference that are looked for at the start: F5-TTS repeats some of these, never its first."""
PACE = 0.5, 2.0
"""Slowest and fastest that still is speech at the pace asked for: beyond, words are drawn out, or crammed together."""
LEAST_WORDS = 4
"""Fewer words have no pace: one word may well fill half of its time."""


@dataclass(frozen=True)
class Check:
    """What was found in one piece of speech."""

    words: Alignment
    leaked: int
    """So many of the words heard first belong to the reference's end."""
    pace: float
    """Words a second against the expected; 1 where there are too few to tell."""
    likeness: float = 1.0
    """Cosine between the voice and the reference's, 0 to 1."""

    @property
    def lost(self) -> tuple[Asked, ...]:
        """The words asked for in whose place nothing, or something else, was heard."""
        return tuple(asked for asked in self.words.asked if asked.kind in ("missing", "changed"))

    @property
    def first(self) -> bool:
        """The first word is there; it is the one most often swallowed."""
        return not self.words.asked or self.words.asked[0].kind in ("same", "alike")

    @property
    def in_pace(self) -> bool:
        """Neither far too slow nor far too fast."""
        return PACE[0] <= self.pace <= PACE[1]

    @property
    def passes(self) -> bool:
        """Every word is there, once, and nothing beside them."""
        return not self.lost and not self.words.extras and self.in_pace

    @property
    def fault(self) -> float:
        """How wrong it is; 0 for nothing. A wrong word is 1, half as much again where it is the first; one that sounds
        like it a quarter; another pace half a word for each time it is twice off beyond what is right; another voice
        (cosine 0.5) one. Weights by judgement: words before all, so that the rest decides between equals."""
        alike = sum(asked.kind == "alike" for asked in self.words.asked)
        off = 0.0 if self.in_pace else abs(log2(max(self.pace, 0.01))) - 1
        return (
            len(self.lost)
            + len(self.words.extras)
            + 0.25 * alike
            + 0.5 * (not self.first)
            + 0.5 * off
            + 2 * (1 - self.likeness)
        )

    @property
    def reason(self) -> str:
        """What is wrong, the gravest first, as a clause: “harbour” was missing; blank where nothing is."""
        extras = self.words.extras
        if self.leaked:
            return f"{_quoted([extra.word.text for extra in extras[: self.leaked]])} of the clip was heard first"
        for kind in ("missing", "changed"):
            if lost := [asked for asked in self.lost if asked.kind == kind]:
                if kind == "missing":
                    return f"{_quoted([asked.word.text for asked in lost])} was missing"
                # Each was heard as another, so that one stands for all.
                more = f", and {len(lost) - 1} more as others" if len(lost) > 1 else ""
                return f"“{plain(lost[0].word.text)}” was heard as “{plain(lost[0].heard)}”{more}"
        if extras:
            again = [extra for extra in extras if extra.repeated]
            said = _quoted([extra.word.text for extra in again or extras])
            return f"{said} was said twice" if again else f"{said} was added"
        return "" if self.in_pace else f"it was far too {'fast' if self.pace > 1 else 'slow'}"


def check(asked: str, heard: Sequence[Word], reference_text: str, seconds: float, language: str = "en") -> Check:
    """What went wrong in `seconds` of speech that should say `asked` and in which the words `heard` were heard.

    `reference_text` is what the reference says; `language` a two-letter code. The voice's likeness is for others to add.
    """
    words = align(asked, heard, language)
    start = [extra for extra in words.extras if extra.before == 0]
    tail = {plain(word) for word in split(reference_text)[-LEAK:]}
    leaked = len(start) if any(plain(extra.word.text) in tail for extra in start) else 0
    pace = 1.0
    if len(words.asked) >= LEAST_WORDS and heard:
        share = sum(word.kind != "missing" for word in words.asked) / len(words.asked)
        pace = share * seconds / max(heard[-1].end - heard[0].start, 0.01)
    return Check(words, leaked, pace)


def _quoted(words: Sequence[str]) -> str:
    """At most three words, each as it is said."""
    told = ", ".join(f"“{plain(word) or word}”" for word in words[:3])
    return f"{told} and more" if len(words) > 3 else told
