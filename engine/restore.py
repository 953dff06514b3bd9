"""A file made by Timbre -> the request it was made from, each value checked as if a person had typed it.

Believes nothing in the file: it may be anybody's, damaged, or of another version. Knows the form of what `takes` writes
into it; not where it came from, nor whether its clip or model are at hand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from .audio import read_metadata
from .audio.decoder import Refusal, Refused, check_whole, reader
from .checks import check_request
from .errors import BadInput
from .text.words import split
from .types import CloneRequest, Part, Restored

MOST_LETTERS = 4_000_000
"""Of all that a file tells: 200,000 control characters are 1.2 million in JSON, and other texts less."""
MOST_NAMES = 5
"""Unknown values that are told by name."""
MOST_MENDED, MOST_QUOTED = 100, 1_000
"""Words said again that are told, and letters of each."""
SHORTEST = 480
"""Samples of a part at least: two fades."""
ANY = CloneRequest(clip=Path(), text="")
"""A request that passes the checks, in which each value is tried by itself."""
SENTENCES = {
    Refusal.UNKNOWN: "This is no sound file; drop a WAV, FLAC, MP3 or Ogg file that Timbre made.",
    Refusal.TRUNCATED: "This file breaks off before its end, where it tells how it was made; download it again.",
}


def restore(file: Path) -> Restored:
    """What the file tells of how it was made; what cannot be used of it stays at its default, and is noted.

    Raises BadInput, one sentence: the file cannot be read, is no sound, breaks off, was not made by Timbre, is damaged.
    """
    _check_sound(file)
    tags = read_metadata(file)
    if "timbre" not in tags:
        raise BadInput("This file does not tell how it was made; drop one as Timbre made it, not edited or converted.")
    facts = _parsed(tags["timbre"])
    request, notes = _request(facts["request"])
    return Restored(
        request,
        _short(facts.get("created")),
        _short(facts.get("reference_hash")),
        notes,
        _mended(facts.get("mended")),
        _parts(facts.get("parts"), request.text),
        _seconds(facts.get("reference_seconds")),
        _short(facts.get("model_hash")),
    )


def made_by_timbre(file: Path) -> bool:
    """The file's metadata say that Timbre made it; never raises. Anyone can write them, or take them out."""
    tags = read_metadata(file) if os.path.isfile(file) else {}
    return "timbre" in tags or "made by Timbre" in tags.get("comment", "")


def _check_sound(file: Path) -> None:
    """Raise BadInput for what is no file, no sound by its first bytes, or shorter than it says."""
    try:
        if not os.path.isfile(file):  # a named pipe would be waited for
            raise FileNotFoundError
        with file.open("rb") as source:
            head = source.read(12)
        reader(head)
        check_whole(head, file.stat().st_size)
    except Refused as refused:
        raise BadInput(SENTENCES[refused.args[0]]) from None
    except OSError:
        raise BadInput("The file is not there or cannot be read; choose it again.") from None


def _parsed(text: str) -> dict[str, Any]:
    """The facts in a file's tag, with a request that has a text. Raises BadInput."""
    try:
        facts: Any = json.loads(text) if len(text) <= MOST_LETTERS else None
        if isinstance(facts["request"]["text"], str):
            return dict(facts)
    except (ValueError, TypeError, LookupError, RecursionError):
        pass  # no JSON, of another form, or nested without end
    raise BadInput("What this file tells of how it was made is damaged; download it again, or use another.")


def _request(made: Mapping[str, Any]) -> tuple[CloneRequest, tuple[str, ...]]:
    """The request of those values that can be used, and a sentence for each that cannot."""
    names = [field.name for field in fields(CloneRequest) if field.name != "clip"]
    values: dict[str, Any] = {}
    notes = []
    for name in names:
        try:
            if name in made:
                check_request(replace(ANY, **{name: made[name]}))
                values[name] = made[name]
        except BadInput as error:
            notes.append(f"The file's {name} cannot be used and was left out: {error}")
    if unknown := [name for name in made if name not in names]:
        told = [name for name in unknown if name.isidentifier() and len(name) < 40][:MOST_NAMES]
        notes.append(f"The file was made by another version of Timbre; left out: {', '.join(told) or len(unknown)}.")
    return CloneRequest(clip=None, **values), tuple(notes)


def _short(value: object) -> str:
    """A date or a hash as it stands, and nothing of what could not be one."""
    return value if isinstance(value, str) and len(value) <= 64 and value.isascii() and value.isprintable() else ""


def _mended(value: object) -> tuple[str, ...]:
    """Sentences' parts as they stand, at most MOST_MENDED, and nothing of what could be none."""
    if not isinstance(value, list):
        return ()
    told = [part for part in value if isinstance(part, str) and len(part) <= MOST_QUOTED and part.isprintable()]
    return tuple(told[-MOST_MENDED:])


def _parts(value: object, text: str) -> tuple[Part, ...]:
    """The parts of a take that says this, or none where they cannot be its."""
    try:
        parts = tuple(Part(*map(int, part)) for part in value) if isinstance(value, list) else ()
    except (TypeError, ValueError, OverflowError):
        return ()
    edges = [0, *(edge for part in parts for edge in (part.start, part.end))]
    whole = sum(part.words for part in parts) == len(split(text)) and min((part.words for part in parts), default=0) > 0
    lasting = all(part.end - part.start >= SHORTEST for part in parts)
    return parts if whole and lasting and edges == sorted(edges) else ()


def _seconds(value: object) -> float:
    """A length as it stands, or 0."""
    return float(value) if isinstance(value, int | float) and 0 <= value <= 3600 else 0.0
