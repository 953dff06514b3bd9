"""Words -> phones -> a phone a frame, for models that are told when each phone is spoken.

A lexicon says how words sound (IPA, as espeak writes it); a word it lacks is spelled in capitals, which such a model has
learned to read aloud too. How long a phone lasts between its neighbours comes from a table measured on the model's
training speech. Knows neither the model nor the clip; only English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|.", re.DOTALL)
"""A word with its apostrophes, or any one other character."""
MARKS = re.compile(r" *([,.;:!?])[ ,.;:!?]*")
"""Marks in a row are one pause, the first of them."""
PAUSES = {"—": ",", "…": ".", "(": ",", ")": ",", "\n": "."}
"""Marks that are heard as others; `SILENT` ones are not heard at all."""
SILENT = "\"'-“”‘’"
PAUSING = " ,.;:!?"
"""Phones that are none, but pauses."""
END = " "
"""Before and after everything: silence."""


@dataclass(frozen=True, eq=False)
class Pronunciation:
    """How a model's words sound, and how long each phone lasts."""

    lexicon: Mapping[str, str]
    """Word in small letters -> phones, each a single character."""
    lengths: Mapping[str, float]
    """Phone with its neighbours ("ðə ": a schwa after ð, before a word's end), with the next, or alone -> length; 1 is
    an average phone's."""
    sounds: Mapping[str, np.ndarray] = field(default_factory=dict[str, np.ndarray])
    """Phone -> mean and standard deviation of its cepstra, [2, cepstra] as engine.speech.laying reckons them."""

    def phones(self, text: str) -> str:
        """What is to be heard of `text`, silence before and after it. Characters nobody can say are left as they are."""
        spoken = "".join(self._word(word) for word in WORD.findall(text))
        return END + re.sub(r" +", " ", MARKS.sub(r"\1 ", spoken)).strip(" ") + END

    def knows(self, text: str) -> bool:
        """Whether every word of it is in the lexicon, or is one with 's."""
        return all(phone in self.lengths and not phone.isupper() for phone in self.phones(text))

    def length(self, phones: str) -> float:
        """How long they last together, in average phones."""
        return float(self.lengths_of(phones).sum())

    def edges(self, phones: str, frames: int) -> np.ndarray:
        """Where the first begins, then where each ends, laid over `frames` frames: int [phones + 1]."""
        ends = self.lengths_of(phones).cumsum()
        return np.concatenate([[0], np.round(ends * (frames / ends[-1]))]).astype(int)

    def spread(self, phones: str, frames: int) -> list[str]:
        """Phones laid over `frames` frames, one for each; shorter than half a frame none is left of one."""
        return by_frame(phones, self.edges(phones, frames))

    def _word(self, word: str) -> str:
        plain = unicodedata.normalize("NFD", word.lower())
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
        if said := self.lexicon.get(plain):
            return said
        if plain.endswith("'s") and (said := self.lexicon.get(plain[:-2])):
            return said + "z"
        if word in SILENT:
            return " " if word == "-" else ""
        return PAUSES.get(word) or plain.replace("'", "").upper()

    def lengths_of(self, phones: str) -> np.ndarray:
        """How long each lasts, in average phones."""
        context = zip(END + phones, phones, phones[1:] + END, strict=False)
        return np.array([self._length(before, phone, after) for before, phone, after in context])

    def _length(self, before: str, phone: str, after: str) -> float:
        table = self.lengths
        return table.get(before + phone + after) or table.get(phone + after) or table.get(phone) or 1.0


def by_frame(phones: str, edges: np.ndarray) -> list[str]:
    """The phone of each frame, by where the first begins and where each ends, int [phones + 1]."""
    return [phone for phone, (start, end) in zip(phones, pairwise(edges), strict=True) for _ in range(start, end)]


@lru_cache(maxsize=4)
def read_pronunciation(lexicon: Path, lengths: Path, sounds: Path) -> Pronunciation:
    """From three files of lines `key TAB value`. Raises OSError, or ValueError for a line that is none."""
    return Pronunciation(
        dict(_pairs(lexicon)),
        {key: float(value) for key, value in _pairs(lengths)},
        {key: np.array(value.split(), np.float32).reshape(2, -1) for key, value in _pairs(sounds)},
    )


def _pairs(file: Path) -> list[tuple[str, str]]:
    pairs = []
    for line in file.read_text(encoding="utf-8").splitlines():
        key, value = line.split("\t")
        pairs.append((key, value))
    return pairs
