"""The real Whisper base hears real speech, says when it cannot, and lets go when idle."""

import threading
import time

import numpy as np
import pytest
import soundfile as sf

from engine.ended import ended
from engine.errors import BadParameter, HearingUnavailable
from engine.hearing import Whisper
from engine.settings import Settings
from engine.store import Weights
from engine.studio import ASSETS
from engine.types import RATE, Loading, Stage, Transcript


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return Weights(Settings(workspace=tmp_path_factory.mktemp("workspace")), ASSETS)


@pytest.fixture
def whisper(weights):
    made = Whisper(lambda: weights.whisper("base"), "cpu", "", idle_seconds=60)
    yield made
    made.unload()


@pytest.fixture(scope="module")
def speech(human):
    return sf.read(human[0], dtype="float32")[0]


def heard(steps):
    events, transcript = ended(steps)
    assert all(isinstance(event, Loading | Stage) for event in events)
    return transcript


def test_it_hears_a_person_with_times_in_order(whisper, speech, human):
    assert not whisper.loaded
    transcript = heard(whisper.transcribe(speech, ""))
    assert whisper.loaded
    assert isinstance(transcript, Transcript)
    assert transcript.language == "en"
    plain = "".join(c for c in transcript.text.lower() if c.isalpha() or c == " ")
    assert plain == "".join(c for c in human[1].lower() if c.isalpha() or c == " ")
    times = [t for w in transcript.words for t in (w.start, w.end)]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= len(speech) / RATE + 0.1


def test_a_language_can_be_named_and_a_wrong_one_is_told(whisper, speech):
    assert heard(whisper.transcribe(speech, "en")).language == "en"
    with pytest.raises(BadParameter, match="xx"):
        heard(whisper.transcribe(speech, "xx"))


def test_in_noise_there_are_no_words(whisper):
    noise = np.random.default_rng(1).normal(0, 0.01, 3 * RATE).astype(np.float32)
    assert heard(whisper.transcribe(noise, "")).words == ()


def test_a_broken_model_asks_for_the_text(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"nothing")

    def fetch():
        return tmp_path
        yield

    with pytest.raises(HearingUnavailable, match="could not be loaded"):
        heard(Whisper(fetch, "cpu", "", 60).transcribe(np.zeros(RATE, np.float32), ""))


def test_leaving_ends_a_long_clip_early_and_waiting_for_another_can_be_left(whisper, speech):
    long = np.tile(speech, 12)
    first = whisper.transcribe(long, "en")
    while not isinstance(next(first), Stage):
        pass
    second = whisper.transcribe(speech, "en")
    begin = time.monotonic()
    assert isinstance(next(second), Stage)  # told, while it waits
    second.close()
    whisper.unload()  # does not wait
    first.close()
    assert time.monotonic() - begin < 5
    assert heard(whisper.transcribe(speech, "en")).words


def test_one_load_serves_many_and_idle_time_drops_it(weights, speech, caplog):
    caplog.set_level("INFO", logger="timbre")
    whisper, results = Whisper(lambda: weights.whisper("base"), "cpu", "", idle_seconds=2.0), []
    threads = [
        threading.Thread(target=lambda: results.append(heard(whisper.transcribe(speech[: 3 * RATE], "en"))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len({result.text for result in results}) == 1
    assert len(results) == 4
    assert sum(record.message == "Whisper loaded" for record in caplog.records) == 1
    deadline = time.monotonic() + 10
    while whisper.loaded and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not whisper.loaded
