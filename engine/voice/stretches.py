"""The parts of a clip that would make the best references, and the shortest that will do: their words, and why each is offered.

Knows sound and timed words. How like the clip's their voices are, it is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..audio import silences
from ..audio.edges import HOP, levels
from ..findings import Stretch, room
from ..types import RATE, Samples, Word
from .cut import ENDS, Place, places, said
from .speaker import Alike, Numbers

LEAST = 3.0
"""Seconds below which a reference tells too little of a voice, or half of what the model takes where that is less; a
shorter one is offered only where nothing else is."""
EDGE = 0.15
"""Seconds of a pause that stay at either end: room for a breath and for the error of the words' times."""
OVERLAP = 0.25
"""Share of the shorter of two stretches that they may have in common; more would be no choice."""
WEIGHTS = {"ends": 0.25, "clean": 0.2, "unclipped": 0.15, "steady": 0.15, "length": 0.1, "dense": 0.05, "flowing": 0.1}
"""What speaks for a stretch: a cut amid a sentence ends in a false tone, noise and clipping are copied with the voice."""
NOISY, CLEAN = 15.0, 35.0
"""dB from the pauses to the speech: noise that is plainly heard, and a quiet room."""
UNSTEADY, STEADY = 9.0, 5.0
"""dB by which the levels of the words spread (standard deviation): a changing distance, and mere stress."""
HALTING, FLOWING = 1.2, 0.8
"""Seconds of the longest pause inside: one that the clone learns to make too, and what is common between sentences."""
SPARSE, DENSE = 0.4, 0.8
"""Share of the time that is speech: more pause than speech, and fluent reading."""
FULL_SCALE, CLIPPED = 0.99, 1e-3
"""Where samples are cut off, and the share of such samples that is plainly heard."""
ALIKE = 0.93
"""Likeness to the whole clip from which a part tells the same voice. Of 13 voices, 14 s of each, parts of 2 to 4 s had 0.80 to 0.98;
what the bundled model said after them was no more or less like the voice for that (benchmarks/LOG.md)."""
SPARED = 3.0
"""Seconds of what would be used otherwise that a short part must spare to be worth choosing: speech comes in chunks of some
ten seconds, and the reference is worked on with each."""
SLACK = 0.15
"""By how much a short part may be worse than the best in all but its length: one end amid a sentence, and hardly more."""


@dataclass(frozen=True)
class _Span:
    """What lies between two places, in seconds, with up to EDGE of the pauses at both."""

    before: Place
    after: Place

    @property
    def start(self) -> float:
        return max(self.before.middle, self.before.end - EDGE)

    @property
    def end(self) -> float:
        return min(self.after.middle, self.after.start + EDGE)


def stretches(
    samples: Samples, words: Sequence[Word], longest: float = 12.0, count: int = 3, alike: Alike | None = None
) -> tuple[Stretch, ...]:
    """At most `count` parts of a clip (fp32 mono at 24 kHz) of at most `longest` seconds, the best first; where `alike` tells
    their likeness to the whole, one more may follow, the `short` one, or one of these is it.

    They begin and end in pauses, between words where there is none, hold LEAST or more of a clip that does, and share at
    most a quarter. Best is what says whole sentences in steady, clean, unclipped speech of at least half of `longest`.
    `words` are all the clip's in order, as `timed` gives them; where none ends in time there are no stretches.
    """
    quiet = silences(samples)
    spans = _spans(words, quiet, len(samples) / RATE, longest)
    if not spans:
        return ()
    merits = _merits(samples, quiet, words, spans, longest)
    scores = np.asarray(sum(weight * merits[name] for name, weight in WEIGHTS.items()))
    chosen: list[int] = []
    for number in map(int, np.argsort(-scores, kind="stable")):
        if len(chosen) == count:
            break
        if all(_shared(spans[number], spans[other]) <= OVERLAP for other in chosen):
            chosen.append(number)
    begin, end = np.array([[span.start, span.end] for span in spans]).T
    likeness = alike(begin, end) if alike else np.full(len(spans), np.nan)
    but_length = scores - WEIGHTS["length"] * merits["length"]
    short = _shortest(but_length, likeness, end - begin, min(longest, len(samples) / RATE))
    if short is not None and short not in chosen:
        chosen.append(short)
    return tuple(
        Stretch(
            start=spans[n].start,
            end=spans[n].end,
            text=said(words[spans[n].before.words : spans[n].after.words]),
            score=float(scores[n]),
            reason=_reason(words, spans[n], {name: float(values[n]) for name, values in merits.items()}, n == short),
            likeness=float(likeness[n]) if alike else None,
            short=n == short,
        )
        for n in chosen
    )


def _shortest(goodness: Numbers, likeness: Numbers, seconds: Numbers, whole: float) -> int | None:
    """The number of the shortest part whose voice is the clip's and which is as good as the best but for its length; None
    where none spares enough of the `whole` seconds that would be used otherwise."""
    fit = (likeness >= ALIKE) & (goodness >= goodness.max() - SLACK) & (seconds <= whole - SPARED)
    return int(np.where(fit, seconds, np.inf).argmin()) if fit.any() else None


