"""A text as the words in it, also where a script sets no spaces. Knows neither their meaning nor their times."""

from __future__ import annotations

import re
from collections.abc import Iterable

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Thai, Lao, Burmese, Khmer, kana and Chinese characters: each is a word here, as no space tells where one ends."""
_WORD = re.compile(rf"[{UNSPACED}][^\w\s]*|[^\s{UNSPACED}]+")
_CLOSE = re.compile(rf"[{UNSPACED}\u3000-\u303f\uff00-\uffef]")


def split(text: str) -> list[str]:
    """The words of a text with the punctuation that clings to them, in order."""
    return _WORD.findall(text)


def place(text: str, first: int, last: int) -> tuple[int, int]:
    """Where the words of these numbers stand in a text: the first one's start, the last one's end."""
    words = [*_WORD.finditer(text)]
    return words[first].start(), words[last].end()


def starts(text: str) -> list[int]:
    """Where each of the words of a text begins."""
    return [word.start() for word in _WORD.finditer(text)]


def joined(words: Iterable[str]) -> str:
    """The words as a text again: a space between two, but none beside a character of a script that has none."""
    text = ""
    for word in filter(None, words):
        close = not text or _CLOSE.match(word) or _CLOSE.match(text[-1])
        text += word if close else f" {word}"
    return text


def followed(text: str, more: str) -> str:
    """One text and another after it, a space between where a word of either would otherwise change."""
    joins = text and more and not text[-1].isspace() and not more[0].isspace()
    return f"{text} {more}" if joins and len(split(text[-1] + more[0])) == 1 else text + more


def plain(word: str) -> str:
    """Its letters and figures alone, in small letters."""
    return "".join(letter for letter in word.lower() if letter.isalnum())
