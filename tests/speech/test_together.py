"""Several chunks in one model call, of one text and of several people: the same speech, fairly, and each for itself."""

import dataclasses
import threading
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.ended import ended
from engine.errors import Cancelled
from engine.scheduler import Scheduler
from engine.speech.network import Utterance
from engine.speech.sampler import EulerSampler, time_grid
from engine.speech.synthesis import Manner, batches, lay_out, speak
from engine.speech.voice import prepare_voice
from engine.takes import clocked
from engine.types import Chunk, Partial, Reference, Step

from .test_sampler import distance

MANNER = Manner(nfe=5, cfg_strength=2.0, sway_sampling=-1.0, speed=1.0, seed=3)
TEXTS = ["Yes.", "The kettle is on.", "Hello there, how are you?", "The old atlas is back.", "It rains."]
CHUNKS = [Chunk(number, text) for number, text in enumerate(TEXTS)]


class Plain:
    """A vocoder that costs nothing and hides nothing: the sound is the mel."""

    def decode(self, mel):
        return mel.flatten()


class Calls:
    """A real network; notes how many utterances each call is for, and gives out where they are more than it holds."""

    def __init__(self, network, holds=100):
        self.network, self.holds, self.sizes, self.frame_bytes = network, holds, [], network.frame_bytes
        self.prepare = network.prepare

    def velocities(self, batch, states, steps):
        if len(batch) > self.holds:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        self.sizes.append(len(batch))
        return self.network.velocities(batch, states, steps)


def on_gpu(model, frames=10**6, holds=100):
    """(the model as where there is room for so many frames in a call, its calls)."""
    calls = Calls(model.transformer, holds)
    return dataclasses.replace(model, transformer=calls, room=lambda: frames), calls


@pytest.fixture(params=["tiny", "e2", "demo"])
def model(request):
    found = request.getfixturevalue(request.param)
    return dataclasses.replace(getattr(found, "ours", found), vocoder=Plain())


@pytest.fixture
def small(tiny):
    return dataclasses.replace(tiny.ours, vocoder=Plain())


@pytest.fixture(scope="session")
def reference(clip):
    return Reference(clip[:30_000], "Some call me nature. ", "en", "hash")


def laid(model, reference, *numbers, manner=MANNER):
    voice = prepare_voice(model, reference)
    return [lay_out(model, voice, CHUNKS[number], manner) for number in numbers]


def sampling(sampler, model, batch, manner=MANNER):
    return sampler.sample(model, batch, time_grid(manner.nfe, manner.sway_sampling), manner.cfg_strength)


def sampled(steps):
    return ended(steps)[1]


def spoken(model, reference, chunks=CHUNKS):
    return list(speak(model, EulerSampler(), reference, chunks, MANNER))


def parts(events):
    return [event for event in events if isinstance(event, Partial)]


def same(found, expected):
    assert [(part.chunk, part.chunks) for part in found] == [(part.chunk, part.chunks) for part in expected]
    pairs = zip(found, expected, strict=True)
    return max(distance(torch.from_numpy(a.samples), torch.from_numpy(b.samples)) for a, b in pairs) < 1e-4


@given(st.lists(st.integers(1, 3000), max_size=30), st.integers(0, 8192))
def test_batches_hold_all_in_order_the_first_alone_and_no_more_than_there_is_room_for(frames, room):
    utterances = [Utterance(None, None, range(count)) for count in frames]
    found = list(batches(utterances, lambda: room))
    assert [u for batch in found for u in batch] == utterances
    assert all(len(batch) == 1 or sum(u.frames for u in batch) <= room for batch in found)
    assert [len(batch) for batch in found[:1]] == [1] * bool(frames)
    assert all(len(after) <= 2 * len(before) for before, after in pairwise(found))
    assert room or all(len(batch) == 1 for batch in found)


def test_a_text_is_spoken_in_fewer_calls_where_there_is_room_and_sounds_the_same(model, reference):
    alone = spoken(model, reference)
    roomy, calls = on_gpu(model)
    events = spoken(roomy, reference)
    assert calls.sizes == [1] * 5 + [2] * 10
    assert same(parts(events), parts(alone))
    steps = [event for event in events if isinstance(event, Step)]
    assert [(s.chunk, s.together) for s in steps] == [(1, 1)] * 5 + [(2, 2)] * 5 + [(4, 2)] * 5
    assert [s.step for s in steps] == [1, 2, 3, 4, 5] * 3
    assert isinstance(events[5], Partial), "the first is sound before the others are begun"
    assert {s.together for s in alone if isinstance(s, Step)} == {1}


def test_people_share_calls_and_each_gets_what_they_would_get_alone(model, reference):
    other = Manner(nfe=7, cfg_strength=0.0, sway_sampling=0.0, speed=1.0, seed=8)
    mine, theirs = laid(model, reference, 0, 2), laid(model, reference, 1, manner=other)
    alone = [*sampled(sampling(EulerSampler(), model, mine)), *sampled(sampling(EulerSampler(), model, theirs, other))]
    (roomy, calls), sampler = on_gpu(model), EulerSampler()
    first, second = sampling(sampler, roomy, mine), sampling(sampler, roomy, theirs, other)
    ticks = [next(one) for _ in range(5) for one in (first, second)]
    assert [tick.step for tick in ticks] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [tick.along > 0 for tick in ticks[2:]] == [True, False] * 4, "the time counts for both"
    together = [*sampled(first), *sampled(second)]
    assert calls.sizes == [2, 3, 3, 3, 3, 1, 1, 1]
    assert all(distance(a, b) < 1e-4 for a, b in zip(together, alone, strict=True))


