"""The queue: turns, places, cancelling, limits, and nobody's job on another model."""

import threading
import time

import pytest

from engine.errors import Cancelled, TimedOut
from engine.scheduler import Scheduler
from engine.types import Step, Waiting


def make(turns=1, job_seconds=60.0, switch_seconds=60.0, unread_seconds=60.0):
    return Scheduler(turns=turns, job_seconds=job_seconds, switch_seconds=switch_seconds, unread_seconds=unread_seconds)


class Job:
    """Counts its turns, in a log shared by several; each turn waits for `gate` where there is one."""

    def __init__(self, name, steps, log, gate=None):
        self.name, self.steps, self.log, self.gate, self.closed = name, steps, log, gate, threading.Event()

    def __call__(self, emit):
        try:
            for step in range(1, self.steps + 1):
                if self.gate:
                    assert self.gate.acquire(timeout=20)
                self.log.append(self.name)
                yield Step(1, 1, step, self.steps)
        finally:
            self.closed.set()


def start(scheduler, job, model="m"):
    """Read a job's events in a thread of its own; returns (thread, events, cancelled)."""
    events, cancelled = [], threading.Event()

    def read():
        try:
            for event in scheduler.run(job, model, cancelled):
                events.append(event)
        except Exception as error:
            events.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread, events, cancelled


def until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.005)


def test_a_job_runs_in_one_thread_and_gives_its_events_in_order():
    threads = set()

    def work(emit):
        for step in range(5):
            threads.add(threading.current_thread())
            yield Step(1, 1, step + 1, 5)

    scheduler = make()
    for _ in range(3):
        assert [e.step for e in scheduler.run(work, "m", threading.Event()) if isinstance(e, Step)] == [1, 2, 3, 4, 5]
    assert len(threads) == 1
    assert threading.current_thread() not in threads
    scheduler.close()


def test_running_jobs_take_turns_step_by_step():
    scheduler, log, gate = make(turns=2), [], threading.Semaphore(0)
    first = start(scheduler, Job("a", 4, log, gate))
    until(lambda: scheduler.running == 1)
    second = start(scheduler, Job("b", 4, log, gate))
    until(lambda: scheduler.waiting == 1)
    for turns in range(1, 9):
        gate.release()  # once the last event is read: one whose reader is late lets the other have its turn
        until(lambda turns=turns: sum(isinstance(e, Step) for e in first[1] + second[1]) == turns)
    first[0].join(10)
    second[0].join(10)
    assert sorted(log) == ["a"] * 4 + ["b"] * 4
    assert "".join(log)[1:7] in ("bababa", "ababab")


def test_waiting_jobs_are_told_their_place_which_only_falls():
    scheduler, log, gate = make(turns=1), [], threading.Semaphore(0)
    jobs = []
    for name in "abcd":
        jobs.append(start(scheduler, Job(name, 2, log, gate)))
        until(lambda: scheduler.running + scheduler.waiting == len(jobs))
    for _ in range(8):
        gate.release()
    for thread, _, _ in jobs:
        thread.join(10)
    places = [[event.place for event in events if isinstance(event, Waiting)] for _, events, _ in jobs]
    assert places[3] == [3, 2, 1]
    assert places[2] == [2, 1]
    assert log == list("aabbccdd")


@pytest.mark.parametrize("turns", [1, 3])
def test_cancelling_ends_a_job_before_its_next_turn_and_the_next_one_starts(turns):
    scheduler, log, gate = make(turns=turns), [], threading.Semaphore(0)
    job = Job("a", 100, log, gate)
    thread, events, cancelled = start(scheduler, job)
    gate.release()
    until(lambda: log == ["a"])
    following = start(scheduler, Job("b", 1, log))
    cancelled.set()
    scheduler.wake()
    gate.release()  # the call already under way ends
    thread.join(10)
    following[0].join(10)
    assert isinstance(events[-1], Cancelled)
    assert log.count("a") <= 2
    assert log.count("b") == 1
    assert job.closed.wait(5)


