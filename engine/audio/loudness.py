"""How loud a sound is, making it as loud as asked without a peak that clips, and telling whether ACX would take it.

Knows nothing of what the sound is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..types import LOUDNESS, RATE, Measure, Samples, Target

PEAK = 10 ** (-1 / 20)
"""-1 dBFS, the ceiling EBU R 128 sets for true peaks: what lossy coding and converters overshoot by."""
NOTHING = 10 ** (-96 / 20)
"""RMS below the smallest step of 16 bits: silence, which is not raised."""
BLOCK = 0.4
"""Seconds of a block of BS.1770; a shorter sound has no loudness by that standard."""
ATTACK = RATE // 200
"""Samples over which the limiter's gain moves: 5 ms, under a period of a low voice."""
PASSES = 4
"""Times a sound is limited at most: what the limiter takes of its loudness is given back, and it has more to do."""
NEAR = 0.1
"""dB from the target that are near enough."""
GIVEN_BACK = 3.0
"""dB given back at most: beyond that the limiter would be heard at work."""
QUIETEST = RATE // 2
"""Samples of the stretch whose RMS is the noise floor, as the tools take it that audiobooks are checked with."""
FAINTEST = 1e-6
"""RMS told for digital silence: -120 dBFS."""
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


def finish(samples: Samples, loudness: float | str) -> Samples:
    """The sound at `loudness`, LUFS or a name of LOUDNESS, without DC, and with no peak above the target's.

    What would rise above the peak, also between samples (4 times oversampled), is turned down by a limiter whose gain
    moves over 5 ms: nothing is clipped. Where it has very much to do the result is less loud than asked. A sound below
    0.4 s is taken by its RMS in place of loudness, some dB off by its spectrum. Values that are not finite become 0;
    silence stays silence. Raises KeyError for an unknown name.
    """
    target = LOUDNESS[loudness] if isinstance(loudness, str) else Target(loudness)
    ceiling = 10 ** (target.peak / 20)
    sound = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
    if not len(sound):
        return sound
    sound -= np.float32(sound.mean(dtype=np.float64))
    level = rms(sound)
    if level < NOTHING:
        return sound
    sound *= np.float32(0.1 / level)  # far above BS.1770's absolute gate, however quiet it came
    gain = first = target.level - _level(sound, target.unit)
    for _ in range(PASSES):
        levelled = _limit(sound * np.float32(10 ** (gain / 20)), ceiling)
        missing = target.level - _level(levelled, target.unit)
        if abs(missing) < NEAR:
            break
        gain = min(gain + missing, first + GIVEN_BACK)
    levelled -= np.float32(levelled.mean(dtype=np.float64))  # the limiter may favour one side
    levelled *= np.float32(min(1.0, 0.9999 * ceiling / float(np.abs(levelled).max())))
    return levelled


def acx(samples: Samples) -> tuple[Measure, ...]:
    """RMS, peak and noise floor in dBFS, against what ACX asks of an audiobook.

    The noise floor is the RMS of the quietest half second; where nobody pauses so long it is speech, and too high.
    https://www.acx.com/help/acx-audio-submission-requirements/201456300
    """
    peak = float(np.abs(samples).max(initial=0.0))
    return (
        Measure("RMS", decibels(rms(samples)), -23.0, -18.0),
        Measure("peak", decibels(peak), None, -3.0),
        Measure("noise floor", decibels(_quietest(samples)), None, -60.0),
    )


def decibels(magnitude: float) -> float:
    """dBFS of an RMS or a peak, at least -120."""
    return 20 * float(np.log10(max(magnitude, FAINTEST)))


def _quietest(samples: Samples) -> float:
    """The least RMS of any half second, or of all there is; to the nearest 10 ms."""
    hop = RATE // 100
    if len(samples) <= QUIETEST:
        return rms(samples)
    sums = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    return float(np.sqrt(max(0.0, (sums[QUIETEST::hop] - sums[:-QUIETEST:hop]).min()) / QUIETEST))


def _level(samples: Samples, unit: str) -> float:
    """LUFS or dBFS of a sound that is no silence; what is shorter than a block of BS.1770 has only the latter."""
    import pyloudnorm

    if unit == "RMS" or len(samples) <= BLOCK * RATE:
        return decibels(rms(samples))
    return float(pyloudnorm.Meter(RATE).integrated_loudness(samples))


def _limit(samples: Samples, ceiling: float) -> Samples:
    """The sound times a gain that keeps its peaks at the ceiling: the least gain around each sample, smoothed."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    if float(np.abs(samples).max()) < ceiling / 2:  # 6 dB: more than speech rises between samples
        return samples
    needed = np.minimum(1.0, ceiling / np.maximum(_peaks(samples), ceiling))
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
