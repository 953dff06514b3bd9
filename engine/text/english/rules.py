"""What a rule is, and what the rules share. Knows no particular way of writing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str]

NUMBER = r"(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)"
ALONE = r"(?<![\w.,:/])"
"""Before a number that no other sign leads into."""
STARTERS = (
    "The|A|An|He|She|It|They|We|I|You|But|And|So|In|On|At|This|That|These|Those|There|Then|When|If|As|For|His|Her|Its|"
    "Their|Our|My|Your|Not|No|Yes|What|Who|Why|How|Where|After|Before|While|Now|Here|Some|Many|One"
)
"""A pattern of the words that begin a sentence more often than they are a name."""
_END = re.compile(rf"\s*[\"']?\s*$|\s+[\"']?(?:{STARTERS})\b")


def rule(pattern: str, reading: Callable[[re.Match[str]], str] | str, flags: int = 0) -> Rule:
    """A rule of a pattern and what it is read as: a template, or a function of the match."""
    return re.compile(pattern, flags), reading


def apply(rules: Iterable[Rule], text: str) -> str:
    """`text` after every rule in turn."""
    for pattern, reading in rules:
        text = pattern.sub(reading, text)
    return text


def stop(match: re.Match[str]) -> str:
    """The full stop of an abbreviation where it ends the sentence too, else nothing."""
    return "." if match[0].endswith(".") and _END.match(match.string, match.end()) else ""


def choice(words: Iterable[str]) -> str:
    """A pattern for any of `words`, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
