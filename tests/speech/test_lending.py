"""One model a process: loaded once whoever asks, also before anybody does, and never in silence."""

import threading
import time
from dataclasses import replace

import pytest

from engine.errors import ModelUnavailable
from engine.speech.lending import Models

from .conftest import CPU, found


@pytest.fixture
def models():
    models = Models(CPU, idle_seconds=600)
    yield models
    models.unload()


@pytest.fixture
def files(weights):
    return found(weights, "demo")


def until(so):
    deadline = time.monotonic() + 60
    while not so() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert so()


def test_a_model_that_was_begun_is_there_when_it_is_borrowed(models, files, caplog):
    caplog.set_level("INFO", logger="timbre")
    models.begin(files)
    until(lambda: models.loaded == "demo")
    told = []
    with models.borrow(files, told.append) as first, models.borrow(files, told.append) as second:
        assert first is second
    models.begin(files)
    assert told == []
    assert sum("loaded on" in record.message for record in caplog.records) == 1


def test_who_waits_for_another_load_is_told_how_far_it_is_and_can_stop(models, files):
    """The other load stands still halfway."""
    halfway, go, seen = threading.Event(), threading.Event(), []

    def stand(read):
        halfway.set()
        go.wait(60)

    def give_up(read):
        seen.append(read)
        raise KeyboardInterrupt

    def first():
        with models.borrow(files, stand):
            pass

    thread = threading.Thread(target=first)
    thread.start()
    assert halfway.wait(60)
    with pytest.raises(KeyboardInterrupt), models.borrow(files, give_up):
        pass
    go.set()
    thread.join(60)
    assert seen[0].what == files.spec.title
    with models.borrow(files, seen.append):
        assert models.loaded == "demo"


def test_what_cannot_be_loaded_is_told_to_whoever_borrows_it(models, files, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    broken = replace(files, checkpoint=tmp_path / "model.safetensors", hash="0" * 64)
    models.begin(broken)
    with pytest.raises(ModelUnavailable, match="cannot be read"), models.borrow(broken, lambda read: None):
        pass
    assert models.loaded == ""
    with models.borrow(files, lambda read: None):
        assert models.loaded == "demo"
