"""The queue: one thread owns the model, jobs take turns on it step by step, the others wait and are told their place.

A job is a generator of events; each `next` on it is a turn, at most one model call long, and always in this module's
thread. A job gets its next turn when its last event has been read, so that one whose reader goes away costs at most one
more call, and one whose reader is slow holds up nobody else. Cancelling takes a job out before its next turn. Knows jobs and the names of the models they want; not what a
job does.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from .errors import Cancelled, TimedOut
from .types import Event, Waiting

log = logging.getLogger("timbre")
Emit = Callable[[Event], None]
Work = Callable[[Emit], Generator[Event, None, None]]
"""Makes the generator whose turns are taken; `emit` tells an event from inside a turn, and raises Cancelled."""


@dataclass(eq=False)
class _Job:
    work: Work
    model: str
    cancelled: threading.Event
    enlisted: float
    outbox: SimpleQueue[Event | _End] = field(default_factory=SimpleQueue)
    turns: Generator[Event, None, None] | None = None
    deadline: float = float("inf")
    place: int = 0
    left: bool = False
    """Nobody reads its events any more."""
    read: float = field(default_factory=time.monotonic)
    """When its reader last took an event."""

    @property
    def over(self) -> bool:
        """It is to take no more turns."""
        return self.left or self.cancelled.is_set()

    @property
    def ready(self) -> bool:
        """A turn on it has a point: there is something to make, or an end to be told."""
        return self.outbox.empty() or self.over or time.monotonic() > self.deadline

    def emit(self, event: Event) -> None:
        if self.over:
            raise Cancelled("The job was cancelled.")
        self.outbox.put(event)


@dataclass(frozen=True)
class _End:
    error: BaseException | None = None


class Scheduler:
    """State: the waiting and the running jobs, and whose turn it is, behind one lock."""

    def __init__(self, *, turns: int, job_seconds: float, switch_seconds: float, unread_seconds: float = 60.0) -> None:
        """`turns` jobs run side by side, the others wait; a job has `job_seconds` once it runs; where jobs want another
        model than the running ones, those go first for at most `switch_seconds`; a job whose events nobody reads for
        `unread_seconds` is cancelled when others wait."""
        self._unread_seconds = unread_seconds
        self._turns = turns
        self._job_seconds, self._switch_seconds = job_seconds, switch_seconds
        self._changed = threading.Condition()
        self._waiting: list[_Job] = []
        self._running: list[_Job] = []
        self._model, self._switched = "", 0.0
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def running(self) -> int:
        """How many jobs take turns now."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return len(self._waiting)

    def run(self, work: Work, model: str, cancelled: threading.Event) -> Generator[Event, None, None]:
        """Yield the job's events, its place first while it waits. Closing the generator, or setting `cancelled` from
        any thread and calling `wake`, takes it out. Raises TimedOut, Cancelled and what the job raises."""
        job = _Job(work, model, cancelled, time.monotonic())
        self._enlist(job)
        try:
            while not isinstance(event := self._next_event(job), _End):
                job.read = time.monotonic()
                self.wake()
                yield event
                job.read = time.monotonic()
            if event.error:
                raise event.error
        finally:
            job.left = True
            self.wake()

    def _next_event(self, job: _Job) -> Event | _End:
        """What the job tells next; while it waits its place again each second, so that a reader may leave meanwhile."""
        while True:
            try:
                return job.outbox.get(timeout=1.0)
            except Empty:
                if job in self._waiting:
                    return Waiting(job.place)

    def wake(self) -> None:
        """Look at the jobs again, now."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Cancel every job and end the thread, after the turn in progress."""
        with self._changed:
            self._closed = True
            for job in [*self._waiting, *self._running]:
                job.cancelled.set()
            self._changed.notify_all()
        if self._thread:
            self._thread.join(timeout=30)

    def _enlist(self, job: _Job) -> None:
        with self._changed:
            if self._closed:
                raise Cancelled("Timbre is shutting down; try again in a minute.")
            self._waiting.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._take_turns, name="scheduler", daemon=True)
                self._thread.start()
            if self._running:  # a turn may take seconds: say at once that there is somebody before
                self._tell_places()
            self._changed.notify_all()

    def _take_turns(self) -> None:
        while True:
            with self._changed:
                while not (job := self._next()):
                    if self._closed:
                        return
                    # Only a deadline passes without anybody's doing.
                    self._changed.wait(timeout=1.0 if self._running else None)
            self._turn(job)

    def _next(self) -> _Job | None:
        """Drop the cancelled, let in whom there is room for, and give the turn to the longest without one."""
        for job in [job for job in self._waiting if job.over]:
            self._waiting.remove(job)
            job.outbox.put(_End(Cancelled("The job was cancelled.")))
        while len(self._running) < self._turns and (entrant := self._entrant()):
            self._waiting.remove(entrant)
            self._running.append(entrant)
            if entrant.model != self._model:
                self._model, self._switched = entrant.model, time.monotonic()
            entrant.deadline = time.monotonic() + self._job_seconds
            entrant.turns = entrant.work(entrant.emit)
        self._tell_places()
        for job in self._running:
            # One whose reader went away without a word must not keep the others waiting.
            if self._waiting and not job.outbox.empty() and time.monotonic() - job.read > self._unread_seconds:
                job.cancelled.set()
        # What is over goes before all others, and gives back what it holds.
        turn = min((job for job in self._running if job.ready), key=lambda job: not job.over, default=None)
        if turn:
            self._running.remove(turn)
            self._running.append(turn)
        return turn

    def _entrant(self) -> _Job | None:
        """The oldest job for the model in use; for another one only when nobody runs, or when it has waited too long."""
        others = [job for job in self._waiting if job.model != self._model]
        # A model just switched to is used for a while, or jobs for two models would load one after the other in turn.
        since = max(others[0].enlisted, self._switched) if others else float("inf")
        overdue = time.monotonic() - since > self._switch_seconds
        same = next((job for job in self._waiting if job.model == self._model), None)
        if same and not overdue:
            return same
        return others[0] if others and not self._running else None

    def _tell_places(self) -> None:
        for place, job in enumerate(self._waiting, 1):
            if job.place != place:
                job.place = place
                job.outbox.put(Waiting(place))

    def _turn(self, job: _Job) -> None:
        assert job.turns is not None
        try:
            if job.over:
                raise Cancelled("The job was cancelled.")
            if time.monotonic() > job.deadline:
                raise TimedOut(
                    f"The job took longer than {self._job_seconds:g} s; split the text, or choose fewer steps."
                )
            job.outbox.put(next(job.turns))
        except StopIteration:
            self._end(job, None)
        except BaseException as error:  # it belongs to whoever reads the job's events
            job.turns.close()
            self._end(job, error)

    def _end(self, job: _Job, error: BaseException | None) -> None:
        with self._changed:
            self._running.remove(job)
        job.outbox.put(_End(error))
