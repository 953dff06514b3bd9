"""Where the device's memory gives out: once more with less at a time, then a sentence."""

import pytest
import torch

from engine.ended import ended
from engine.errors import ModelUnavailable
from engine.speech.loading import load
from engine.speech.memory import ThriftySampler
from engine.speech.sampler import EulerSampler, draw_noise, time_grid
from engine.speech.synthesis import Manner, lay_out, speak
from engine.speech.voice import prepare_voice
from engine.types import Chunk, Partial, Reference

from .conftest import CPU

MANNER = Manner(nfe=5, cfg_strength=2.0, sway_sampling=-1.0, speed=1.0, seed=3)
TEXTS = ["Yes.", "The kettle is on.", "Hello there, how are you?"]


class Small:
    """The real sampler on a device that holds so many chunks at a time, and gives out at a step in the middle."""

    def __init__(self, holds):
        self.holds, self.tried, self.sampler = holds, [], EulerSampler()

    def sample(self, model, batch, times, cfg_strength):
        self.tried.append(len(batch))
        for step in (steps := self.sampler.sample(model, batch, times, cfg_strength)):
            if step.step == 3 and len(batch) > self.holds:
                steps.close()
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
            yield step
        return [draw_noise(utterance.frames, 0, 0) for utterance in batch]


@pytest.fixture(scope="module")
def batch(tiny, clip):
    voice = prepare_voice(tiny.ours, Reference(clip[:30_000], "Some call me. ", "en", "hash"))
    return [lay_out(tiny.ours, voice, Chunk(i, text), MANNER) for i, text in enumerate(TEXTS)]


@pytest.mark.parametrize(("holds", "tried"), [(3, [3]), (2, [3, 2, 1])])
def test_a_batch_that_does_not_fit_is_taken_in_halves(tiny, batch, holds, tried):
    sampler = Small(holds)
    steps, mels = ended(ThriftySampler(sampler).sample(tiny.ours, batch, time_grid(5, -1.0), 2.0))
    assert sampler.tried == tried
    assert [len(mel) for mel in mels] == [utterance.frames for utterance in batch]
    assert [step.step for step in steps[-5:]] == [1, 2, 3, 4, 5]


def test_what_does_not_fit_in_halves_either_is_told_and_no_more_is_tried(tiny, batch):
    sampler = Small(holds=1)
    with pytest.raises(ModelUnavailable, match="needs more memory than cpu has free; stop what else uses it"):
        list(ThriftySampler(sampler).sample(tiny.ours, batch, time_grid(5, -1.0), 2.0))
    assert sampler.tried == [3, 2]


def test_a_chunk_alone_is_tried_twice(tiny, clip):
    reference, sampler = Reference(clip[:30_000], "Some call me. ", "en", "hash"), Small(holds=0)
    with pytest.raises(ModelUnavailable, match="more memory"):
        list(speak(tiny.ours, ThriftySampler(sampler), reference, [Chunk(0, "Yes.")], MANNER))
    assert sampler.tried == [1, 1]


def test_a_chunk_that_fits_once_memory_is_freed_is_spoken(tiny, clip):
    class Freed(Small):
        def sample(self, *args):
            self.holds = len(self.tried)  # the second time there is room
            return (yield from super().sample(*args))

    reference, sampler = Reference(clip[:30_000], "Some call me. ", "en", "hash"), Freed(holds=0)
    events = list(speak(tiny.ours, ThriftySampler(sampler), reference, [Chunk(0, "Yes.")], MANNER))
    assert isinstance(events[-1], Partial)
    assert sampler.tried == [1, 1]


def test_a_model_that_does_not_fit_is_told(tiny):
    def report(event):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(ModelUnavailable, match=r"does not fit the free memory of CPU, 1 core; stop"):
        load(tiny.files, CPU, report)
