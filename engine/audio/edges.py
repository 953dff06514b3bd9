"""Where there is quiet in a sound, and taking it off the edges or out of the middle.

Knows levels only: a breath, a cough and a soft consonant are what their level makes them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..types import RATE, Samples
from .join import FADE, join, starts

HOP = RATE // 100
"""Samples between two levels: 10 ms."""
QUIET = -42.0
"""dBFS below which an edge is silence, as in `remove_silence_edges` of F5-TTS."""
BELOW_LOUDEST = 20.0
"""dB that the edges of a quietly recorded clip must at least be below its loudest moment, else it would be all edge."""
SILENT = -60.0
"""dBFS below which all is quiet, whatever else is in the sound."""
KEPT = 0.05
"""Seconds of an edge's silence that stay, so that no first or last consonant is clipped."""


def levels(samples: Samples) -> NDArray[np.float64]:
    """RMS of each 20 ms around every 10 ms in dBFS, at least -120: [ceil(n / HOP)]."""
    squares = np.zeros(len(samples) // HOP * HOP + 3 * HOP)
    squares[HOP // 2 : HOP // 2 + len(samples)] = np.square(samples, dtype=np.float64)
    hops = squares.reshape(-1, HOP).sum(axis=1)
    windows = (hops[:-1] + hops[1:])[: -(-len(samples) // HOP)] / (2 * HOP)
    return np.asarray(10 * np.log10(np.maximum(windows, 1e-12)))


def trim(samples: Samples) -> Samples:
    """The sound without the silence at its edges but for 50 ms; empty where all is silence."""
    level = levels(samples)
    if not len(level):
        return samples
    if level.max() < SILENT:
        return samples[:0]
    loud = np.flatnonzero(level > min(QUIET, level.max() - BELOW_LOUDEST))
    kept = round(KEPT * RATE)
    return samples[max(int(loud[0]) * HOP - kept, 0) : (int(loud[-1]) + 1) * HOP + kept]


def silences(samples: Samples, least: float = 0.1) -> list[tuple[float, float]]:
    """(start, end) in seconds of every stretch of quiet of at least `least` seconds, in order.

    Quiet is what lies in the lower third (in dB) between the clip's noise floor and its speech, and 15 to 35 dB below
    the speech: in a clean clip a breath is not quiet, in a noisy one the noise is.
    """
    level = levels(samples)
    if not len(level):
        return []
    floor, speech = np.percentile(level, (5, 95))
    threshold = np.clip(floor + (speech - floor) / 3, speech - 35, speech - 15)
    quiet = level < max(float(threshold), SILENT)
    changes = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    stretches = changes.reshape(-1, 2) * (HOP / RATE)
    seconds = len(samples) / RATE
    return [(float(start), min(float(end), seconds)) for start, end in stretches if end - start >= least - 1e-9]


def remove_silence(samples: Samples, longest: float = 0.5) -> tuple[Samples, list[tuple[int, int]]]:
    """The sound with every pause above `longest` seconds shortened to it, by taking out its middle; seams are faded.

    Beside it the stretches of the sound that were kept: (first sample, one after the last).
    """
    cuts = [
        (round((start + longest / 2) * RATE) + FADE // 2, round((end - longest / 2) * RATE) - FADE // 2)
        for start, end in silences(samples, longest)
    ]
    cuts = [(start, end) for start, end in cuts if end - start >= FADE]
    kept = [*zip([0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(samples)], strict=True)]
    return join([samples[start:end] for start, end in kept], 0.0, [0.0] * (len(kept) - 1)), kept


def moved(places: Sequence[int], kept: Sequence[tuple[int, int]]) -> list[int]:
    """Where samples of a sound are once only these stretches of it were kept; those that went are at the seam."""
    begun = starts([end - start for start, end in kept], 0.0, [0.0] * (len(kept) - 1))
    numbers = [max(bisect_right(kept, place, key=lambda stretch: stretch[0]) - 1, 0) for place in places]
    return [begun[n] + min(place, kept[n][1]) - kept[n][0] for n, place in zip(numbers, places, strict=True)]
