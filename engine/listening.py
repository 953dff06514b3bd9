"""A piece of speech heard: what is wrong in it, and whose voice it is.

Knows sounds and what they were to say; not who spoke them, nor what becomes of them.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .audio import silences
from .audio.edges import KEPT
from .hearing import Check, Transcriber, check
from .takes import timed
from .types import RATE, Event, Loading, Reference, Samples, Stage, Word
from .voice.speaker import embed

ROOM = 0.25
"""Seconds of silence around a piece when it is heard: Whisper is deaf to a word that fills the whole sound."""
TIMING_ERROR = 0.15
"""Seconds by which a word's heard edge may lie inside a silence."""


@dataclass(frozen=True, eq=False)
class Spoken:
    """One try at a piece: its sound and what was found in it."""

    samples: Samples
    check: Check
    cut: tuple[str, ...] = ()
    """Words that were heard at its edges beside those asked for, and were cut off."""


@dataclass(frozen=True, eq=False)
class Listener:
    """Hears pieces of speech and finds what is wrong in them."""

    transcriber: Transcriber
    reference: Reference
    language: str
    """Of the text, a two-letter code."""
    timings: dict[str, float]

    def __call__(self, text: str, samples: Samples) -> Generator[Event, None, Spoken]:
        """Yield progress, return the piece with what was found; words added at its edges are cut off where that helps.

        Raises HearingUnavailable, ModelUnavailable.
        """
        spoken = yield from self.hear(samples, text)
        shorter, gone = cut_edges(samples, spoken.check)
        if gone:
            again = yield from self.hear(shorter, text)
            if again.check.fault < spoken.check.fault:
                return replace(again, cut=gone)
        return spoken

    def hear(self, samples: Samples, *texts: str) -> Generator[Event, None, Spoken]:
        """The same, nothing cut off; where it may be written in several ways, it is held against the likest."""
        yield Stage("checking")
        with timed(self.timings, "checking"):
            heard = yield from self._transcribed(samples)
            seconds = len(samples) / RATE
            checks = [check(text, heard, self.reference.text, seconds, self.language) for text in texts]
        found = min(checks, key=lambda check: check.fault)
        return Spoken(samples, replace(found, likeness=float(_voice(samples) @ self._voice)))

    def _transcribed(self, samples: Samples) -> Generator[Event, None, tuple[Word, ...]]:
        hearing = self.transcriber.transcribe(np.pad(samples, round(ROOM * RATE)), self.language)
        while True:
            try:
                event = next(hearing)
            except StopIteration as end:
                words: tuple[Word, ...] = end.value.words
                return tuple(replace(w, start=max(w.start - ROOM, 0.0), end=max(w.end - ROOM, 0.0)) for w in words)
            yield event if isinstance(event, Loading) else Stage("checking")

    @cached_property
    def _voice(self) -> NDArray[np.float32]:
        return _voice(self.reference.samples)


def cut_edges(samples: Samples, found: Check) -> tuple[Samples, tuple[str, ...]]:
    """The sound without the words heard before the first or after the last that was asked for, and those words.

    Cut in the silence between; where there is none nothing is cut, since that would be heard.
    """
    asked = [one.word for one in found.words.asked if one.kind in ("same", "alike")]
    before = [extra.word for extra in found.words.extras if extra.before == 0]
    after = [extra.word for extra in found.words.extras if extra.before == len(found.words.asked)]
    quiet = silences(samples, 0.05)
    start, end, gone = 0.0, len(samples) / RATE, []
    if asked and before and (pause := _pause(quiet, before[-1], asked[0])):
        start, gone = max(pause[1] - KEPT, pause[0]), [word.text for word in before]
    if asked and after and (pause := _pause(quiet, asked[-1], after[0])):
        end, gone = min(pause[0] + KEPT, pause[1]), gone + [word.text for word in after]
    return samples[round(start * RATE) : round(end * RATE)], tuple(gone)


def _pause(quiet: Sequence[tuple[float, float]], before: Word, after: Word) -> tuple[float, float] | None:
    """The longest silence between two words; None where they run into each other."""
    between = [
        (start, end) for start, end in quiet if end > before.end - TIMING_ERROR and start < after.start + TIMING_ERROR
    ]
    return max(between, key=lambda pause: pause[1] - pause[0], default=None)


def _voice(samples: Samples) -> NDArray[np.float32]:
    """A unit vector of the whole sound's voice."""
    mean = embed(samples).mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9))
