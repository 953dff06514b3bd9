"""The jobs there are: room for one more, who cancels them, and what a person is told of one that failed.

Knows neither what a job makes nor how it waits for the model.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator

from .errors import Busy, Cancelled, TimbreError, Unavailable
from .types import Accepted, Done, Event

log = logging.getLogger("timbre")

Make = Callable[[str, threading.Event], Generator[Event, None, None]]
"""What a job does, given its id and what is set when it is cancelled."""


class Jobs:
    """Jobs by id. State: what cancels each, behind a lock."""

    def __init__(self, most: int) -> None:
        """At most so many, be they reading, waiting or running."""
        self._most = most
        self._lock = threading.Lock()
        self._jobs: dict[str, threading.Event] = {}

    def check_room(self) -> None:
        """Raise Busy where one more job would be too many."""
        if len(self._jobs) >= self._most:
            raise Busy(f"{len(self._jobs)} jobs are waiting or running already; try again in a few minutes.")

    def run(self, id: str, make: Make) -> Generator[Event, None, None]:
        """Accepted, then the events of a job, which ends when it is cancelled, unless it is Done. Raises TimbreError."""
        cancelled = threading.Event()
        with self._lock:
            self.check_room()
            self._jobs[id] = cancelled
        done = False
        try:
            yield Accepted(id)
            for event in make(id, cancelled):
                done = done or isinstance(event, Done)
                if cancelled.is_set() and not done:
                    raise Cancelled("The job was cancelled.")
                yield event
        except TimbreError as error:
            log.info("job %s ended: %s", id, type(error).__name__)
            raise
        except Exception as error:  # a fault of ours, or the device's: its words are for the log
            log.exception("job %s failed", id)
            raise Unavailable(f"Timbre failed at this ({type(error).__name__}); try again, or tell whoever runs it.") from None  # fmt: skip
        finally:
            cancelled.set()
            self._jobs.pop(id, None)

    def cancel(self, id: str) -> bool:
        """Cancel a job; whether there is one of that id."""
        if cancelled := self._jobs.get(id):
            cancelled.set()
        return cancelled is not None

    def cancel_all(self) -> None:
        """Cancel every job."""
        for cancelled in list(self._jobs.values()):
            cancelled.set()