def _spans(words: Sequence[Word], quiet: Sequence[tuple[float, float]], seconds: float, longest: float) -> list[_Span]:
    """All there are from pause to pause; where none of these is fit, from word to word."""
    after = places(words, quiet, seconds)
    if not after:
        return []
    beginning = Place(0.0, min(words[0].start, after[0].start), 0, sentence=True, clause=True, silent=True)
    ending = after[-1]
    for ends in ([place for place in after if place.silent or place is ending], after):
        spans = [span for i, before in enumerate([beginning, *ends]) for span in _within(before, ends[i:], longest)]
        if any(span.end - span.start >= min(LEAST, longest / 2) for span in spans):
            break
    least = min(LEAST, longest / 2, max((span.end - span.start for span in spans), default=0.0))
    return [span for span in spans if span.end - span.start >= least]


def _within(before: Place, ends: Sequence[Place], longest: float) -> list[_Span]:
    found = []
    for after in ends:
        span = _Span(before, after)
        if span.end - span.start > longest:
            break
        found.append(span)
    return found


def _merits(
    samples: Samples,
    quiet: Sequence[tuple[float, float]],
    words: Sequence[Word],
    spans: Sequence[_Span],
    longest: float,
) -> dict[str, Numbers]:
    """How good each span is in each way, 0 to 1, and how many dB `over_noise`: {name: [spans]}."""
    begin, end = (np.array([[span.start, span.end] for span in spans]).T * RATE / HOP).round().astype(int)
    first, last = np.array([[span.before.words, span.after.words] for span in spans]).T
    power = 10 ** (levels(samples) / 10)
    silent = np.zeros(len(power))
    for start, stop in quiet:
        silent[round(start * RATE / HOP) : round(stop * RATE / HOP)] = 1
    pause = _sums(silent, begin, end)
    speech = _sums(power * (1 - silent), begin, end) / np.maximum(end - begin - pause, 1)
    floor = np.percentile(power, 5)  # of the clip, where a span has no pause
    noise = np.where(pause > 0, _sums(power * silent, begin, end) / np.maximum(pause, 1), floor)
    loudness = _word_levels(power, words[: last.max()])
    mean, square = (_sums(values, first, last) / (last - first) for values in (loudness, loudness**2))
    over_noise = 10 * np.log10(np.maximum(speech, 1e-12) / np.maximum(noise, 1e-12))
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    clipped = _sums(np.abs(samples) >= FULL_SCALE, begin * HOP, np.minimum(end * HOP, len(samples)))
    seconds = (end - begin) * HOP / RATE
    longest_pause = np.zeros(len(spans))
    for start, stop in (pause for pause in quiet if pause[1] - pause[0] > FLOWING):
        inside = np.minimum(end * HOP / RATE, stop) - np.maximum(begin * HOP / RATE, start)
        longest_pause = np.maximum(longest_pause, inside)
    return {
        "ends": np.array([(_closed(span.before) + _closed(span.after)) / 2 for span in spans]),
        "over_noise": over_noise,
        "clean": _between(over_noise, NOISY, CLEAN),
        "unclipped": _between(clipped / np.maximum(end - begin, 1) / HOP, CLIPPED, 0.0),
        "steady": _between(spread, UNSTEADY, STEADY),
        "length": 0.8 * np.minimum(seconds / (longest / 2), 1) + 0.2 * seconds / longest,
        "dense": _between(1 - pause / np.maximum(end - begin, 1), SPARSE, DENSE),
        "flowing": _between(longest_pause, HALTING, FLOWING),
    }


def _sums(values: NDArray[np.float64] | NDArray[np.bool_], first: NDArray[np.int_], last: NDArray[np.int_]) -> Numbers:
    """The sum of values[first:last] for each pair."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray(total[np.minimum(last, len(values))] - total[np.minimum(first, len(values))])


def _word_levels(power: Numbers, words: Sequence[Word]) -> Numbers:
    """The level of each word in dB: [words]."""
    first, last = (np.array([[word.start, word.end] for word in words]).T * RATE / HOP).round().astype(int)
    last = np.maximum(last, first + 1)
    return np.asarray(10 * np.log10(np.maximum(_sums(power, first, last) / (last - first), 1e-12)))


def _closed(place: Place) -> float:
    return 1.0 if place.sentence else 0.5 if place.clause else 0.0


def _between(values: Numbers, bad: float, good: float) -> Numbers:
    """0 for `bad` and what is worse, 1 for `good` and better."""
    return np.asarray(np.clip((values - bad) / (good - bad), 0, 1))


def _shared(one: _Span, other: _Span) -> float:
    """How much of the shorter lies in the other, 0 to 1."""
    common = min(one.end, other.end) - max(one.start, other.start)
    return max(common, 0.0) / max(min(one.end - one.start, other.end - other.start), 1e-9)


def _reason(words: Sequence[Word], span: _Span, merits: dict[str, float], short: bool) -> str:
    sentences = sum(word.text.endswith(ENDS) for word in words[span.before.words : span.after.words])
    parts = [
        ("whole sentence" if sentences == 1 else "whole sentences")
        if merits["ends"] == 1
        else "whole phrases"
        if span.before.clause and span.after.clause
        else "cut at pauses"
        if span.before.silent and span.after.silent
        else "no pause to cut at",
        "steady level" if merits["steady"] >= 0.5 else "uneven level",
        room(merits["over_noise"]),
    ]
    if merits["unclipped"] < 1:
        parts.append("clipped")
    if merits["flowing"] < 0.5 or merits["dense"] < 0.5:
        parts.append("a long pause" if merits["dense"] >= 0.5 else "long pauses")
    if short:
        parts.insert(0, "as short as its voice allows")
    elif merits["length"] < 0.8:
        parts.append("short")
    return ", ".join(parts)
