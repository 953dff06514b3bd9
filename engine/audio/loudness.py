"""How loud a sound is, and making it as loud as asked without a peak that clips. Knows nothing of what it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..types import RATE, Samples

PEAK = 10 ** (-1 / 20)
"""-1 dBFS, the ceiling EBU R 128 sets for true peaks: what lossy coding and converters overshoot by."""
NOTHING = 10 ** (-96 / 20)
"""RMS below the smallest step of 16 bits: silence, which is not raised."""
BLOCK = 0.4
"""Seconds of a block of BS.1770; a shorter sound has no loudness by that standard."""
ATTACK = RATE // 200
"""Samples over which the limiter's gain moves: 5 ms, under a period of a low voice."""
OVERSAMPLED = 4
"""As BS.1770 takes true peaks at 48 kHz; at 24 kHz it sees within 0.7 dB of them."""


def rms(samples: Samples) -> float:
    """Root mean square; 0 for no samples."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0


def scale_to(samples: Samples, target: float) -> Samples:
    """The sound scaled to an RMS of `target`, or as near as a peak of -1 dBFS allows; silence stays."""
    level = rms(samples)
    if level == 0.0:
        return samples
    return (samples * min(target / level, PEAK / float(np.abs(samples).max()))).astype(np.float32)


def finish(samples: Samples, loudness: float) -> Samples:
    """The sound at `loudness` LUFS, integrated (ITU-R BS.1770-4), without DC, peaks at most -1 dBFS.

    What would rise above -1 dBFS, also between samples (4 times oversampled), is turned down by a limiter whose gain
    moves over 5 ms: nothing is clipped. Where it has much to do the result is less loud than asked. A sound below 0.4 s
    is taken by its RMS in place of loudness, some dB off by its spectrum. Values that are not finite become 0; silence
    stays silence.
    """
    sound = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
    if not len(sound):
        return sound
    sound -= np.float32(sound.mean(dtype=np.float64))
    level = rms(sound)
    if level < NOTHING:
        return sound
    sound *= np.float32(0.1 / level)  # far above BS.1770's absolute gate, however quiet it came
    sound = _limit(sound * np.float32(10 ** ((loudness - _loudness(sound)) / 20)))
    sound -= np.float32(sound.mean(dtype=np.float64))  # the limiter may favour one side
    sound *= np.float32(min(1.0, 0.9999 * PEAK / float(np.abs(sound).max())))
    return sound


def _loudness(samples: Samples) -> float:
    """LUFS of a sound whose RMS is 0.1."""
    import pyloudnorm

    if len(samples) <= BLOCK * RATE:
        return 20 * float(np.log10(rms(samples)))
    return float(pyloudnorm.Meter(RATE).integrated_loudness(samples))


def _limit(samples: Samples) -> Samples:
    """The sound times a gain that keeps its peaks at -1 dBFS: the least gain around each sample, smoothed."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    if float(np.abs(samples).max()) < PEAK / 2:  # 6 dB: more than speech rises between samples
        return samples
    needed = np.minimum(1.0, PEAK / np.maximum(_peaks(samples), PEAK))
    gain = minimum_filter1d(needed, 2 * ATTACK + 1, mode="nearest")
    for _ in range(2):  # a triangular mean over the same stretch, none of which is above what the sample needs
        gain = uniform_filter1d(gain, ATTACK + 1, mode="nearest")
    return np.asarray(samples * gain, np.float32)


def _peaks(samples: Samples) -> NDArray[np.float32]:
    """The largest magnitude at and after each sample, also between it and the next: [n]."""
    from scipy.signal import resample_poly

    block, edge = 1 << 20, 32
    padded = np.pad(samples, edge)
    peaks = np.abs(samples)
    for start in range(0, len(samples), block):  # in blocks, for the memory of a long sound
        piece = padded[start : start + block + 2 * edge]
        finer = np.abs(resample_poly(piece, OVERSAMPLED, 1)).reshape(-1, OVERSAMPLED).max(axis=1)[edge:-edge]
        np.maximum(peaks[start : start + block], finer, out=peaks[start : start + block])
    return peaks