def test_a_cancelled_job_is_taken_out_before_others_have_their_turns():
    scheduler, log, gate = make(turns=3), [], threading.Semaphore(0)
    jobs = []
    for name in "abc":
        jobs.append(start(scheduler, Job(name, 100, log, gate)))
        until(lambda: scheduler.running + scheduler.waiting == len(jobs))
    gate.release(3)
    until(lambda: sorted(log) == ["a", "b", "c"])
    thread, events, cancelled = jobs[1]
    cancelled.set()
    gate.release()  # the call already under way ends
    thread.join(10)
    assert isinstance(events[-1], Cancelled)
    for _, _, cancelled in jobs:
        cancelled.set()
    gate.release(10)
    scheduler.close()


def test_closing_the_events_takes_the_job_out_and_cleans_up_after_it():
    scheduler, log = make(), []
    job = Job("a", 1000, log)
    events = scheduler.run(job, "m", threading.Event())
    next(event for event in events if isinstance(event, Step))
    time.sleep(0.2)  # a reader that dawdles
    events.close()
    assert job.closed.wait(5)
    until(lambda: scheduler.running == 0)
    assert len(log) <= 2


def test_a_waiting_job_can_be_cancelled():
    scheduler, log, gate = make(turns=1), [], threading.Semaphore(0)
    first = start(scheduler, Job("a", 1, log, gate))
    until(lambda: scheduler.running == 1)
    thread, events, cancelled = start(scheduler, Job("b", 1, log))
    until(lambda: scheduler.waiting == 1)
    cancelled.set()
    gate.release()
    thread.join(10)
    first[0].join(10)
    assert isinstance(events[-1], Cancelled)
    assert log == ["a"]


def test_a_job_that_runs_too_long_is_told_so():
    def work(emit):
        while True:
            time.sleep(0.02)
            yield Step(1, 1, 1, 1)

    with pytest.raises(TimedOut, match=r"0\.1 s"):
        list(make(job_seconds=0.1).run(work, "m", threading.Event()))


def test_an_error_reaches_the_reader_and_the_next_job_runs():
    def work(emit):
        yield Step(1, 1, 1, 2)
        raise ZeroDivisionError("inside")

    scheduler, log = make(), []
    with pytest.raises(ZeroDivisionError):
        list(scheduler.run(work, "m", threading.Event()))
    list(scheduler.run(Job("b", 1, log), "m", threading.Event()))
    assert log == ["b"]


def test_jobs_for_the_model_in_use_go_first_and_no_two_models_run_together():
    scheduler, log, gate = make(turns=2), [], threading.Semaphore(0)
    jobs = []
    for name, model in [("a", "m"), ("x", "other"), ("b", "m")]:
        jobs.append(start(scheduler, Job(name, 2, log, gate), model))
        until(lambda: scheduler.running + scheduler.waiting == len(jobs))
    for _ in range(6):
        gate.release()
    for thread, _, _ in jobs:
        thread.join(10)
    assert log[-2:] == ["x", "x"]
    assert sorted(log[:4]) == ["a", "a", "b", "b"]


def test_a_switch_waits_at_most_the_set_time():
    scheduler, log, gate = make(turns=1, switch_seconds=0.0), [], threading.Semaphore(0)
    jobs = []
    for name, model in [("a", "m"), ("x", "other"), ("b", "m")]:
        jobs.append(start(scheduler, Job(name, 1, log, gate), model))
        until(lambda: scheduler.running + scheduler.waiting == len(jobs))
    for _ in range(3):
        gate.release()
    for thread, _, _ in jobs:
        thread.join(10)
    assert log == ["a", "x", "b"]


def queued(scheduler, log, gate, jobs):
    """Start (name, model) one after the other, each of one turn that waits for `gate`."""
    started = []
    for name, model in jobs:
        started.append(start(scheduler, Job(name, 1, log, gate), model))
        until(lambda: scheduler.running + scheduler.waiting == len(started))
    return started


