"""A clip made fit to be a reference: cut by hand, rid of noise, trimmed, levelled.

Cures are always applied to the clip as it came, so undoing one is leaving it out. Knows sound; not its words (`said`
tells those of a cut), nor what ails the clip.
"""

from __future__ import annotations

import math

import numpy as np

from ..audio import scale_to, silences, trim
from ..audio.edges import HOP, levels
from ..errors import BadClip, BadParameter
from ..findings import Cures
from ..types import RATE, Samples
from .denoise import denoise
from .reference import TARGET_RMS

LEAST_SECONDS = 0.5
"""A shorter clip is refused when it is decoded, and so is a cut of one."""
EVENED = 1.5
"""Seconds around a moment whose speech sets its gain: some words, so that their stress is kept."""
MOST_GAIN = 4.0
"""A passage is raised or lowered against the others by at most so much, 12 dB: what going from a hand's breadth to half
a metre from the microphone takes away. More would raise its noise."""


def cure(samples: Samples, cures: Cures) -> Samples:
    """The clip (fp32 mono at 24 kHz) with the cures asked for: cut by hand, then denoised, trimmed, levelled.

    `samples` is not changed. Raises BadParameter for a start or end that is no time of the clip, BadClip where no sound
    is left.
    """
    sound = _between(samples, cures.start, cures.end)
    if cures.denoise:
        sound = denoise(sound)
    if cures.trim:
        sound = trim(sound)
    if not len(sound):
        raise BadClip("That part of the clip is silent; choose one with a voice in it.")
    return _level(sound) if cures.level else sound


def _between(samples: Samples, start: float | None, end: float | None) -> Samples:
    seconds = len(samples) / RATE
    first, last = 0.0 if start is None else start, seconds if end is None else end
    if not (math.isfinite(first) and math.isfinite(last) and first >= 0 and last - first >= LEAST_SECONDS):
        raise BadParameter(
            f"The start must be at least {LEAST_SECONDS:g} s before the end, both within the clip's {seconds:.1f} s; "
            "set them again."
        )
    cut = samples[round(first * RATE) : round(min(last, seconds) * RATE)]
    if len(cut) < round(LEAST_SECONDS * RATE):
        raise BadParameter(f"The clip ends at {seconds:.1f} s; set the start at least {LEAST_SECONDS:g} s before.")
    return cut


def _level(samples: Samples) -> Samples:
    """The sound with loud and soft passages evened out, at the level that references are raised to."""
    from scipy.ndimage import gaussian_filter1d

    power = 10 ** (levels(samples) / 10)
    speech = np.ones(len(power), bool)
    for start, end in silences(samples):
        speech[round(start * RATE / HOP) : round(end * RATE / HOP)] = False
    at = np.flatnonzero(speech)
    if not len(at):
        return samples
    spread = EVENED * RATE / HOP / 2
    around = gaussian_filter1d(power * speech, spread)[at] / gaussian_filter1d(speech.astype(float), spread)[at]
    gain = np.clip(np.sqrt(power[at].mean() / around), 1 / MOST_GAIN, MOST_GAIN)
    smooth = np.interp(np.arange(len(samples)), (at + 0.5) * HOP, gain)
    return scale_to((samples * smooth).astype(np.float32), TARGET_RMS)
