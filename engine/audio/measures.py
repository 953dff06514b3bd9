"""What can be measured in a recording of speech: where it speaks, noise, reverberation, clipping, treble, steady tones.

Everything is taken from levels and spectra; nothing here knows words, voices, or what is good or bad.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..types import RATE, Samples

Power = NDArray[np.float32]
HOP = RATE // 100
"""Samples between two frames: 10 ms."""
FRAME = 1024
"""Samples of a frame: 43 ms."""
BAND = 8
"""Bins of a band: 188 Hz. Narrower bands fluctuate more, wider ones hide noise below speech."""
QUANTILE = 0.05
"""The noise of a band is what it has in its quietest moments; even fluent speech leaves each band so often."""
BIAS = 1.6
"""Mean of steady noise over the quantile of its bands, smoothed over 7 frames; found with white noise."""
RESTING = 3.0
"""Times the least noise below which a frame counts as noise alone: a babble swells so far."""
ABOVE_NOISE = 1.3
"""Times the noise that speech has at least: steady noise, averaged over 3 frames, hardly ever rises so far."""
BELOW_LOUDEST = 30.0
"""dB that speech is at most below the loudest 5 %: soft consonants are, a breath is not."""
SOUNDING = 0.003
"""Magnitude above which a sample counts as sound: -50 dBFS."""
PAUSE = 0.2
"""Seconds below which a pause belongs to the speech around it."""
NO_LESS = -90.0
"""dBFS of the faintest noise that is told; 16 bits hold no less."""


@dataclass(frozen=True)
class Speech:
    """Where a recording speaks, how loud, and over how much noise."""

    stretches: tuple[tuple[float, float], ...]
    """(start, end) in seconds; pauses below 0.2 s are inside."""
    level: float
    """dBFS (RMS) of the speech in its stretches, the noise taken off."""
    noise: float
    """dBFS (RMS) of the steady noise below it."""

    @property
    def snr(self) -> float:
        """dB of the speech over the noise, while it speaks."""
        return self.level - self.noise

    @property
    def seconds(self) -> float:
        """Seconds it speaks."""
        return sum(end - start for start, end in self.stretches)


def power(samples: Samples, frame: int = FRAME, hop: int = HOP) -> Power:
    """Power of Hann-windowed frames around every `hop`-th sample: [ceil(n / hop), frame / 2 + 1].

    A frame's bins add up to its mean square.
    """
    window = np.hanning(frame + 1)[:-1].astype(np.float32)
    frames = sliding_window_view(np.pad(samples, frame // 2), frame)[: len(samples) : hop]
    return np.asarray(np.abs(np.fft.rfft(frames * window)) ** 2 * (2 / frame / np.sum(window**2)), np.float32)


def smooth(values: NDArray[np.floating], frames: int) -> NDArray[np.float64]:
    """Running means over an odd number of frames, the edges repeated: the same shape."""
    edges = [(frames // 2 + 1, frames // 2)] + [(0, 0)] * (values.ndim - 1)
    sums = np.cumsum(np.pad(values, edges, "edge"), axis=0, dtype=np.float64)
    return np.asarray((sums[frames:] - sums[:-frames]) / frames)


def speech(spectra: Power) -> Speech:
    """Where the sound of `power` speaks and over how much noise, from 47 Hz up.

    Speech is what stands 1.1 dB out of the noise and at most 30 dB below the loudest. The ratio of the two is true
    within 3 dB for white, pink, brown, fan's and mains' noise and babble from 0 to 35 dB (benchmarks/report_card.py).
    """
    bands = spectra[:, 2 : 2 + (spectra.shape[1] - 2) // BAND * BAND].reshape(len(spectra), -1, BAND).sum(axis=2)
    total = bands.sum(axis=1)
    noise = _noise(bands, total)
    loudest = float(np.percentile(total, 95)) if len(total) else 0.0
    spoken = smooth(total, 3) > max(ABOVE_NOISE * noise, loudest * 10 ** (-BELOW_LOUDEST / 10))
    runs = _merged(_runs(spoken), round(PAUSE * RATE / HOP))
    inside = [total[start:end] for start, end in runs]
    level = float(np.concatenate(inside).mean()) - noise if inside else 0.0
    return Speech(
        tuple((start * HOP / RATE, end * HOP / RATE) for start, end in runs),
        10 * float(np.log10(max(level, 1e-12))),
        10 * float(np.log10(noise)),
    )


def _noise(bands: Power, total: Power) -> float:
    """Power of the steady noise: the least that is in each band, or what there is on average where little more is.

    Digital silence says nothing of the noise elsewhere and is left out.
    """
    sounding = total > 10 ** (NO_LESS / 10)
    if not sounding.any():
        return float(10 ** (NO_LESS / 10))
    least = float(np.quantile(smooth(bands, 7)[sounding], QUANTILE, axis=0).sum()) * BIAS
    resting = (smooth(total, 5) < RESTING * least) & sounding
    noise = float(total[resting].mean()) if resting.mean() > 2 * QUANTILE else least
    return max(noise, float(10 ** (NO_LESS / 10)))


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(start, end) of every run of True."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in changes.reshape(-1, 2)]


def _merged(runs: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """The runs, those closer than `gap` as one."""
    merged: list[tuple[int, int]] = []
    for start, end in runs:
        if merged and start - merged[-1][1] < gap:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


PILE = 1.5
"""A pure tone has 1.3 times as many samples in the uppermost 6 % of its height as in the next; speech has fewer."""


def clipped_share(samples: Samples) -> float:
    """Share of the sounding samples that lie on a ceiling, 0 where there is none.

    A waveform thins out towards its peaks; a clipped one piles up there, also after resampling, MP3 or turning down. On
    each side the level is sought, of the uppermost 30 %, around which most samples lie compared with those below.
    """
    cut = 0
    for side in (samples, -samples):
        heights = np.sort(side[side > SOUNDING])
        if len(heights) < RATE // 10:
            continue
        levels = np.geomspace(0.7 * np.quantile(heights, 1 - 1e-4), heights[-1], 25)
        below, on, above = (np.searchsorted(heights, edge * levels) for edge in (0.91, 0.97, 1.03))
        pile = (above - on) / (on - below + 10)  # 10: where there are few, chance is no pile
        best = int(np.argmax(pile))
        cut += len(heights) - int(on[best]) if pile[best] > PILE else 0
    return cut / max(int(np.count_nonzero(np.abs(samples) > SOUNDING)), 1)


DECAY = 30
"""Frames of 5 ms of a decay that is fitted: 150 ms."""
ABOVE = 30.0
"""dB above the noise where a decay starts, so that noise does not make a fast one look slow: 60 dB in 0.3 s."""
OCTAVES = (250, 400, 600, 850, 1150, 1500, 1950, 2500, 3200, 4000)
"""Hz between the bands whose decay is looked at, where speech is strong."""


def rt60(samples: Samples) -> float:
    """Seconds in which the room's sound falls by 60 dB; 0 where too little falls freely to tell.

    No speech falls faster than the room lets it: the fastest decays of a dry recording take 0.15 to 0.25 s for 60 dB, in
    a room its RT60 (blind estimate from the distribution of decay rates, as Wen, Habets and Naylor 2008). Decays are
    straight lines fitted over 150 ms, nine bands, all of it at least 6 dB above the noise; their tenth percentile is
    told. It is true from 0.25 to 0.6 s, and low above that where the speaker is near.
    """
    spectra = power(samples, FRAME // 2, HOP // 2)
    if len(spectra) <= DECAY:
        return 0.0
    bins = np.searchsorted(np.fft.rfftfreq(FRAME // 2, 1 / RATE), OCTAVES)
    bands = smooth(np.add.reduceat(spectra, bins, axis=1)[:, :-1], 5)
    level = 10 * np.log10(bands + 1e-10)
    floor = 10 * np.log10(np.quantile(bands, QUANTILE, axis=0) * BIAS + 1e-10)
    time = np.arange(DECAY + 1) - DECAY / 2
    lines = sliding_window_view(level, DECAY + 1, axis=0)
    slope = lines @ time / (time @ time)
    start = lines[..., 0]
    free = (start > floor + ABOVE) & (start > np.percentile(level, 95, axis=0) - 30) & (slope < 0)
    if np.count_nonzero(free) < 100:
        return 0.0
    return float(np.percentile(60 * (HOP / 2 / RATE) / -slope[free], 10))


def treble(spectra: Power) -> float:
    """dB by which the strongest moments of 5 to 7 kHz lie below those of 0.2 to 4 kHz; less where noise hides it."""
    bin_width = RATE / FRAME
    high = spectra[:, round(5000 / bin_width) : round(7000 / bin_width)].sum(axis=1)
    low = spectra[:, round(200 / bin_width) : round(4000 / bin_width)].sum(axis=1)
    return float(10 * np.log10((np.percentile(low, 97) + 1e-12) / (np.percentile(high, 97) + 1e-12)))


TONE_FRAME = 4096
"""Samples of a frame in which tones are told apart: 171 ms, 5.9 Hz a bin."""
TONE_HOP = 480
STEADY = 22
"""Frames of 20 ms that a tone must stand still to be no voice: 0.44 s; nine in ten of them suffice."""
FADING = 10.0
"""dB a tone may fall in that time: one that falls faster is a room's echo of a voice."""
CLEAR = 9.0
"""dB that a tone stands out of its neighbourhood."""


def steady_tones(samples: Samples) -> float:
    """Share of the time in which at least two tones between 400 and 3500 Hz stand still for 0.44 s.

    A voice is never so still that its higher harmonics stay within 6 Hz; an instrument's are. Tones that last all along
    are hum, and left out.
    """
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    low, high = (round(f * TONE_FRAME / RATE) for f in (400, 3500))
    level = 10 * np.log10(power(samples, TONE_FRAME, TONE_HOP)[:, low:high] + 1e-11)
    if len(level) < STEADY:
        return 0.0
    around = uniform_filter1d(level, 41, axis=1, mode="nearest")
    peaks = (level == maximum_filter1d(level, 5, axis=1)) & (level > np.maximum(around + CLEAR, level.max() - 60))
    peaks[:, peaks.mean(axis=0) > 0.8] = False
    steady = sliding_window_view(peaks, STEADY, axis=0).mean(axis=2) > 0.9
    steady &= level[STEADY - 1 :] > level[: len(steady)] - FADING
    lasting = np.zeros_like(peaks)
    for shift in range(STEADY):
        lasting[shift : shift + len(steady)] |= steady
    return float(np.mean(np.count_nonzero(np.diff(lasting.astype(np.int8), axis=1) == 1, axis=1) >= 2))
