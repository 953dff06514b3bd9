"""Power spectra of frames of a sound, as many as asked however long it is. Knows nothing of what they are for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..types import RATE, Samples

FRAME = 1024
"""Samples of a frame: 43 ms, the window of F5-TTS's mel."""
FREQUENCIES = np.arange(FRAME // 2 + 1) * (RATE / FRAME)
"""Hz of each bin: [FRAME / 2 + 1]."""


def spectra(samples: Samples, frames: int) -> NDArray[np.float32]:
    """Power of `frames` Hann-windowed frames centred at even distances over the sound: [frames, FRAME / 2 + 1].

    Relative to a full-scale sine, which has 1. Time and memory depend on `frames` alone.
    """
    starts = ((np.arange(frames) + 0.5) * len(samples) / frames).astype(int) - FRAME // 2
    window = np.hanning(FRAME + 1)[:-1].astype(np.float32)
    cut = np.zeros((frames, FRAME), np.float32)
    for row, start in zip(cut, starts, strict=True):  # a padded copy of hours would be GBs
        piece = samples[max(start, 0) : start + FRAME]
        row[max(-start, 0) :][: len(piece)] = piece
    return np.asarray(np.abs(np.fft.rfft(cut * window) * 2 / window.sum()) ** 2, np.float32)


def mel_scale(low: float, high: float, points: int) -> NDArray[np.float64]:
    """`points` frequencies in Hz from `low` to `high`, evenly spread on the mel scale (O'Shaughnessy's)."""
    least, most = 2595 * np.log10(1 + np.array([low, high]) / 700)
    mels = np.linspace(least, most, points)
    return np.asarray(700 * (10 ** (mels / 2595) - 1))
