"""A new piece put into a sound without a seam. Knows nothing of what is said in either."""

from __future__ import annotations

import numpy as np

from ..types import RATE, Samples
from .edges import HOP, levels
from .join import join

FADE = RATE * 3 // 100
"""Samples of the cross-fade at each end: 30 ms, shorter than most sounds of speech."""
SLACK = RATE // 250
"""Samples by which each end of the new piece may be moved until the waves meet: 4 ms, half a period of 125 Hz."""
MARGIN = FADE + SLACK
"""Samples that the new piece goes on for at each end beyond what it replaces."""


def patch(sound: Samples, start: int, end: int, new: Samples) -> Samples:
    """`sound` with `new` in place of its samples `start` to `end`; all further than FADE from these stay as they are.

    `new` goes on for MARGIN at both ends: what is there of the sound's own is cross-faded with it, each end moved by at
    most SLACK to where the waves are most alike.
    """
    left, right = min(FADE, start // 2), min(FADE, (len(sound) - end) // 2)
    first = MARGIN - left + _lag(sound[start - left : start], new[: 2 * MARGIN], MARGIN - left)
    past = len(new) - MARGIN
    past += _lag(sound[end : end + right], new, past) + right
    return join([sound[:start], new[first:past], sound[end:]], FADE / RATE, [0.0, 0.0])


def quietest(sound: Samples, start: int, end: int) -> int:
    """The sample between two where the sound is quietest over 20 ms; `start` where there is nothing between them."""
    level = levels(sound[max(start, 0) : max(end, start)])
    return max(start, 0) + (int(level.argmin()) * HOP if len(level) else 0)


def _lag(piece: Samples, new: Samples, at: int) -> int:
    """How far from `at` the new sound is most like a piece, at most SLACK either way."""
    if not len(piece):
        return 0
    lags = range(-min(SLACK, at), min(SLACK, len(new) - len(piece) - at) + 1)
    return max(lags, key=lambda lag: (float(np.dot(piece, new[at + lag : at + lag + len(piece)])), -abs(lag)))