def test_others_go_along_the_shortest_first_as_far_as_there_is_room_and_one_step_at_most(small, reference):
    batch = laid(small, reference, 0, 1, 2)
    (model, calls), sampler = on_gpu(small, batch[0].frames + batch[1].frames), EulerSampler()
    short, middle, long = (sampling(sampler, model, [utterance]) for utterance in batch)
    assert [next(one).step for one in (long, middle, short)] == [1, 1, 1]
    assert calls.sizes == [1, 1, 2], "there is no room for the long one beside the middle one"
    assert [next(short).step for _ in range(3)] == [2, 3, 4]
    assert calls.sizes[3:] == [1, 1, 1], "who was taken along is not taken further before they are told"
    assert next(middle).along > 0
    assert next(long).along == 0
    assert calls.sizes[6:] == [1]


def test_who_leaves_takes_nothing_of_others_along(small, reference):
    batch = laid(small, reference, 0, 1)
    (alone,) = sampled(sampling(EulerSampler(), small, batch[1:]))
    (model, calls), sampler = on_gpu(small), EulerSampler()
    leaves, stays = (sampling(sampler, model, [utterance]) for utterance in batch)
    for one in (leaves, stays, leaves, stays):
        next(one)
    leaves.close()
    assert distance(sampled(stays)[0], alone) < 1e-4
    assert calls.sizes == [1, 2, 2, 1, 1, 1]


def test_where_the_memory_does_not_hold_others_too_a_batch_goes_on_alone(small, reference):
    batch = laid(small, reference, 0, 1)
    alone = [sampled(sampling(EulerSampler(), small, [utterance]))[0] for utterance in batch]
    (model, calls), sampler = on_gpu(small, holds=1), EulerSampler()
    runs = [sampling(sampler, model, [utterance]) for utterance in batch]
    ticks = [next(one).step for _ in range(5) for one in runs]
    assert ticks == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert calls.sizes == [1] * 10
    assert all(distance(sampled(run)[0], mel) < 1e-6 for run, mel in zip(runs, alone, strict=True))


def test_on_two_models_nobody_goes_along(small, reference):
    batch, sampler = laid(small, reference, 0), EulerSampler()
    (one, calls), (other, others) = on_gpu(small), on_gpu(small)
    runs = [sampling(sampler, one, batch), sampling(sampler, other, batch)]
    for _ in range(3):
        assert [next(run).along for run in runs] == [0, 0]
    assert calls.sizes == others.sizes == [1, 1, 1]


def test_the_time_of_a_step_made_along_with_anothers_counts_for_a_job():
    timings = {}
    assert len(list(clocked(iter([Step(1, 1, 1, 2), Step(1, 1, 2, 2, along=50.0)]), timings, "speaking"))) == 2
    assert timings["speaking"] == pytest.approx(50, abs=5)


class Job(threading.Thread):
    """Somebody's text, read in a thread of their own; what came, and at each how many calls there had been."""

    def __init__(self, scheduler, work, calls):
        super().__init__(daemon=True)
        self.cancelled, self.begun, self.error = threading.Event(), threading.Event(), None
        self.events, self.at = [], []
        self.scheduler, self.work, self.calls = scheduler, work, calls
        self.start()

    def run(self):
        try:
            for event in self.scheduler.run(self.work, "m", self.cancelled):
                self.events.append(event)
                self.at.append(len(self.calls.sizes))
                self.begun.set()
        except Cancelled as error:
            self.error = error


@pytest.fixture
def scheduler():
    with_turns = Scheduler(turns=4, job_seconds=60, switch_seconds=60)
    yield with_turns
    with_turns.close()


def test_a_short_text_is_done_while_a_long_one_goes_on_and_both_are_what_they_are_alone(small, reference, scheduler):
    long, short = [Chunk(number, TEXTS[number % 5]) for number in range(20)], CHUNKS[:1]
    alone = [spoken(small, reference, chunks) for chunks in (long, short)]
    (model, calls), sampler = on_gpu(small, frames=1500), EulerSampler()
    jobs = []
    for chunks in (long, short):
        jobs.append(Job(scheduler, lambda emit, chunks=chunks: speak(model, sampler, reference, chunks, MANNER), calls))
        assert jobs[-1].begun.wait(30)
    for job in jobs:
        job.join(60)
    for job, expected in zip(jobs, alone, strict=True):
        assert same(parts(job.events), parts(expected))
    assert jobs[1].at[-1] < jobs[0].at[-1]
    assert jobs[1].at[-1] - jobs[1].at[0] <= 2 * MANNER.nfe, "of the long one's calls no more than of its own"


def test_cancelling_takes_out_ones_own_chunks_alone(small, reference, scheduler):
    chunks = [Chunk(number, TEXTS[number % 5]) for number in range(20)]
    alone = spoken(small, reference, chunks)
    (model, calls), sampler = on_gpu(small), EulerSampler()
    jobs = [Job(scheduler, lambda emit: speak(model, sampler, reference, chunks, MANNER), calls) for _ in range(2)]
    assert jobs[0].begun.wait(30)
    jobs[0].cancelled.set()
    scheduler.wake()
    for job in jobs:
        job.join(60)
    assert jobs[0].error
    assert len(parts(jobs[0].events)) < 20
    assert same(parts(jobs[1].events), parts(alone))
