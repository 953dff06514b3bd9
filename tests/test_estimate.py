"""What is known before the click, without a model: a language that does not fit is told."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine import CloneRequest, Settings, Studio

CLIP = Path(__file__).parents[1] / "assets" / "voices" / "owen.wav"
ENGLISH = "Good morning, and welcome to the reading room."
GERMAN = "Wir haben die Leiter den ganzen Winter neben der Tür stehen lassen."


@pytest.mark.parametrize(
    ("text", "words", "language", "told"),
    [
        (ENGLISH, "", "", []),
        (ENGLISH, ENGLISH, "EN", []),
        (GERMAN, "", "en", ["The text seems to be in German", "The clip is in English, the text in German"]),
        (ENGLISH, GERMAN, "", ["The clip is in German, which"]),
        (ENGLISH, "", "DE", ["The clip is in German, which"]),
    ],
)
def test_a_language_that_does_not_fit_is_told_before(tmp_path, text, words, language, told):
    studio = Studio(Settings(workspace=tmp_path, model="F5TTS_v1_Base"))
    notes = studio.estimate(CloneRequest(CLIP, text, words, language)).notes
    assert len(notes) == len(told)
    for note, beginning in zip(notes, told, strict=True):
        assert note.startswith(beginning)


def test_a_check_that_was_never_measured_is_not_counted_in_and_that_is_told(tmp_path):
    measured = {"speaking demo": [1e-5], "loading demo": [2.0], "finishing": [0.1]}
    (tmp_path / "pace.json").write_text(json.dumps(measured))
    request = CloneRequest(CLIP, "We sat and talked until it was dark. " * 10, ENGLISH, "en", model="demo")
    for check, told in (("off", 0), ("on", 1)):
        estimate = Studio(Settings(workspace=tmp_path)).estimate(replace(request, check=check))
        assert estimate.work_seconds > 2
        assert len([note for note in estimate.notes if "comes on top" in note]) == told
    (tmp_path / "pace.json").write_text(json.dumps(measured | {"checking": [2.0]}))
    counted = Studio(Settings(workspace=tmp_path)).estimate(replace(request, check="on"))
    assert counted.work_seconds > 2 + 2 * counted.speech_seconds
    assert counted.notes == ()
