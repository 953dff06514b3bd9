"""What is recorded of the model's steps and when; whoever records is a stand-in that does the work on tensors of its own."""

import pytest
import torch

from engine.speech.checkpoint import DiTArch
from engine.speech.dit import DiT, dit_shapes
from engine.speech.graphs import LEAST, Graphs

from .test_dit import SMALL, TIMES, TOKENS, utterance


class Recording:
    """As a graph: what is not in the tensors it is given is as it was when it was recorded."""

    def __init__(self, fault=None):
        self.count, self.replayed, self.fault = 0, 0, fault

    def __call__(self, work, tensors):
        self.count += 1
        if self.fault:
            raise self.fault
        inputs = [each.clone() for each in tensors]

        def replay(tensors):
            self.replayed += 1
            torch._foreach_copy_(inputs, tensors)
            return [each.clone() for each in work(inputs)]

        return replay


def doubled(tensors):
    return [2 * each for each in tensors]


def test_a_shape_is_recorded_once_and_what_is_done_too_seldom_or_was_long_ago_is_not_kept():
    record = Recording()
    one, two = torch.ones(3), torch.full((3,), 2.0)
    graphs = Graphs(record, most=3 * one.nbytes)
    graphs("seldom", doubled, [one], LEAST - 1)
    assert record.count == 0
    assert [float(graphs("often", doubled, [x], LEAST)[0][0]) for x in (one, two)] == [2, 4]
    assert torch.equal(graphs("often", doubled, [one], 1)[0], two), "a shape that is known is replayed to the end"
    assert (record.count, record.replayed) == (1, 3)
    for number in range(3):
        graphs(number, doubled, [one], LEAST)
    graphs("often", doubled, [one], LEAST)
    assert record.count == 5, "forgotten meanwhile"


def test_what_cannot_be_recorded_goes_without_and_is_told_once(caplog):
    record = Recording(RuntimeError("no graphs here"))
    graphs = Graphs(record)
    for shape in ("a", "a", "b"):
        assert float(graphs(shape, doubled, [torch.ones(1)], LEAST)[0]) == 2
    assert record.count == 2, "not tried again"
    assert caplog.text.count("no graphs here") == 1


def test_where_memory_is_short_all_records_are_given_back_and_the_error_goes_on():
    record = Recording()
    graphs = Graphs(record)
    graphs("kept", doubled, [torch.ones(1)], LEAST)
    record.fault = torch.OutOfMemoryError("full")
    with pytest.raises(torch.OutOfMemoryError):
        graphs("large", doubled, [torch.ones(1)], LEAST)
    record.fault = None
    graphs("kept", doubled, [torch.ones(1)], LEAST)
    assert record.count == 3


@torch.inference_mode()
def test_a_recorded_step_serves_other_words_times_and_voices_of_the_same_lengths():
    arch = DiTArch(**SMALL)
    torch.manual_seed(0)
    state = {name: torch.randn(shape) * 0.1 for name, shape in dit_shapes(arch, TOKENS).items()}
    record = Recording()
    plain, graphs = (DiT(arch, state, "cpu", torch.float32, kept) for kept in (None, Graphs(record)))
    assert (record.count, record.replayed) == (1, 2), "tried where the model is loaded"

    def velocities(network, batch, steps, cfg):
        prepared = [network.prepare(u, TIMES, cfg) for u in batch]
        return network.velocities(prepared, [u.noise for u in batch], steps)

    def other(u):
        return type(u)(u.reference.flip(0), u.ids.flip(0), u.noise.flip(0))

    batch = [utterance(83, 31), utterance(40, 10)]
    for cfg in (2.0, 0.0):
        for spoken, steps in ((batch, [0, 0]), ([other(u) for u in batch], [3, 1])):
            ours, theirs = (velocities(network, spoken, steps, cfg) for network in (graphs, plain))
            assert all(map(torch.equal, ours, theirs))
    assert (record.count, record.replayed) == (3, 6), "one for each guidance"
