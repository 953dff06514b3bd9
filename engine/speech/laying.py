"""Which phone is heard in each frame of a clip whose words are known, for models that are told of phones.

Each phone's usual sound is compared with the frames, and its usual length with how long it would last; the likeliest way
to lay them one after the other is found by dynamic programming (a hidden semi-Markov model with one Gaussian a phone:
Rabiner 1989, IV.D). Knows mels and phones; neither the model nor where the clip comes from.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..text import Pronunciation
from ..text.pronunciation import PAUSING, by_frame

CEPSTRA = 20
"""Of a frame: its level and its envelope."""
LONGEST = 120
"""Frames one phone or pause lasts at most, where there are phones enough to fill the clip."""
TRUST = 0.04
"""Of the sound against the lengths: neighbouring frames are alike, so each tells little that is new."""
SPREAD, PAUSE_SPREAD = 0.4, 1.0
"""Standard deviation of the logarithm of a phone's and a pause's length."""


def cepstra_of(mel: np.ndarray) -> np.ndarray:
    """[frames, CEPSTRA] of a log-mel [frames, 100], against the mean of its louder frames, the level in its own deviations:
    what is the voice's and the room's own is taken out."""
    from scipy.fft import dct

    level = mel.mean(1)
    cepstra: np.ndarray = dct(mel - mel[level >= level.mean()].mean(0), norm="ortho", axis=1)[:, :CEPSTRA]
    cepstra[:, 0] /= cepstra[:, 0].std() + 1e-3
    return cepstra


def lay(says: Pronunciation, phones: str, mel: np.ndarray) -> list[str]:
    """The phone heard in each frame of a log-mel [frames, 100], in their order; a short one may be left out."""
    return by_frame(phones, laid_edges(says, phones, mel))


def laid_edges(says: Pronunciation, phones: str, mel: np.ndarray) -> np.ndarray:
    """In which frame of a log-mel [frames, 100] the first begins, then where each ends, int [phones + 1]."""
    frames, lengths = len(mel), says.lengths_of(phones)
    means, deviations = np.moveaxis(np.stack([says.sounds[phone] for phone in phones]), 1, 0)[..., None, :]
    likely = -0.5 * (((cepstra_of(mel) - means) / deviations) ** 2).sum(-1) - np.log(deviations).sum(-1)
    sums = np.pad((TRUST * likely).cumsum(1), [(0, 0), (1, 0)])
    pauses = np.array([phone in PAUSING for phone in phones])
    edges = says.edges(phones, frames)
    for _ in range(2):  # a pause in the clip makes the first pace too slow
        pace = max(np.diff(edges)[~pauses].sum(), 1) / max(lengths[~pauses].sum(), 1)
        edges = _likeliest(sums, _length_scores(lengths * pace, pauses, max(LONGEST, 2 * frames // len(phones) + 1)))
    return edges


def _length_scores(expected: np.ndarray, pauses: np.ndarray, longest: int) -> np.ndarray:
    """How well each number of frames from 0 fits what is expected of each phone, [phones, longest + 1]."""
    away = np.log((np.arange(longest + 1) + 0.5) / (expected[:, None] + 0.5))
    return -0.5 * (away / np.where(pauses, PAUSE_SPREAD, SPREAD)[:, None]) ** 2


def _likeliest(sums: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Where the first begins, then where each ends, int [phones + 1]; of the scores up to each frame, [phones, frames + 1],
    and of each length, [phones, longest + 1]."""
    best = np.where(np.arange(sums.shape[1]), -np.inf, 0.0)
    lasted = []
    for total, scores in zip(sums, lengths, strict=True):
        entered = np.pad(best - total, (len(scores) - 1, 0), constant_values=-np.inf)
        ways = sliding_window_view(entered, len(scores))[:, ::-1] + scores
        lasted.append(ways.argmax(1))
        best = total + ways.max(1)
    edges = [sums.shape[1] - 1]
    for each in reversed(lasted):
        edges.append(edges[-1] - each[edges[-1]])
    return np.array(edges[::-1])
