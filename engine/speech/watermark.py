"""An inaudible mark that says a sound was generated (Perth, resemble-perth), and its detector.

Knows samples at 24 kHz; not what they say. State: the watermarker, loaded at first use, behind a lock.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from ..audio import rms
from ..errors import Unavailable
from ..types import RATE, Samples

PERTH_RATE = 32_000
"""Samples a second Perth's network works at."""
PADDING = 1024
"""Samples after the end: Perth loses the last part of a hop, and takes nothing shorter than this."""
WINDOW = 10 * RATE
"""Samples judged at once, so that a part of ours in a longer file is found, and a long file needs no more memory."""
FOUND = 0.5
"""What `find` gives at least where there is a mark. Of 25 clips of speech it gave those marked 0.99 or more and the others
0.21 or less, each as it is, through MP3, Opus and 16 kHz, at -12 dB, and 3 s of it.
"""


class Watermark:
    """Marks and finds the mark. One instance a process; its network has 0.3 M weights and stays loaded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._perth: Any = None

    def begin(self) -> None:
        """Begin to load the network beside whatever goes on; whoever needs it meanwhile waits, and is told if that fails."""
        if self._perth is None:
            threading.Thread(target=self._try, name="watermark", daemon=True).start()

    def _try(self) -> None:
        with suppress(Unavailable):
            self.load()

    def load(self) -> None:
        """Load the network now, for its first import takes seconds. Raises Unavailable where Perth cannot be loaded."""
        if self._perth is None:  # else whoever asks would wait for a mark that is being made
            with self._lock:
                self._loaded()

    def mark(self, samples: Samples) -> Samples:
        """The same sound with the mark, same length. Raises Unavailable where Perth cannot be loaded."""
        import numpy as np
        import soxr
        import torch

        # Perth would resample by librosa, whose first call compiles for 12 s.
        sound = soxr.resample(np.pad(samples, (0, PADDING)), RATE, PERTH_RATE)
        with self._lock, torch.inference_mode():
            marked = self._loaded().apply_watermark(sound, sample_rate=PERTH_RATE)
        back: Samples = soxr.resample(marked, PERTH_RATE, RATE)[: len(samples)].astype(np.float32)
        return back

    def find(self, samples: Samples) -> float:
        """How surely the mark is in some part of the sound, 0 to 1; see FOUND. Silence has none.

        Raises Unavailable where Perth cannot be loaded.
        """
        import numpy as np

        parts = np.array_split(samples, max(1, round(len(samples) / WINDOW)))
        return max((self._find(part) for part in parts if rms(part)), default=0.0)

    def _find(self, samples: Samples) -> float:
        import numpy as np
        import soxr
        import torch

        sound = soxr.resample(np.pad(samples, (0, PADDING)), RATE, PERTH_RATE)
        with self._lock, torch.inference_mode():
            return float(self._loaded().get_watermark(sound, PERTH_RATE, round=False))

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
