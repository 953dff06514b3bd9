"""What may be asked of a finished take: words said again, a part made again, its parts laid anew.

Values alone. Ranges are in `engine.checks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .types import Word


@dataclass(frozen=True)
class RepairRequest:
    """Words of a finished take that are to be said again."""

    file: Path
    """The take's, as Timbre made it: it tells how."""
    clip: Path | None
    """The reference clip that it was made from."""
    first: int
    """Number of the first of them, from 0, among the take's words."""
    last: int
    text: str = ""
    """The words that are to stand in their place; blank: the same."""
    say: str = ""
    """How these are spelled to be said rightly, which is shown nowhere; blank: as they are written."""
    tries: int = 3
    """So many candidates, 1 to 8."""
    seed: int | None = None
    """0 to 2**32 - 1; None: drawn at random."""
    words: tuple[Word, ...] = ()
    """All words of the take with their times; none: they are heard first."""


@dataclass(frozen=True)
class RemakeRequest:
    """A part of a finished take that is to be made again: the same words in the same voice, from other noise."""

    file: Path
    """The take's, as Timbre made it: it tells how."""
    clip: Path | None
    """The reference clip that it was made from."""
    part: int
    """Its number, from 0."""
    seed: int | None = None
    """0 to 2**32 - 1; None: drawn at random."""
    words: tuple[Word, ...] = ()
    """All words of the take with their times; where they are given the new ones' are heard."""


@dataclass(frozen=True)
class Place:
    """A part where it is to be laid: after that of the place before."""

    part: int
    """Its number in the take, from 0."""
    muted: bool = False
    """It is left out, its words too."""
    pause: float | None = None
    """Seconds of silence after it where another follows, 0 to 5; None: as it is now."""


@dataclass(frozen=True)
class ArrangeRequest:
    """A finished take whose parts are to be laid anew."""

    file: Path
    """The take's, as Timbre made it."""
    places: tuple[Place, ...]
    """Every part once, in the order it is to be heard; none: as they are."""
    words: tuple[Word, ...] = ()
    """All words of the take with their times, which move along; none: not known."""
