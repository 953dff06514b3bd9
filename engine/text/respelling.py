"""Other ways to spell an English word, for a person to hear which of them a voice says rightly. Pure; knows no voice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest

MOST = 4
"""Spellings that are offered."""
SOUNDS: Mapping[str, tuple[str, ...]] = {
    "ough": ("off", "oh", "uff", "ow"), "eigh": ("ay", "eye"), "augh": ("aff", "aw"), "tion": ("shun",),
    "sch": ("sh", "sk"), "igh": ("y",), "eau": ("oh",), "eaux": ("oh",), "oux": ("oo",), "gue": ("g", "gway"),
    "que": ("k", "kay"), "ch": ("k", "sh"), "ph": ("f",),
    "th": ("t",), "gh": ("g", "f", ""), "kn": ("n",), "ps": ("s",), "pt": ("t",), "mb": ("m",), "wr": ("r",),
    "qu": ("k", "kw"), "sc": ("sk", "s", "sh"), "cz": ("ch",), "sz": ("sh",), "zz": ("ts",), "ll": ("y",), "gn": ("n", "ny"),
    "ai": ("eye", "ay"), "ay": ("eye",), "au": ("ow", "aw", "oh"), "ea": ("ee", "eh", "ay"), "ee": ("ay", "eh"),
    "ei": ("eye", "ee", "ay"), "eu": ("oy", "yoo"), "ew": ("oo", "oh"), "ey": ("ay", "ee"), "ie": ("ee", "y"),
    "oa": ("oh", "oh-ah"), "oe": ("oh", "ee", "ur"), "oi": ("wah", "oy"), "oo": ("uh", "oh"), "ou": ("oo", "ow", "uh"),
    "ow": ("ow", "oh"), "ue": ("oo", "way"), "ui": ("wee", "oo"), "uy": ("y", "wee"),
    "a": ("ah", "ay"), "e": ("ee", "eh", "ay"), "i": ("ee", "y"), "o": ("oh", "oo", "ah"), "u": ("oo", "uh", "yoo"),
    "y": ("ee", "y"), "c": ("k", "s", "ch"), "g": ("j", "g"), "j": ("y", "h", "zh"), "s": ("z", "sh"), "w": ("v",),
    "x": ("z", "ks", "sh"), "z": ("ts", "s"), "v": ("f",),
}  # fmt: skip
"""How letters that stand for more than one sound are spelled where each is meant alone, the likelier first."""
_LETTERS = re.compile("|".join(sorted(SOUNDS, key=len, reverse=True)) + "|.")
_FINAL_E = re.compile(r"(?<=[bcdfgklmnprstvz])e$")


def respellings(word: str) -> tuple[str, ...]:
    """At most MOST ways to spell a word of Latin letters so that it sounds otherwise; none for any other."""
    plain = word.lower()
    if not (plain.isascii() and plain.isalpha()):
        return ()
    ways = [way for ways in zip_longest(*_ways(plain)) for way in ways if way]
    return tuple(dict.fromkeys(way for way in ways if way != plain))[:MOST]


def _ways(word: str) -> Iterator[list[str]]:
    """For each place that may sound otherwise the word with each of its spellings there, the rest as it is."""
    if _FINAL_E.search(word):
        yield [_FINAL_E.sub(end, word) for end in ("ay", "ee")]
    for found in _LETTERS.finditer(_FINAL_E.sub("", word)):
        others = SOUNDS.get(found[0], ())
        yield [word[: found.start()] + other + word[found.end() :] for other in others]
