"""How loud a sound is, making it as loud as asked without a peak that clips, and telling whether ACX would take it.

Knows nothing of what the sound is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..types import LOUDNESS, RATE, Measure, Samples, Target

PEAK = 10 ** (-1 / 20)
"""-1 dBFS, the ceiling EBU R 128 sets for true peaks: what lossy coding and converters overshoot by."""
NOTHING = 10 ** (-96 / 20)
"""RMS below the smallest step of 16 bits: silence, which is not raised."""
STEP = RATE // 10
"""Samples from one block of BS.1770 to the next; a block is four of them, and a shorter sound has no loudness."""
BLOCK = 400 * STEP
"""Samples worked on at once, 40 s, so that hours need no more memory; whole steps, and whole hops of 10 ms."""
ATTACK = RATE // 200
"""Samples over which the limiter's gain moves: 5 ms, under a period of a low voice."""
PASSES = 4
"""Times a sound is limited at most: what the limiter takes of its loudness is given back, and it has more to do."""
NEAR = 0.1
"""dB from the target that are near enough."""
GIVEN_BACK = 3.0
"""dB given back at most: beyond that the limiter would be heard at work."""
PAUSE = 20.0
"""dB below the whole: what is nearer to it than that is speech, not the noise of a pause."""
FAINTEST = 1e-6
"""RMS told for digital silence: -120 dBFS."""
OVERSAMPLED = 4
"""As BS.1770 takes true peaks at 48 kHz; at 24 kHz it sees within 0.7 dB of them."""
EDGE = 32
"""Samples at either end that the oversampling filter is given as silence."""
AROUND = 2 * ATTACK + EDGE
"""Samples on either side of a sample that the limiter's gain there depends on."""


def rms(samples: Samples) -> float:
    """Root mean square; 0 for no samples."""
    energy = sum(float(np.square(block, dtype=np.float64).sum()) for block in _blocks(samples))
    return math.sqrt(energy / len(samples)) if len(samples) else 0.0


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
    silence stays silence. Raises KeyError for an unknown name. Needs no more memory than what it returns.
    """
    finished = np.empty(len(samples), np.float32)
    for start, block in zip(range(0, len(samples), BLOCK), finished_blocks(samples, loudness), strict=True):
        finished[start : start + BLOCK] = block
    return finished


def finished_blocks(samples: Samples, loudness: float | str) -> Iterator[Samples]:
    """What `finish` gives, a block at a time, of a sound that may be on disk."""
    target = _target(loudness)
    ceiling = 10 ** (target.peak / 20)
    before = _measured(_blocks(samples), target.unit)
    level = math.sqrt(max(before.rms**2 - before.mean**2, 0.0))  # DC, which goes, is no sound
    if level < NOTHING:
        yield from (block - np.float32(before.mean) for block in _blocks(samples))
        return
    plain = 0.1 / level  # far above BS.1770's absolute gate, however quiet it came
    scaled = (np.float32(plain) * (block - np.float32(before.mean)) for block in _blocks(samples))
    gain = first = target.level - _measured(scaled, target.unit).level
    missing = 0.0
    for _ in range(PASSES):
        gain = min(gain + missing, first + GIVEN_BACK)
        factor = plain * 10 ** (gain / 20)
        after = _measured(_limited(samples, before.mean, factor, ceiling), target.unit)
        missing = target.level - after.level
        if abs(missing) < NEAR:
            break
    # The limiter may favour one side.
    most = max(after.highest - after.mean, after.mean - after.lowest)
    for block in _limited(samples, before.mean, factor, ceiling):
        yield (block - np.float32(after.mean)) * np.float32(min(1.0, 0.9999 * ceiling / most))


def gain_to(samples: Samples, loudness: float | str) -> float:
    """What a sound is to be multiplied by to be as loud as asked (see `finish`), as far as its peaks allow; 1 for silence."""
    target, level = _target(loudness), rms(samples)
    if level < NOTHING:
        return 1.0
    plain = 0.1 / level
    missing = target.level - _measured([samples * np.float32(plain)], target.unit).level
    return float(min(plain * 10 ** (missing / 20), 10 ** (target.peak / 20) / np.abs(samples).max()))


def limit(samples: Samples, ceiling: float) -> Samples:
    """The sound times a gain that keeps its peaks, also between samples, at the ceiling: the least gain around each
    sample, smoothed. `ceiling` is a magnitude above 0."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    if float(np.abs(samples).max()) < ceiling / 2:  # 6 dB: more than speech rises between samples
        return samples
    needed = np.minimum(1.0, ceiling / np.maximum(_peaks(samples), ceiling))
    gain = minimum_filter1d(needed, 2 * ATTACK + 1, mode="nearest")
    for _ in range(2):  # a triangular mean over the same stretch, none of which is above what the sample needs
        gain = uniform_filter1d(gain, ATTACK + 1, mode="nearest")
    return np.asarray(samples * gain, np.float32)


