"""What is known before the click, without a model: a language that does not fit is told."""

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
