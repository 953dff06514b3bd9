"""What a request may hold: types, ranges, names. Everything is told before anything slow begins.

Knows the values and the settings' limits; not the clip's content (engine.audio looks at it) nor the models' letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .changes import ArrangeRequest, RemakeRequest, RepairRequest
from .dictionary import read_dictionary
from .errors import BadClip, BadParameter, BadText
from .types import CHECKS, FORMATS, LOUDNESS, CloneRequest, Word

MOST_REFERENCE_TEXT = 20_000
"""Letters in the words of a clip: more than are spoken in the longest clip that is taken."""


@dataclass(frozen=True)
class Range:
    """What a number of a request may be, both ends included."""

    least: float
    most: float
    unit: str
    whole: bool = False


RANGES = {
    "nfe": Range(1, 64, "steps", whole=True),
    "cfg_strength": Range(0, 10, ""),
    "sway_sampling": Range(-1, 1, ""),
    "speed": Range(0.3, 2, "times the voice's own pace"),
    "seed": Range(0, 2**32 - 1, "", whole=True),
    "cross_fade": Range(0, 1, "seconds"),
    "pause": Range(0, 5, "seconds"),
}
"""The numbers of a request by name."""
WORDS = Range(0, 100_000, "", whole=True)
"""Numbers of words, and of parts."""
TIME = Range(0, 3600, "seconds")
"""When a word of a take is spoken."""
SURE = Range(0, 1, "")
"""How surely it was heard."""
EARLIER = 1e-3
"""Seconds by which a word may begin before the one before it ends: they may come rounded."""
TRIES = Range(1, 8, "", whole=True)
"""How often words may be said again at once."""


def check_request(request: CloneRequest) -> None:
    """Raise BadParameter or BadClip, one sentence, for the first thing in the request that cannot be."""
    for name, allowed in RANGES.items():
        value = getattr(request, name)
        if name != "seed" or value is not None:
            check_number(name, value, allowed)
    _check_texts(request, "text", "reference_text", "language", "model", "dictionary")
    for name in ("remove_silence", "word_times"):
        if not isinstance(getattr(request, name), bool):
            raise BadParameter(f"The parameter {name} must be true or false.")
    if request.format not in FORMATS:
        raise BadParameter(f"The format must be one of {', '.join(FORMATS)}.")
    if request.loudness not in ("", *LOUDNESS):
        raise BadParameter(f"The loudness must be blank or one of {', '.join(LOUDNESS)}.")
    if request.check not in CHECKS:
        raise BadParameter(f"The check must be blank or one of {', '.join(CHECKS[1:])}.")
    if not isinstance(request.clip, Path):
        raise BadClip("There is no voice yet; drop or record a clip, or pick an example voice.")
    if len(request.reference_text) > MOST_REFERENCE_TEXT:
        raise BadText(f"The words in the clip are longer than {MOST_REFERENCE_TEXT:,} letters; type just what is said.")
    check_language(request.language)
    read_dictionary(request.dictionary)


def check_repair(request: RepairRequest) -> None:
    """Raise BadParameter, one sentence, for the first thing in the request that cannot be."""
    check_number("first", request.first, WORDS)
    check_number("last", request.last, replace(WORDS, least=request.first))
    check_number("tries", request.tries, TRIES)
    if request.seed is not None:
        check_number("seed", request.seed, RANGES["seed"])
    _check_texts(request, "text", "say")
    _check_words(request.words)


def check_remake(request: RemakeRequest) -> None:
    """Raise BadParameter, one sentence, for the first thing in the request that cannot be."""
    check_number("part", request.part, WORDS)
    if request.seed is not None:
        check_number("seed", request.seed, RANGES["seed"])


def check_arrange(request: ArrangeRequest) -> None:
    """Raise BadParameter, one sentence, for the first thing in the request that cannot be."""
    for place in request.places:
        check_number("part", place.part, WORDS)
        if not isinstance(place.muted, bool):
            raise BadParameter("The parameter muted must be true or false.")
        if place.pause is not None:
            check_number("pause", place.pause, RANGES["pause"])


def _check_words(words: Sequence[Word]) -> None:
    before = 0.0
    for word in words:
        _check_texts(word, "text")
        for name, allowed in (("start", TIME), ("end", TIME), ("probability", SURE)):
            check_number(name, getattr(word, name), allowed)
        if word.start < before - EARLIER or word.end < word.start - EARLIER:
            raise BadParameter("The times of the words go backwards; send them as they were told.")
        before = word.end


def _check_texts(request: object, *names: str) -> None:
    for name in names:
        if not isinstance(getattr(request, name), str):
            raise BadParameter(f"The parameter {name} must be text.")


def check_language(language: object) -> None:
    """Raise BadParameter for what is neither blank nor looks like a language's code."""
    code = isinstance(language, str) and language.isascii() and language.isalpha() and len(language) <= 3
    if not code and language != "":
        raise BadParameter("The language must be a code such as en or zh, or blank to have it detected.")


def check_number(name: str, value: object, allowed: Range) -> None:
    """Raise BadParameter where `value` is no number, not finite, not whole where it must be, or out of its range."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):  # NaN and infinity are in no range
        if allowed.least <= value <= allowed.most and (not allowed.whole or value == int(value)):
            return
    kind = "a whole number" if allowed.whole else "a number"
    unit = f" ({allowed.unit})" if allowed.unit else ""
    raise BadParameter(f"The parameter {name} must be {kind} from {allowed.least:g} to {allowed.most:.10g}{unit}.")
