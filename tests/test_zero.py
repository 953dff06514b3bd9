"""A GPU that is lent call by call, by a stand-in for the package `spaces` that sends everything through pickle, as it does."""

import inspect
import pickle
import threading

import pytest

from engine import BadText, CloneRequest, Done, Loading, Partial, Stage, Step, Unavailable
from engine.speech import choose
from engine.zero import CALL, LOADING, MACHINE, spaces_here

from .conftest import read, take_of


class Lender:
    """Lends the processor, as `spaces.GPU` a GPU, and takes it away after the events `lasting`. Remembers the seconds asked
    for, who called, and what was ended."""

    def __init__(self):
        self.seconds, self.threads, self.ended, self.refusal = [], [], [], None
        self.lasting = None

    def GPU(self, task, *, duration):  # noqa: N802 - the package's name
        assert inspect.isgeneratorfunction(task), "else its events would not come one by one"

        def call(*given):
            if self.refusal:
                raise self.refusal
            self.seconds.append(duration(*given))
            self.threads.append(threading.current_thread())
            try:
                for number, told in enumerate(task(*pickle.loads(pickle.dumps(given)))):
                    if number == self.lasting:
                        raise ChildProcessError
                    yield pickle.loads(pickle.dumps(told))
            except Exception as error:
                raise RuntimeError(type(error).__name__) from None  # more does not come back
            finally:
                self.ended.append(True)

        return call


@pytest.fixture
def lender():
    return Lender()


@pytest.fixture
def lent(make_studio, lender, studio):
    return make_studio(spaces=lender, device=studio._device)


def request(voice, text="Hello there. The bell rang twice."):
    return CloneRequest(voice[0], text, voice[1], language="en", nfe=5, seed=7, check="off")


def test_a_lent_gpu_makes_the_same_speech_asked_for_by_the_visitors_own_thread(studio, lent, lender, voice):
    events = [*lent.clone(request(voice))]
    told = [event if isinstance(event, Stage) else type(event) for event in events[1:]]
    making = [Loading, Stage("speaking"), *[Step] * 5, Partial]
    assert told == [Stage("reading"), *making, Stage("finishing"), Done]
    assert (read(take_of(events).file) == read(take_of(studio.clone(request(voice))).file)).all()
    assert lender.threads == [threading.current_thread()]
    assert lender.seconds == [LOADING + 5 * CALL]


def test_words_are_said_again_on_a_lent_gpu(lent, lender, voice, spoken):
    from engine import RepairRequest, Timed

    take, words = spoken
    asked = RepairRequest(take.file, voice[0], 1, 1, text="miller", tries=2, words=tuple(words))
    assert any(isinstance(event, Timed) for event in lent.repair(asked))
    assert lender.ended == [True]


def test_what_cannot_be_said_comes_back_as_its_sentence(lent, voice):
    with pytest.raises(BadText, match="你"):
        list(lent.clone(request(voice, "Hello 你好.")))


def test_leaving_ends_the_call(lent, lender, voice):
    events = lent.clone(request(voice))
    next(event for event in events if isinstance(event, Step))
    events.close()
    assert lender.ended == [True]


def test_a_refusal_is_told_in_zerogpus_words(lent, lender, voice):
    lender.refusal = type("Error", (Exception,), {"message": "You have exceeded your free ZeroGPU quota. "})()
    with pytest.raises(Unavailable, match=r"^ZeroGPU did not make this \(You have exceeded your free ZeroGPU quota\);"):
        list(lent.clone(request(voice)))


def test_a_gpu_that_is_taken_away_leaves_what_was_finished_and_a_line_in_the_log(lent, lender, voice, caplog):
    events = lent.clone(request(voice, "Hello there. The bell rang twice. " * 9))
    take_id = next(events).take_id
    lender.lasting = 1 + (5 + 1) + 3  # the stage, a chunk, and steps of the next
    with pytest.raises(Unavailable, match=r"^ZeroGPU did not make this \(RuntimeError\)"):
        list(events)
    assert lent.kept(take_id) == 1
    assert "ChildProcessError" in caplog.text


def test_waiting_for_a_gpu_is_no_speaking_and_what_a_clone_costs_is_learned(lent, voice):
    asked = request(voice)
    assert lent.estimate(asked).work_seconds is None
    timings = take_of(lent.clone(asked)).timings
    assert min(timings["loading"], timings["speaking"]) > 0
    assert lent.estimate(asked).work_seconds == pytest.approx(sum(timings.values()), rel=0.5)


def test_the_driver_is_not_asked_for_the_device_that_will_be_lent():
    device = choose(MACHINE)
    assert (device.name, device.dtype, device.threads) == ("cuda:0", "float16", 1)
    assert spaces_here() is None


def test_whisper_does_not_look_for_a_gpu_where_one_is_lent(lent, studio):
    assert (lent.settings.whisper_device, studio.settings.whisper_device) == ("cpu", "auto")