def acx(samples: Samples) -> tuple[Measure, ...]:
    """RMS, peak and noise floor in dBFS, against what ACX asks of an audiobook.

    The noise floor is the RMS of the quietest half second, as the tools take it that audiobooks are checked with. Where
    nobody pauses so long that is speech, and left out: within PAUSE of the whole, and louder than is allowed.
    https://www.acx.com/help/acx-audio-submission-requirements/201456300
    """
    level, floor = decibels(rms(samples)), Measure("noise floor", decibels(_quietest(samples)), None, -60.0)
    peak = max((float(np.abs(block).max()) for block in _blocks(samples)), default=0.0)
    return (
        Measure("RMS", level, -23.0, -18.0),
        Measure("peak", decibels(peak), None, -3.0),
        *([floor] if floor.passes or floor.value < level - PAUSE else []),
    )


def decibels(magnitude: float) -> float:
    """dBFS of an RMS or a peak, at least -120."""
    return 20 * float(np.log10(max(magnitude, FAINTEST)))


def _target(loudness: float | str) -> Target:
    return LOUDNESS[loudness] if isinstance(loudness, str) else Target(loudness)


def _quietest(samples: Samples) -> float:
    """The least RMS of any half second, or of all there is; to the nearest 10 ms."""
    hop, hops = RATE // 100, 50
    if len(samples) <= hop * hops:
        return rms(samples)
    sums = np.concatenate([[0.0], *(_energies(block, hop) for block in _blocks(samples))]).cumsum()
    return float(np.sqrt(max(0.0, (sums[hops:] - sums[:-hops]).min()) / (hop * hops)))


def _blocks(samples: Samples) -> Iterator[Samples]:
    """The sound in pieces of BLOCK, finite."""
    return (_finite(samples[start : start + BLOCK]) for start in range(0, len(samples), BLOCK))


def _finite(samples: Samples) -> Samples:
    return np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)


def _energies(samples: NDArray[np.floating], hop: int) -> NDArray[np.float64]:
    """Sum of squares of every `hop` samples; what is left at the end counts nothing."""
    whole = len(samples) // hop * hop
    return np.asarray(np.square(samples[:whole], dtype=np.float64).reshape(-1, hop).sum(axis=1))


@dataclass(frozen=True)
class _Measured:
    """What one pass over a sound tells; `level` in LUFS or dBFS."""

    level: float
    rms: float
    mean: float
    lowest: float
    highest: float


def _measured(blocks: Iterable[Samples], unit: str) -> _Measured:
    """One pass; what is shorter than a block of BS.1770 has only an RMS."""
    weighting, hops = _KWeighting(), []
    count, total, energy, lowest, highest = 0, 0.0, 0.0, 0.0, 0.0
    for block in blocks:
        count, total = count + len(block), total + float(block.sum(dtype=np.float64))
        energy += float(np.square(block, dtype=np.float64).sum())
        lowest, highest = min(lowest, float(block.min())), max(highest, float(block.max()))
        if unit == "LUFS":
            hops.append(_energies(weighting.of(block), STEP))
    level = math.sqrt(energy / max(count, 1))
    loudness = decibels(level) if unit == "RMS" or count <= 4 * STEP else _gated(np.concatenate(hops))
    return _Measured(loudness, level, total / max(count, 1), lowest, highest)


def _gated(energies: NDArray[np.float64]) -> float:
    """Integrated loudness from the K-weighted energy of every 100 ms, as ITU-R BS.1770-4 gates it."""
    powers = np.convolve(energies, np.ones(4), "valid") / (4 * STEP)
    loud = powers[powers > 10 ** ((-70 + 0.691) / 10)]
    gated = loud[loud > loud.mean() / 10] if len(loud) else powers
    return -0.691 + 10 * math.log10(max(float(gated.mean()), FAINTEST**2))


class _KWeighting:
    """BS.1770's filters, a block at a time: pyloudnorm has them, and takes only a whole sound, in float64."""

    def __init__(self) -> None:
        import pyloudnorm

        self._stages = [
            (*stage.generate_coefficients(), np.zeros(2)) for stage in pyloudnorm.Meter(RATE)._filters.values()
        ]

    def of(self, block: Samples) -> NDArray[np.float64]:
        """What follows the block before."""
        from scipy.signal import lfilter

        sound = block.astype(np.float64)
        for number, (b, a, state) in enumerate(self._stages):
            sound, state = lfilter(b, a, sound, zi=state)
            self._stages[number] = b, a, state
        return sound


def _limited(samples: Samples, mean: float, factor: float, ceiling: float) -> Iterator[Samples]:
    """The sound without DC, louder by a factor, and limited: each block with as much around it as the limiter sees."""
    for start in range(0, len(samples), BLOCK):
        first = max(start - AROUND, 0)
        piece = _finite(samples[first : start + BLOCK + AROUND]) - np.float32(mean)
        yield limit(piece * np.float32(factor), ceiling)[start - first :][:BLOCK]


def _peaks(samples: Samples) -> NDArray[np.float32]:
    """The largest magnitude at and after each sample, also between it and the next: [n]."""
    from scipy.signal import resample_poly

    padded = np.pad(samples, EDGE)
    finer = np.abs(resample_poly(padded, OVERSAMPLED, 1)).reshape(-1, OVERSAMPLED).max(axis=1)[EDGE:-EDGE]
    return np.asarray(np.maximum(np.abs(samples), finer))
