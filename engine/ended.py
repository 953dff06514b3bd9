"""Work that is done in steps, done to its end at once. Knows nothing of the work."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

Yielded = TypeVar("Yielded")
Returned = TypeVar("Returned")


def ended(steps: Generator[Yielded, None, Returned]) -> tuple[list[Yielded], Returned]:
    """What the generator yields, and what it returns. Raises what it raises."""
    events = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return events, end.value
