"""How unlike the voices in one clip are, and how like the whole a part of it is.

Knows Resemblyzer's speaker encoder by its weights; neither what a report says, nor which parts are asked about.

Only the weights of the resemblyzer package are used (GE2E, Apache-2.0; its code would need webrtcvad, which has to be
compiled): three LSTM layers over 40 mel bands, as in its voice_encoder.py, and the cosine between what they make of two
stretches tells whether one person speaks in both.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..errors import ModelUnavailable
from ..types import RATE, Samples

if TYPE_CHECKING:
    import torch

Numbers = NDArray[np.float64]
Alike = Callable[[Numbers, Numbers], Numbers]
"""Tells the likeness to the whole clip of parts from some starts to some ends, in seconds."""
ENCODER_RATE = 16_000
WINDOW, STEP = 160, 40
"""Frames of 10 ms that are embedded together, as the encoder was trained, and between two of them."""
LEVEL = 10 ** (-30 / 20)
"""RMS of what it was trained on."""
LEAST = 3
"""Windows that another voice must fill: 2.4 s."""
BETWEEN = 2
"""Windows between two groups that are compared with neither, for they hold some of both: 0.8 s."""


def likeness(samples: Samples) -> float:
    """Cosine between the stretch that is most unlike the rest and that rest, 0 to 1; 1 where there is too little.

    `samples`: speech without its pauses, of at least 4 s to be judged. Every stretch of 2.4 s and more is tried, so that
    who comes in, takes over or interrupts is found. Raises ModelUnavailable.
    """
    windows = embed(samples)
    count = len(windows)
    sums = _sums(windows)
    least = 1.0
    for start in range(count - LEAST + 1):
        ends = np.arange(start + LEAST, count + 1)
        before, after = max(start - BETWEEN, 0), np.minimum(ends + BETWEEN, count)
        enough = before + count - after >= LEAST
        inside = sums[ends[enough]] - sums[start]
        outside = sums[before] + sums[count] - sums[after[enough]]
        norms = np.linalg.norm(inside, axis=1) * np.linalg.norm(outside, axis=1)
        least = min(least, float(np.min(np.sum(inside * outside, axis=1) / norms, initial=1.0)))
    return least


def parts_alike(samples: Samples) -> Alike:
    """What tells the cosine between the voice of each part of a clip and that of the whole. Raises ModelUnavailable."""
    windows, hop = embed(samples), STEP / 100
    sums = _sums(windows)

    def alike(starts: Numbers, ends: Numbers) -> Numbers:
        first = np.minimum(np.ceil(starts / hop), len(windows) - 1).astype(int)
        last = np.floor((ends - WINDOW / 100) / hop).astype(int) + 1  # a part shorter than a window has its first one
        inside = sums[np.clip(last, first + 1, len(windows))] - sums[first]
        return np.asarray(inside @ sums[-1] / np.linalg.norm(inside, axis=1) / np.linalg.norm(sums[-1]))

    return alike


def embed(samples: Samples) -> NDArray[np.float32]:
    """A unit vector for every 1.6 s window at steps of 0.4 s: [windows, 256]. Raises ModelUnavailable."""
    import torch

    lstm, linear = _encoder()
    mels = _mels(samples)
    mels = np.pad(mels, ((0, max(0, WINDOW - len(mels))), (0, 0)))
    windows = sliding_window_view(mels, WINDOW, axis=0)[::STEP].transpose(0, 2, 1)
    with torch.inference_mode():
        _, (hidden, _) = lstm(torch.from_numpy(windows.copy()))
        vectors = torch.relu(linear(hidden[-1]))
        return np.asarray(torch.nn.functional.normalize(vectors, dim=1).numpy())


def _sums(windows: NDArray[np.float32]) -> Numbers:
    """Of the first 0, 1, 2 and so on: [windows + 1, 256]."""
    return np.concatenate([np.zeros((1, windows.shape[1])), np.cumsum(windows, axis=0, dtype=np.float64)])


def _mels(samples: Samples) -> NDArray[np.float32]:
    """Mel power spectrum as the encoder takes it, 25 ms frames every 10 ms: [frames, 40]."""
    import soxr
    import torchaudio

    sound = soxr.resample(samples, RATE, ENCODER_RATE)
    sound = sound * (LEVEL / max(float(np.sqrt(np.mean(sound**2))), 1e-9))
    frames = sliding_window_view(np.pad(sound, 200), 400)[::160]
    power = np.abs(np.fft.rfft(frames * np.hanning(401)[:-1])) ** 2
    filters = torchaudio.functional.melscale_fbanks(201, 0.0, 8000.0, 40, ENCODER_RATE, "slaney", "slaney")
    return np.asarray(power @ filters.numpy(), np.float32)


@functools.cache
def _encoder() -> tuple[torch.nn.LSTM, torch.nn.Linear]:
    """The encoder's layers with their weights."""
    import torch

    package = find_spec("resemblyzer")
    folders = package.submodule_search_locations if package else None
    if not folders:
        raise ModelUnavailable(
            "A second voice cannot be heard without the speaker encoder's weights; run "
            "pip install --no-deps resemblyzer==0.1.4."
        )
    state = torch.load(Path(folders[0]) / "pretrained.pt", map_location="cpu", weights_only=True)["model_state"]
    lstm, linear = torch.nn.LSTM(40, 256, 3, batch_first=True), torch.nn.Linear(256, 256)
    for layer, name in ((lstm, "lstm."), (linear, "linear.")):
        layer.load_state_dict({key.removeprefix(name): value for key, value in state.items() if key.startswith(name)})
    return lstm.eval(), linear.eval()
