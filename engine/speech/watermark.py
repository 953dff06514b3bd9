"""An inaudible mark that says a sound was generated (Perth, resemble-perth), and its detector.

Knows samples at 24 kHz; not what they say. State: the watermarker, loaded at first use, behind a lock.
"""

from __future__ import annotations

import threading
from typing import Any

from ..errors import Unavailable
from ..types import RATE, Samples

PERTH_RATE = 32_000
"""Samples a second Perth's network works at."""


class Watermark:
    """Marks and finds the mark. One instance a process; its network has 0.3 M weights and stays loaded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._perth: Any = None

    def mark(self, samples: Samples) -> Samples:
        """The same sound with the mark, same length. Raises Unavailable where Perth cannot be loaded."""
        import numpy as np
        import soxr
        import torch

        # Perth would resample by librosa, whose first call compiles for 12 s; and it loses the last part of a hop.
        sound = soxr.resample(np.pad(samples, (0, 1024)), RATE, PERTH_RATE)
        with self._lock, torch.inference_mode():
            marked = self._loaded().apply_watermark(sound, sample_rate=PERTH_RATE)
        back: Samples = soxr.resample(marked, PERTH_RATE, RATE)[: len(samples)].astype(np.float32)
        return back

    def find(self, samples: Samples) -> float:
        """How surely the mark is there, 0 to 1. Raises Unavailable where Perth cannot be loaded."""
        import soxr
        import torch

        with self._lock, torch.inference_mode():
            found = self._loaded().get_watermark(soxr.resample(samples, RATE, PERTH_RATE), PERTH_RATE, round=False)
        return float(found)

    def _loaded(self) -> Any:
        if self._perth is None:
            import perth

            # The class is None, without an error, where its pkg_resources import failed (setuptools 82 and newer).
            if perth.PerthImplicitWatermarker is None:
                raise Unavailable(
                    "The watermark cannot be applied because Perth did not load; install setuptools below 82, "
                    "or set TIMBRE_WATERMARK=false."
                )
            self._perth = perth.PerthImplicitWatermarker()
        return self._perth
