"""A sound -> the picture of its spectrogram. Knows the colours; not where it is shown."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..types import Samples
from .encode import write
from .spectrum import FREQUENCIES, mel_scale, spectra

WIDTH, HEIGHT = 1600, 300
FRAMES = 4
"""Frames averaged in a column, so that a long sound's columns are not one lucky moment each."""
LOW, HIGH = 60.0, 8000.0
"""Hz shown."""
RANGE = 62.0
"""dB from the darkest colour to the brightest."""
FAINTEST = -50.0
"""dB of full scale the brightest colour is at least; else silence would be drawn as bright as speech."""
COLOURS = ("0b1615", "0d2f2d", "0c5a54", "1f9183", "e0a13a", "ffe3a3")


def spectrogram(samples: Samples, file: Path) -> None:
    """Write a PNG, 1600 x 300, time to the right, 60 Hz to 8 kHz on the mel scale upwards. Raises DiskFull."""
    from PIL import Image

    power = spectra(samples, WIDTH * FRAMES).reshape(WIDTH, FRAMES, -1).mean(axis=1)
    rows = _at(10 * np.log10(power + 1e-12), mel_scale(LOW, HIGH, HEIGHT)).T[::-1]
    brightest = max(float(np.percentile(rows, 99.7)), FAINTEST)
    picture = Image.fromarray((np.clip((rows - brightest) / RANGE + 1, 0, 1) * 255).astype(np.uint8))
    picture.putpalette(_palette())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    write(file, buffer.getvalue())


def _at(levels: NDArray[np.float32], frequencies: NDArray[np.float64]) -> NDArray[np.float32]:
    """Levels [columns, bins] interpolated at some frequencies: [columns, frequencies]."""
    bins = frequencies / FREQUENCIES[1]
    lower = bins.astype(int)
    share = (bins - lower).astype(np.float32)
    return np.asarray(levels[:, lower] * (1 - share) + levels[:, lower + 1] * share)


def _palette() -> bytes:
    """256 colours, red, green and blue each."""
    stops = np.array([list(bytes.fromhex(colour)) for colour in COLOURS])
    places = np.linspace(0, len(COLOURS) - 1, 256)
    channels = [np.interp(places, np.arange(len(COLOURS)), stops[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8).tobytes()
