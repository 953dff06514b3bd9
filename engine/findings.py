"""The values that tell of a clip before it is cloned: its report, its best stretches, its cures, its words compared.

All are frozen and know nothing of how they are found. Times are seconds of the clip.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

ROOMS = ((30.0, "quiet room"), (20.0, "little noise"), (10.0, "some noise"), (-math.inf, "much noise"))
"""What is heard behind a voice, by dB that it stands out."""


def room(over_noise: float) -> str:
    """What is heard behind a voice that stands so many dB out of it, as a phrase."""
    return next(words for least, words in ROOMS if over_noise >= least)


@dataclass(frozen=True)
class Cures:
    """What is done to a clip before it becomes a reference; as it stands, nothing."""

    start: float | None = None
    """Seconds of the clip where it is to begin; None: at its beginning."""
    end: float | None = None
    """Seconds of the clip where it is to end; None: at its end."""
    denoise: bool = False
    trim: bool = False
    """Take the silence off both ends."""
    level: bool = False
    """Even out loud and soft passages, and bring the whole to the level a model is used to."""


@dataclass(frozen=True)
class Stretch:
    """A part of a clip that would make a reference, in seconds from its beginning, with the words in it."""

    start: float
    end: float
    text: str
    score: float
    """0 to 1; higher is better."""
    reason: str
    """Why it is offered, as a phrase: “whole sentences, steady level, quiet room”."""
    likeness: float | None = None
    """Of its voice to the whole clip's (Resemblyzer's cosine, at most 1); None: that cannot be told here."""
    short: bool = False
    """The shortest whose voice is still the clip's: what is spoken after it is done sooner."""


@dataclass(frozen=True)
class Difference:
    """A word of a clip as it was typed and as it was heard; now and then several that stand for one, as “25”."""

    kind: Literal["same", "changed", "missing", "added"]
    """Missing was typed and not heard, added was heard and not typed."""
    typed: str
    heard: str


FindingKind = Literal[
    "too_short",
    "too_long",
    "quiet",
    "clipped",
    "noisy",
    "reverberant",
    "music",
    "silent_gaps",
    "second_voice",
    "chopped_start",
    "chopped_end",
    "narrow_band",
]


Grade = Literal["good", "fair", "poor"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a clip, in a sentence, and what to do about it, in another."""

    kind: FindingKind
    sentence: str
    cure: str
    serious: bool = False
    """A clone will suffer from it plainly."""


@dataclass(frozen=True)
class Report:
    """What was measured in a clip, and what a person should know of it before it is cloned."""

    seconds: float
    speech_seconds: float
    """Seconds it speaks; pauses below 0.2 s are counted in."""
    level: float
    """dBFS (RMS) of the speech."""
    snr: float
    """dB of the speech over the steady noise below it."""
    rt60: float
    """Seconds the room takes to fall by 60 dB, reading low above 0.6; 0 where nothing falls freely enough to tell."""
    clipped: float
    """Share of the sounding samples that are cut off at a ceiling."""
    grade: Grade
    findings: tuple[Finding, ...] = ()
    untold: str = ""
    """What could not be looked for and why, a sentence; blank where all was."""

    @property
    def room(self) -> str:
        """What is heard behind the voice, as a phrase."""
        return room(self.snr)
