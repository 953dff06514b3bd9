"""Chunks and their cost before anything is spoken, and what is told of languages."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BadText
from engine.plan import notes, spoken_chunks, typical_words, work_of
from engine.settings import Settings
from engine.store import Weights
from engine.studio import ASSETS
from engine.types import CloneRequest

WORDS = "Some call me nature, others call me mother nature. "
REQUEST = CloneRequest(Path("clip.wav"), "The kettle is on, and the old atlas is back on its shelf.")


@pytest.fixture(scope="module")
def specs(tmp_path_factory):
    weights = Weights(Settings(workspace=tmp_path_factory.mktemp("workspace")), ASSETS)
    return {spec.name: spec for spec in weights.specs()}


@pytest.mark.parametrize("name", ["demo", "F5TTS_v1_Base"])
def test_twice_the_text_is_twice_the_speech_in_more_chunks(specs, name):
    def cost(text):
        request = replace(REQUEST, text=text)
        chunks = spoken_chunks(request, specs[name], 3.0, WORDS, "en", 10_000)
        return chunks, work_of(request, specs[name], 3.0, WORDS, chunks)

    once, long = cost(REQUEST.text), cost(" ".join([REQUEST.text] * 20))
    assert len(once[0]) == 1
    assert len(long[0]) > 3
    assert long[1].speech_seconds == pytest.approx(20 * once[1].speech_seconds, rel=0.25)
    assert long[1].steps > 10 * once[1].steps


def test_english_letters_are_reckoned_by_how_they_sound(specs):
    def chunk(name, text, language="en"):
        request = replace(REQUEST, text=text)
        (one,) = chunks = spoken_chunks(request, specs[name], 3.0, WORDS, language, 10_000)
        return one, work_of(request, specs[name], 3.0, WORDS, chunks).speech_seconds

    text = "He thought through the night, though he ought not to."
    one, seconds = chunk("F5TTS_v1_Base", text)
    assert one.pace > 1.2
    assert seconds == pytest.approx(3.0 * len(text) / len(WORDS) / one.pace, rel=0.02)
    assert chunk("demo", text)[0].pace == 1.0, "it is told its phones with their lengths"
    assert chunk("F5TTS_v1_Base", "Le chat est sur la table, et le chien est dans la maison.", "fr")[0].pace == 1.0


def test_work_grows_with_steps_and_guidance_and_shrinks_with_speed(specs):
    def steps(name="demo", **values):
        request = replace(REQUEST, **values)
        chunks = spoken_chunks(request, specs[name], 3.0, WORDS, "en", 10_000)
        return work_of(request, specs[name], 3.0, WORDS, chunks)

    base = steps(nfe=16)
    assert steps(nfe=32).steps == pytest.approx(2 * base.steps)
    assert 0.55 < steps(nfe=16, cfg_strength=0.0).steps / base.steps < 0.7, (
        "of a small model every call costs, whatever is in it"
    )
    large = steps("F5TTS_v1_Base")
    assert steps("F5TTS_v1_Base", cfg_strength=0.0).steps == pytest.approx(large.steps / 2, rel=0.02)
    assert steps(speed=2.0).speech_seconds == pytest.approx(base.speech_seconds / 2, rel=0.05)


def test_more_letters_than_allowed_are_refused(specs):
    with pytest.raises(BadText, match="100 are allowed"):
        spoken_chunks(replace(REQUEST, text="word " * 100), specs["demo"], 3.0, "Hello. ", "en", 100)


def test_typical_words_are_as_many_as_are_spoken_in_the_time():
    assert len(typical_words(4.0)) == 60
    assert len(typical_words(0.0)) == 1


def test_the_notes_tell_of_languages_that_do_not_fit(specs):
    def told(text, spoken, model="F5TTS_v1_Base"):
        return " ".join(notes(replace(REQUEST, text=text), specs[model], spoken))

    assert told(REQUEST.text, "en") == ""
    assert told(REQUEST.text, "") == ""
    assert "seems to be in German; F5-TTS v1 Base was trained on English and Chinese and may mispronounce or refuse it" in told("Der alte Atlas steht wieder im Regal, und der Kessel pfeift.", "en")  # fmt: skip
    assert "The clip is in German, which F5-TTS v1 Base was not trained on" in told(REQUEST.text, "de")
    assert "The clip is in Chinese, the text in English; expect an accent." in told(REQUEST.text, "zh")
    assert "The clip is in Chinese" in told(REQUEST.text, "zh", "demo")
