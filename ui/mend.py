"""What is done to an own clip: the cures in force and the parts of it that are offered, and how times are written.

Values alone; knows nothing of widgets, nor how a cure works.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

from engine import BadParameter, Cures, Stretch

from .clip_parts import clock

UNCURED = Cures()
_TIME = re.compile(r"(?:(\d{1,3}):)?(\d{1,5}(?:[.,]\d{0,3})?)", re.ASCII)


@dataclass(frozen=True)
class Mend:
    """The cures in force, the words that go with them, and what parts of the clip are offered.

    `typed` are the whole clip's words where a person typed them, `placed` those of the cut as they went into the box
    (both blank before the first cut), `sounds` the parts' files, `why` what is said over them.
    """

    cures: Cures = UNCURED
    typed: str = ""
    placed: str = ""
    offered: tuple[Stretch, ...] = ()
    sounds: tuple[str, ...] = ()
    why: str = ""

    def write(self) -> str:
        """What is needed to `read` it again; the parts offered are not."""
        return json.dumps({"cures": asdict(self.cures), "typed": self.typed, "placed": self.placed})

    @classmethod
    def read(cls, text: str) -> Mend:
        """What was written of one."""
        values = json.loads(text)
        return cls(Cures(**values["cures"]), values["typed"], values["placed"])

    @property
    def taken(self) -> int | None:
        """The number of the part in force, if it is one of those offered."""
        cut = self.cures.start, self.cures.end
        return next((number for number, part in enumerate(self.offered) if cut == times_of(part)), None)


def summary(cures: Cures) -> str:
    """What the fold says: the cures in force."""
    done = [
        words
        for given, words in (
            (cures.denoise, "noise removed"),
            (cures.level, "level evened"),
            (cures.trim, "ends trimmed"),
            (
                cures.start is not None or cures.end is not None,
                f"{_time(cures.start)} to {_time(cures.end) or 'the end'}",
            ),
        )
        if given
    ]
    return f"Mended: {', '.join(done)}" if done else "Mend the clip"


def _time(seconds: float | None) -> str:
    return "" if seconds is None else clock(seconds)


def times_of(part: Stretch) -> tuple[float, float]:
    """Where the part begins and ends, as the form can hold them."""
    return round(part.start, 2), round(part.end, 2)


def seconds_of(text: str) -> float | None:
    """A typed time in seconds, also as minutes and seconds; None where it is blank. Raises BadParameter."""
    if not text.strip():
        return None
    if not (found := _TIME.fullmatch(text.strip())):
        raise BadParameter(
            "Start and end are seconds, such as 2.5, or minutes and seconds, such as 1:02.5; set them again."
        )
    return 60 * int(found[1] or 0) + float(found[2].replace(",", "."))