def test_after_a_switch_the_model_is_used_for_a_while_and_nobody_starves():
    """Jobs for two models in turn: without the while, each would load its model anew."""
    scheduler, log, gate = make(turns=1, switch_seconds=1.5), [], threading.Semaphore(0)
    jobs = queued(scheduler, log, gate, [("a", "m"), ("x", "n"), ("b", "m"), ("y", "n"), ("c", "m"), ("z", "n")])
    time.sleep(1.6)
    for _ in range(6):
        gate.release()
    for thread, _, _ in jobs:
        thread.join(10)
    assert log == ["a", "x", "y", "z", "b", "c"]


def test_a_stream_of_jobs_for_the_loaded_model_does_not_starve_another():
    scheduler, log, gate = make(turns=2, switch_seconds=0.5), [], threading.Semaphore(0)
    jobs = queued(scheduler, log, gate, [("a", "m"), ("x", "n")])
    begin = time.monotonic()
    while "x" not in log and time.monotonic() < begin + 10:
        jobs.append(start(scheduler, Job("m", 1, log, gate), "m"))
        time.sleep(0.05)
        gate.release()
    assert "x" in log
    assert log.count("m") >= 3, "those for the loaded model went first"
    for _ in jobs:
        gate.release()
    for thread, _, _ in jobs:
        thread.join(10)


def test_a_job_that_waits_for_a_switch_can_be_cancelled_and_the_switch_does_not_come():
    scheduler, log, gate = make(turns=1), [], threading.Semaphore(0)
    jobs = queued(scheduler, log, gate, [("a", "m"), ("x", "n"), ("b", "m")])
    _, events, cancelled = jobs[1]
    cancelled.set()
    scheduler.wake()
    gate.release(2)
    for thread, _, _ in jobs:
        thread.join(10)
    assert isinstance(events[-1], Cancelled)
    assert next(event.place for event in events if isinstance(event, Waiting)) == 1
    assert log == ["a", "b"]


def test_a_reader_that_dawdles_holds_up_nobody_else():
    scheduler, log = make(turns=2), []
    slow = scheduler.run(Job("slow", 50, log), "m", threading.Event())
    next(event for event in slow if isinstance(event, Step))
    list(scheduler.run(Job("quick", 50, log), "m", threading.Event()))
    assert log.count("quick") == 50
    assert log.count("slow") <= 2
    slow.close()


def test_a_reader_that_never_comes_back_is_told_off_at_the_deadline():
    scheduler, log = make(turns=1, job_seconds=0.3), []
    job = Job("a", 50, log)
    events = scheduler.run(job, "m", threading.Event())
    next(event for event in events if isinstance(event, Step))
    assert job.closed.wait(5)
    with pytest.raises(TimedOut):
        list(events)


def test_a_reader_that_went_away_without_a_word_makes_room_for_those_who_wait():
    scheduler, log = make(turns=1, unread_seconds=0.3), []
    gone = scheduler.run(Job("gone", 50, log), "m", threading.Event())
    next(event for event in gone if isinstance(event, Step))
    begin = time.monotonic()
    list(scheduler.run(Job("next", 3, log), "m", threading.Event()))
    assert time.monotonic() - begin < 5
    with pytest.raises(Cancelled):
        list(gone)


def test_after_closing_a_job_is_refused_and_does_not_hang():
    scheduler, log = make(), []
    scheduler.close()
    with pytest.raises(Cancelled, match="shutting down"):
        list(scheduler.run(Job("a", 1, log), "m", threading.Event()))


def test_closing_ends_everything():
    scheduler, log, gate = make(), [], threading.Semaphore(0)
    thread, events, _ = start(scheduler, Job("a", 50, log, gate))
    gate.release()
    until(lambda: log == ["a"])
    gate.release()
    scheduler.close()
    thread.join(10)
    assert isinstance(events[-1], Cancelled)
