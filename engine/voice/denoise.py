"""Steady noise (hiss, hum, a fan) taken out of speech: the log-spectral amplitude estimator of Ephraim and Malah (1985).

Knows the noise only from the quietest moments of the sound itself; noise that comes and goes stays. The noisereduce
library was tried first, on seven clips with white, pink, hum and fan noise: against the clean speech its best setting
gained 4.4 to 7.4 dB of SNR at 5 dB and lost up to 3 at 20, for its gate cuts into speech; this gains 6.4 to 8.6 at 5 dB and
3.1 to 4.2 at 20. In the pauses steady noise falls by 12 dB and more, a babble by 6 to 9. It makes no word clearer: of 24 noisy
clips Whisper base heard new words wrong in 5, four of them at 5 dB (benchmarks/denoise.py), so whoever cures a clip hears first
whether its words stay (`engine.clips`); what was tried to spare them is in benchmarks/LOG.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..audio.edges import HOP, levels
from ..types import RATE, Samples

WINDOW = 1024
"""Samples: 43 ms, in which speech hardly changes, and fine enough (23 Hz) to part the partials of a hum."""
FLOOR = 0.1
"""Least gain: noise is turned down by 20 dB at most; what is left masks the chirps that such a filter makes."""
SMOOTHING = 0.95
"""How slowly the estimate of speech over noise moves from window to window (their alpha); their 0.98 smears speech (0.5
to 1 dB less SNR)."""
LEAST_PRIOR = 10**-2.5
"""-25 dB, below which the estimate does not fall (Cappé 1994)."""
QUIETEST = 10
"""Percentile of the levels that is taken for the noise's."""
NEAR = 3.0
"""dB above it that is noise still: what the level of steady noise sways by."""


def denoise(samples: Samples) -> Samples:
    """The sound with its steady noise turned down by up to 20 dB, as long as before; a sound without noise stays."""
    from scipy.signal import istft, stft

    if len(samples) < WINDOW:
        return samples
    _, times, spectrum = stft(samples, RATE, nperseg=WINDOW, noverlap=WINDOW * 3 // 4)
    power = np.abs(spectrum) ** 2
    noise = power[:, _quiet(samples, times)].mean(axis=1)
    _, sound = istft(spectrum * _gains(power, noise), RATE, nperseg=WINDOW, noverlap=WINDOW * 3 // 4)
    return np.asarray(sound[: len(samples)], np.float32)


def _quiet(samples: Samples, times: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the windows around `times` hold noise alone: [windows]. Digital silence at the ends is not the noise."""
    level = np.convolve(np.pad(levels(samples), 2, mode="edge"), np.full(5, 0.2), mode="valid")
    sounding = np.flatnonzero(samples)
    first, last = (int(sounding[0]) // HOP + 3, int(sounding[-1]) // HOP - 2) if len(sounding) else (0, 0)
    inside = level[first:last] if last > first else level
    at = np.clip(np.round(times * RATE / HOP).astype(int), 0, len(level) - 1)
    within = (at >= first) & (at < max(last, first + 1))
    quiet = within & (level[at] < np.percentile(inside, QUIETEST) + NEAR)
    return np.asarray(quiet if quiet.any() else level[at] <= level[at].min())


def _gains(power: NDArray[np.float32], noise: NDArray[np.float32]) -> NDArray[np.float32]:
    """The gain of each bin of each window, FLOOR to 1: [bins, windows]."""
    from scipy.special import exp1

    posterior = np.minimum(power / (noise[:, None] + 1e-14), 1e4)
    gains, speech = np.empty_like(power), np.ones(len(power))
    for window, over_noise in enumerate(posterior.T):
        prior = SMOOTHING * speech + (1 - SMOOTHING) * np.maximum(over_noise - 1, 0)
        share = np.maximum(prior, LEAST_PRIOR) / (1 + np.maximum(prior, LEAST_PRIOR))
        gain = np.minimum(share * np.exp(exp1(np.maximum(share * over_noise, 1e-8)) / 2), 1)
        speech = gain**2 * over_noise
        gains[:, window] = np.maximum(gain, FLOOR)
    return gains
