"""A voice's mark: ten bars that tell one voice from another at a glance, by where its sound is strong or weak.

A drawing, no measure of likeness: another microphone changes it too.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..types import Samples
from .spectrum import FREQUENCIES, mel_scale, spectra

BARS = 10
LOW, HIGH = 120.0, 7600.0
"""Hz the bars lie between, evenly on the mel scale: speech is hardly outside."""
FRAMES = 2000
DEPTH = 60.0
"""dB below its strongest band at which a band counts as empty, as all are above 4 kHz on a telephone."""
AVERAGE = (15.7, 15.5, 8.5, 2.7, -0.9, -3.2, -4.9, -9.6, -10.7, -13.1)
"""dB of an average voice: the mean of `spectrum` over six voices, the five example clips of the f5-tts package and
the Piper voice Joe."""
BASE = np.sin(np.linspace(0.55, 2.75, BARS)) * 0.62 + 0.05
"""Bars of a voice that is just average: an arch, so that the mark has a shape of its own."""
STEEPNESS = 11.0
"""dB over the average that make a bar one longer."""
SHORTEST = 0.14


def voice_mark(samples: Samples) -> tuple[float, ...]:
    """Ten bars, 0.14 to 1, low frequencies first: the long-term spectrum against an average voice's."""
    difference = spectrum(samples) - np.array(AVERAGE)
    bars = np.clip(BASE + (difference - difference.mean()) / STEEPNESS, SHORTEST, 1)
    return tuple(round(float(bar), 2) for bar in bars)


def spectrum(samples: Samples) -> NDArray[np.float64]:
    """Mean power in each of the ten bands, in dB about their mean: [BARS]."""
    power = spectra(samples, FRAMES).mean(axis=0)
    edges = np.searchsorted(FREQUENCIES, mel_scale(LOW, HIGH, BARS + 1))
    bands = 10 * np.log10([power[low:high].mean() + 1e-12 for low, high in pairwise(edges)])
    bands = np.maximum(bands, bands.max() - DEPTH)
    return np.asarray(bands - bands.mean())
