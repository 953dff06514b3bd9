"""The words of an own clip where it is cut: which of them go with it, and what the whole clip's are.

Does not know how a clip is cut, nor what is shown of it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import NamedTuple

from engine import Cures, Studio

from ..mend import Mend
from .words import OwnClip


class Presses:
    """Numbers for what is pressed on one page: where several are still being made, the last holds.

    `shown` are the cures in force as the page shows them, which a press that fails goes back to; `asked` those that were
    asked for last, which may still be made.
    """

    def __init__(self, shown: Cures = Cures()) -> None:  # noqa: B008  # frozen
        self._numbers, self.last, self.shown, self.asked = count(1), 0, shown, shown

    def begin(self) -> int:
        """The number of this press."""
        self.last = next(self._numbers)
        return self.last


class Page(NamedTuple):
    """What the handlers need of the page: the clip as it came, its words and language, the model, and the states."""

    recording: str | None
    words: str
    language: str
    own: OwnClip
    model: str
    mend: Mend
    presses: Presses


class Moved(NamedTuple):
    """The words the box held and those it is to hold, what of them is heard, and the mend they go with.

    None is what stays as it is.
    """

    before: str
    after: str | None = None
    heard: str | None = None
    mend: Mend | None = None

    def typed_since(self, box: str, own: OwnClip, mend: Mend) -> bool:
        """Whether the box holds what a person typed meanwhile: neither what it did, nor what was placed since."""
        return box not in (self.before, mend.placed, own.heard)


def moved(studio: Studio, clip: Path, cures: Cures, page: Page) -> Moved:
    """The words that go with the cures. Raises BadClip, BadParameter, HearingUnavailable."""
    old = page.mend.cures
    if (cures.start, cures.end) == (old.start, old.end):
        return Moved(page.words, mend=replace(page.mend, cures=cures))
    typed = whole(studio, clip, page)
    cut = cures.start is not None or cures.end is not None
    words = _parted(studio, clip, cures, typed, page.language)[1] if cut or not typed else typed
    mend = replace(page.mend, cures=cures, typed=typed, placed=words)
    return Moved(page.words, words, None if typed else words, mend)


def whole(studio: Studio, clip: Path, page: Page) -> str:
    """The words of the whole clip where a person typed them; what was changed in a cut's takes its place in them."""
    box, mend = page.words.strip(), page.mend
    if not page.own.typed(box):
        return ""
    if mend.cures.start is None and mend.cures.end is None:
        return box
    if box == mend.placed:
        return mend.typed
    before, _, after = _parted(studio, clip, mend.cures, mend.typed, page.language)
    return " ".join(filter(None, (before, box, after)))


def _parted(studio: Studio, clip: Path, cures: Cures, typed: str, language: str) -> tuple[str, str, str]:
    """The words before, within and after the cut."""
    *_, parted = studio.clips.words(clip, cures.start, cures.end, typed, language or "")
    assert isinstance(parted, tuple)
    return parted


def match(studio: Studio, clip: Path, typed: str, language: str) -> bool:
    """Whether the typed words are on the whole those of the clip."""
    return next(event for event in studio.clips.match(clip, typed, language or "") if isinstance(event, bool))
