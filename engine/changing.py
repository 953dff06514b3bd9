"""A finished take opened to be changed, and its parts laid anew.

Knows what a take's file tells and how a changed take is written; neither model nor queue, nor how words are said again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .audio import decode
from .changes import ArrangeRequest, Place
from .checks import check_arrange
from .errors import BadClip, BadInput, BadParameter
from .parts import LOSSY, Version, known, lay, texts
from .restore import restore
from .takes import write_change
from .text.words import split
from .types import RATE, Reference, Restored, Take, Timed, Word

LONGEST = 3600.0
"""Seconds of a take that can be changed: it is held in memory."""
MOST_BYTES = 200_000_000
"""Of such a take's file."""
MOST_TOLD = 300
"""Letters of what is told of an order."""


def how_made(file: Path, clip: Path | None) -> Restored:
    """How the take was made that is to be spoken in again, of which there must be a clip. Raises BadInput."""
    if clip is None:
        raise BadClip("The voice's clip is needed to say words again; send the one the take was made from.")
    return restore(file)


def made_from(made: Restored, reference: Reference, model_hash: str) -> Restored:
    """The same with the clip and model that it is spoken with now. Raises BadClip where it was made from another clip."""
    if made.reference_hash and made.reference_hash != reference.hash:
        raise BadClip("This is not the clip that the take was made from; send that one.")
    return replace(made, reference_hash=reference.hash, reference_seconds=reference.seconds, model_hash=model_hash)


def open_take(file: Path, made: Restored, words: tuple[Word, ...]) -> Version:
    """A take as it is; `words` are all of it with their times, or none. Raises BadInput where they or the sound are not."""
    text = made.request.text
    try:
        sound = decode(file, most_bytes=MOST_BYTES, most_seconds=LONGEST, least_seconds=0, as_it_is=True)
    except BadClip:
        raise BadInput(
            f"The take cannot be read, or is longer than {LONGEST / 60:.0f} minutes; make it again in parts."
        ) from None
    if words and ([word.text for word in words] != split(text) or words[-1].end * RATE > len(sound) + LOSSY):
        raise BadParameter("These words are not the take's; send all of those it was asked to say, or none.")
    return Version(sound, text, known(made.parts, text, len(sound)), words)


def numbered(number: int, version: Version) -> int:
    """The number of a part. Raises BadParameter where it has no such part."""
    if number >= len(version.parts):
        raise BadParameter(f"The take has {_counted(version)}; choose among those.")
    return int(number)


def said_by(version: Version, number: int) -> str:
    """The words of a part."""
    return texts(version.text, version.parts)[number].rstrip()


def arrange(request: ArrangeRequest, folder: Path) -> tuple[Take, Timed]:
    """The take with its parts laid anew, as one of its own in `folder`. Raises BadInput, DiskFull, Unavailable."""
    check_arrange(request)
    made = restore(request.file)
    version = open_take(request.file, made, request.words)
    as_is = [Place(number) for number in range(len(version.parts))]
    places = [replace(place, part=int(place.part)) for place in request.places] or as_is
    if sorted(place.part for place in places) != [place.part for place in as_is]:
        raise BadParameter(f"The take has {_counted(version)}; name each of them once.")
    if all(place.muted for place in places):
        raise BadParameter("Every part is muted; leave one at least to be heard.")
    order = _order(places) if [*places] != as_is else ""
    told = f"parts laid anew: {order}" if order else ""
    return write_change(made, lay(version, places), told, (f"Changed: {told}.",) if told else (), {}, folder)


def _counted(version: Version) -> str:
    """How many parts there are, and how they are counted."""
    count = len(version.parts)
    return "1 part, number 0" if count == 1 else f"{count} parts, numbers 0 to {count - 1}"


def _order(places: Sequence[Place]) -> str:
    """An arrangement as a person reads it: parts counted from 1, pauses between them that were set."""
    heard = [place for place in places if not place.muted]
    pauses = ["" if place.pause is None else f" (then {place.pause:g} s)" for place in heard[:-1]]
    told = [f"{place.part + 1}{pause}" for place, pause in zip(heard, [*pauses, ""], strict=True)]
    line = ", ".join(told)
    return line if len(line) <= MOST_TOLD else f"{line[:MOST_TOLD]}…"
