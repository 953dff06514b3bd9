"""The last few of something, by key. Knows nothing of what it holds."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values up to `most` together, the longest unused forgotten first, and none later than `seconds` after it was put.

    Each counts as `size` says, 1 by default; the newest is kept however large it is.

    State: the values and when they came, behind one lock.
    """

    def __init__(
        self,
        most: int,
        seconds: float = float("inf"),
        size: Callable[[V], int] = lambda value: 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._seconds, self._size, self._clock = most, seconds, size, clock
        self._lock = threading.Lock()
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, which counts as used; None where it is not there."""
        with self._lock:
            self._forget()
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][1]

    def put(self, key: K, value: V) -> None:
        """Hold a value."""
        with self._lock:
            self._values[key] = (self._clock(), value)
            self._values.move_to_end(key)
            self._forget()

    def pop(self, key: K) -> None:
        """Forget a value, if it is there."""
        with self._lock:
            self._values.pop(key, None)

    def _forget(self) -> None:
        oldest = self._clock() - self._seconds
        for key in [key for key, (since, _) in self._values.items() if since < oldest]:
            del self._values[key]
        while len(self._values) > 1 and sum(self._size(value) for _, value in self._values.values()) > self._most:
            self._values.popitem(last=False)
