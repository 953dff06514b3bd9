"""What many tests share: the example voice, a Studio with the bundled model, and the listener."""

import json
import os
from pathlib import Path

import pytest
import soundfile as sf
from hypothesis import settings as hypothesis

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from engine import CloneRequest, Done, Settings, Studio, Timed
from engine.studio import ASSETS

hypothesis.register_profile("timbre", deadline=None)  # on a busy machine an example may take any time
hypothesis.load_profile("timbre")


@pytest.fixture(scope="session")
def voice():
    """The first example voice: its clip and the words in it."""
    row = json.loads((ASSETS / "voices/voices.json").read_text())[0]
    return ASSETS / "voices" / row["clip"], row["text"]


@pytest.fixture(scope="session")
def human():
    """The f5-tts package's human clip (5.3 s) and its words."""
    import importlib.util

    package = Path(importlib.util.find_spec("f5_tts").submodule_search_locations[0])
    return package / "infer/examples/basic/basic_ref_en.wav", "Some call me nature, others call me mother nature."


@pytest.fixture(scope="session")
def make_studio(tmp_path_factory):
    """Studios with a workspace of their own, closed at the end."""
    made = []

    def make(*, settings=None, **parts):
        values = {"workspace": tmp_path_factory.mktemp("workspace"), "model": "demo", **(settings or {})}
        made.append(Studio(Settings(**values), **parts))
        return made[-1]

    yield make
    for studio in made:
        studio.close()


@pytest.fixture(scope="session")
def studio(make_studio):
    return make_studio()


@pytest.fixture(scope="session")
def spoken(studio, voice):
    """A take of the bundled model, two sentences long, and its words with their times."""
    text = "The baker counted his loaves and shook his head. The bell rang twice, and the children ran outside."
    events = [*studio.clone(CloneRequest(voice[0], text, voice[1], language="en", seed=7, word_times=True))]
    return take_of(events), next(event.words for event in events if isinstance(event, Timed))


@pytest.fixture(scope="session")
def listen(studio):
    """What Whisper base hears in a file: a Transcript."""
    from engine import Transcript

    def hear(file):
        return next(event for event in studio.transcribe(Path(file)) if isinstance(event, Transcript))

    return hear


@pytest.fixture(scope="session")
def whose():
    """The id of the example voice that a file's voice is nearest to."""
    import soxr

    from engine.voice.speaker import embed

    def voice_of(file):
        samples, rate = sf.read(file, dtype="float32")
        return embed(soxr.resample(samples, rate, 24_000)).mean(0)

    rows = json.loads((ASSETS / "voices/voices.json").read_text())
    voices = {row["id"]: voice_of(ASSETS / "voices" / row["clip"]) for row in rows}

    def nearest(file):
        mine = voice_of(file)
        return max(voices, key=lambda id: mine @ voices[id] / (voices[id] @ voices[id]) ** 0.5)

    return nearest


def words_missed(asked, heard):
    """Share of the words asked for that were not heard in their place."""
    from engine import compare

    words = compare(asked, heard)
    return sum(word.kind in ("changed", "missing") for word in words) / max(sum(word.typed != "" for word in words), 1)


def take_of(events):
    """The take a list of events ends in."""
    return next(event.take for event in events if isinstance(event, Done))


def read(file):
    """A finished file as float32; 24 kHz mono is asserted."""
    samples, rate = sf.read(file, dtype="float32")
    assert rate == 24_000
    assert samples.ndim == 1
    return samples
