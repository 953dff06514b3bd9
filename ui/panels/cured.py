"""The files of a clip with its cures: what is kept of it, and what may be heard.

Does not know what is shown of them, nor which words go with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine import BadClip, Cures, DiskFull, Studio

from ..files import Files
from ..mend import UNCURED, Mend


def keep(studio: Studio, files: Files, clip: Path, mend: Mend) -> tuple[str, str | None]:
    """The mended clip's id, and where it can be heard; the clip's own where nothing is done to it. Raises TimbreError."""
    with _kept():
        if mend.cures == UNCURED:
            return files.keep(clip), None
        sound = cured(studio, files, clip, mend.cures)
        return files.keep(sound, clip, mend.write()), str(sound)


def cured(studio: Studio, files: Files, clip: Path, cures: Cures) -> Path:
    """The cured clip as a file that may be served. Raises TimbreError."""
    with _kept():
        file = files.place("clip.flac")
        studio.clips.cure(clip, cures, file)
    return file


@contextmanager
def _kept() -> Iterator[None]:
    """What can go wrong with a file, as a sentence."""
    try:
        yield
    except FileNotFoundError:
        raise BadClip("The clip is no longer kept; choose it again.") from None
    except OSError:
        raise DiskFull("There is no room to keep the clip; try again later.") from None
