"""A clock that runs out when something has not been used for a while. Knows nothing of what it is."""

from __future__ import annotations

import threading
from collections.abc import Callable


class IdleClock:
    """Calls `then` in a thread of its own once `seconds` have passed since the last `start`, unless stopped.

    Its owner calls it under the owner's own lock.
    """

    def __init__(self, seconds: float, then: Callable[[], object]) -> None:
        self._seconds, self._then = seconds, then
        self._timer: threading.Timer | None = None

    def start(self) -> None:
        """Begin to count, from 0."""
        self.stop()
        self._timer = threading.Timer(self._seconds, self._then)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """Count no more."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
