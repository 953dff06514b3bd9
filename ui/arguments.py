"""What clients send to the endpoints, as the engine takes it; what is of a wrong kind is refused in a sentence."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from engine import BadClip, BadParameter, BadText, CloneRequest, Place, Word

T = TypeVar("T")
DAY = 86_400
"""Seconds; no clip is longer."""
MOST_WORDS = 20_000
"""Letters of a clip's words: more than are spoken in the longest clip that is taken."""


def like(other: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """For an endpoint that takes what `other` takes, in that order: clients are told the same of its parameters."""

    def told(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(other)
        parameters = [parameter for name, parameter in signature.parameters.items() if name != "progress"]
        endpoint.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        endpoint.__doc__ = "".join([endpoint.__doc__ or "", "\n", *(other.__doc__ or "").partition("Args:")[1:]])
        return endpoint

    return told


def clone_request(values: Mapping[str, Any]) -> CloneRequest:
    """The request among an endpoint's arguments."""
    given = {name: value for name, value in values.items() if name in CloneRequest.__dataclass_fields__}
    return CloneRequest(**given | {"clip": Path(given["clip"]) if given["clip"] else None})


def sent_file(file: str | None) -> Path:
    """The file that was sent. Raises BadClip."""
    if not file:
        raise BadClip("There is no file; send one.")
    return Path(file)


def typed_words(name: str, value: object) -> str:
    """The words of a clip. Raises BadParameter, BadText."""
    if not isinstance(value, str):
        raise BadParameter(f"The parameter {name} must be text.")
    if len(value) > MOST_WORDS:
        raise BadText(f"The parameter {name} is longer than {MOST_WORDS:,} letters; send just the words of the clip.")
    return value


def time_of(name: str, value: object) -> float | None:
    """Seconds of a clip, or None. Raises BadParameter."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= DAY
    if value is not None and not number:  # NaN is not within a day either
        raise BadParameter(f"The parameter {name} must be a number of seconds, or null.")
    return value  # type: ignore[return-value]


def places_of(value: Any) -> tuple[Place, ...]:
    """Where the parts of a take are to be laid; none for None. Raises BadParameter."""
    return _listed(Place, value, "places", '{"part": 0, "muted": false, "pause": 0.4}')


def words_of(value: Any) -> tuple[Word, ...]:
    """The words of a take with their times; none for None. Raises BadParameter."""
    return _listed(Word, value, "words", '{"text": "Hello", "start": 0.1, "end": 0.4}')


def _listed(kind: Callable[..., T], value: Any, name: str, example: str) -> tuple[T, ...]:
    try:
        return tuple(kind(**each) for each in value or ())
    except TypeError:  # no list, not of dicts, or of others
        raise BadParameter(f"The parameter {name} must be a list such as [{example}], or null.") from None
