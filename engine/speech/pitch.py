"""How high a voice speaks, from its sound, and where a height shows in a mel.

Knows samples and mel bands; neither words nor models.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..types import RATE, Samples
from .model import HOP
from .network import BANDS

if TYPE_CHECKING:
    from torch import Tensor

LOWEST, HIGHEST = 55.0, 450.0
"""Hertz: the lowest men's and the highest women's voices, with room."""
HEIGHTS = np.exp(np.arange(np.log(LOWEST), np.log(HIGHEST), 0.02))
"""Hertz, a third of a semitone apart: what is told from one another."""
WINDOW = 1_536
"""Samples: three and a half periods of the lowest voice, enough for two to be compared."""
LEAP = 0.03
"""What it costs to move by one of HEIGHTS between two frames, against the likeness of two periods (1 where they are equal)."""
OCTAVE = 0.02
"""How much more of the likeness counts an octave higher: a sound that repeats does so after two periods too (Boersma 1993)."""
PERIODIC = 0.5
"""Likeness of two periods from which a frame is taken for voiced."""
SPAN = 1.8
"""Times the middle, and of it: what is further off is a hiss or a creak."""
LOUD = 0.1
"""Of the loudest frame's level: what is below is a pause."""
EVENED = 2.0
"""Frames, standard deviation: how finely the height of a voice is told."""
DEPTH = 1.5
"""Of the ripple that harmonics make in a log-mel."""


def heights_of(samples: Samples) -> np.ndarray:
    """Hertz at which a voice speaks in each frame of a sound at 24 kHz, float32: evened out, and led on where it is not
    voiced. Of a sound that is not voiced at all, what comes nearest to it."""
    from scipy.ndimage import gaussian_filter1d

    places, alike = _pitch_of(samples)
    heights, sure = np.log(HEIGHTS[places]), alike >= min(PERIODIC, alike.max())
    sure &= np.abs(heights - np.median(heights[sure])) < np.log(SPAN)
    frames = np.arange(len(places))
    led = np.interp(frames, frames[sure], heights[sure])
    found: np.ndarray = np.exp(gaussian_filter1d(led, EVENED)).astype(np.float32)
    return found


def _pitch_of(samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest way through the HEIGHTS of a sound's frames, as their places, and how alike two periods are there, up
    to 1, in pauses 0: autocorrelation against the window's own (Boersma 1993), followed by dynamic programming."""
    windows = sliding_window_view(np.pad(samples, WINDOW // 2), WINDOW)[::HOP]
    alike, loud = _periodicity(windows), windows.std(1, keepdims=True)
    whole, part = np.divmod(RATE / HEIGHTS, 1)
    scores = alike[:, whole.astype(int)] * (1 - part) + alike[:, whole.astype(int) + 1] * part
    scores *= loud > LOUD * loud.max()
    places = _followed(scores * (1 + OCTAVE * np.log2(HEIGHTS / LOWEST)))
    return places, scores[np.arange(len(places)), places]


def harmonics(heights: Tensor) -> Tensor:
    """The ripple that the harmonics of these heights in Hertz, [...], leave in a log-mel, fp32 [..., 100]: as far up as its
    bands still tell them apart."""
    import torch

    top = math.log1p(RATE / 2 / 700)  # HTK's scale, as torchaudio's
    edges = 700 * torch.linspace(0, top, BANDS + 2, device=heights.device, dtype=torch.float64).expm1()
    bands, widths = edges[1:-1].float(), ((edges[2:] - edges[:-2]) / 2).float()
    heights = heights.float()[..., None]
    ripple: Tensor = torch.cos(2 * torch.pi * bands / heights) * torch.exp(-((2.5 * widths / heights) ** 2))
    return DEPTH * ripple


def _periodicity(windows: np.ndarray) -> np.ndarray:
    """Autocorrelation of what is in each window against the window's own, [frames, lags]."""
    window = np.hanning(WINDOW).astype(np.float32)
    lags = int(RATE / LOWEST) + 2

    def correlated(sound: np.ndarray) -> np.ndarray:
        spectrum = np.abs(np.fft.rfft(sound, 4_096)) ** 2
        found: np.ndarray = np.fft.irfft(spectrum)[..., :lags]
        found /= found[..., :1] + 1e-6
        return found

    alike = correlated((windows - windows.mean(1, keepdims=True)) * window)
    alike /= correlated(window)
    return alike


def _followed(scores: np.ndarray) -> np.ndarray:
    """The best way through scores [frames, heights], as places in HEIGHTS."""
    places = np.arange(scores.shape[1])
    cost = np.minimum(LEAP * np.abs(places[:, None] - places), 1.0)
    best, came = scores[0], list[np.ndarray]()
    for row in scores[1:]:
        ways = best[:, None] - cost
        came.append(ways.argmax(0))
        best = ways.max(0) + row
    way = [int(best.argmax())]
    for each in reversed(came):
        way.append(int(each[way[-1]]))
    return np.array(way[::-1])
