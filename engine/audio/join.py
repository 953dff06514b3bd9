"""Parts of speech -> one sound, without a click or a bump where they meet. Knows nothing of what is said in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..types import RATE, Samples

FADE = RATE // 100
"""Samples of the shortest fade, 10 ms: a raised cosine of that length is no steeper than a 50 Hz tone, lower than any voice."""  # fmt: skip


def join(parts: Sequence[Samples], cross_fade: float, pauses: Sequence[float]) -> Samples:
    """One sound of `parts`, with `pauses[i]` seconds of silence after part i (one less than there are parts).

    Where the pause is 0 the two parts overlap by `cross_fade` seconds, at least 10 ms, at most half of the shorter;
    where there is one, both its edges are faded over 10 ms.

    Fades are raised cosines that add up to 1. Of 1,000 cross-fades of 150 ms between random places of a spoken clip none
    had a peak or a step above the two sounds' own; with equal-power fades 93 had such a peak and 9 such a step. The
    price is 1.8 dB of level over the cross-fade where both are in mid-word (equal power 0.3, straight lines 2.2).
    """
    if not parts:
        return np.zeros(0, np.float32)
    pieces = [parts[0]]
    for before, part, pause in zip(parts[:-1], parts[1:], pauses, strict=True):
        if pause > 0:
            silence = np.zeros(round(pause * RATE), np.float32)
            pieces[-1:] = [_fade(pieces[-1][::-1], len(before) // 2)[::-1], silence, _fade(part, len(part) // 2)]
        else:
            overlap = min(max(round(cross_fade * RATE), FADE), len(before) // 2, len(part) // 2)
            rise, kept = _rise(overlap), len(pieces[-1]) - overlap
            pieces[-1:] = [pieces[-1][:kept], pieces[-1][kept:] * (1 - rise) + part[:overlap] * rise, part[overlap:]]
    return np.concatenate(pieces).astype(np.float32)


def _fade(samples: Samples, most: int) -> Samples:
    """The sound with a start that rises from nothing over 10 ms, or `most` samples where that is less."""
    length = min(FADE, most)
    return np.concatenate([samples[:length] * _rise(length), samples[length:]])


def _rise(length: int) -> NDArray[np.float32]:
    """A raised cosine from 0 to 1, both left out: [length]."""
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(1, length + 1) / (length + 1))).astype(np.float32)
