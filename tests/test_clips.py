"""Noise is taken out of a clip where its words stay, as the real Whisper hears them; where they would go it is refused."""

import pytest
import soundfile

from engine import BadClip, Cures
from engine.audio import decode
from engine.types import RATE
from engine.voice.compare import changed

from .voice import built

CLEAN = Cures(denoise=True)


@pytest.fixture
def noisy(tmp_path):
    """Writes two example voices in a noise of this kind, so many dB over it; the file, and the speech alone."""

    def write(kind, ratio):
        speech = built.example("tomas", "ines")
        noise = built.noise(kind, len(speech), built.seed_of(f"tomas and ines{kind}{ratio}"))
        soundfile.write(file := tmp_path / "noisy.wav", built.add(speech, noise, ratio), RATE, "FLOAT")
        return file, speech

    return write


def test_a_fan_is_taken_out_and_every_word_stays(studio, noisy, tmp_path):
    file, speech = noisy("fan", 10)
    studio.clips.cure(file, CLEAN, out := tmp_path / "out.flac")
    before, after = (decode(sound, most_bytes=10_000_000, most_seconds=60.0) for sound in (file, out))
    assert built.over_noise(after, speech) - built.over_noise(before, speech) >= 6, "dB"


def test_noise_that_covers_words_stays_and_the_words_are_named(studio, noisy, tmp_path):
    file, _ = noisy("babble", 5)
    with pytest.raises(
        BadClip, match=r"^Words would go with the noise: without it (“[\w']+”, )+“[\w']+”( and more)? would"
    ):
        studio.clips.cure(file, CLEAN, tmp_path / "out.flac")
    assert not (tmp_path / "out.flac").exists()
    studio.clips.cure(file, Cures(level=True), tmp_path / "out.flac")


def test_where_nobody_listens_noise_is_taken_out_unheard(make_studio, noisy, tmp_path):
    studio = make_studio(settings={"whisper": "none"})
    studio.clips.cure(noisy("babble", 5)[0], CLEAN, tmp_path / "out.flac")
    assert (tmp_path / "out.flac").exists()


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("We kept the ladder by the door.", []),
        ("We kept a ladder by the door.", ["the"]),
        ("We kept a letter by the door.", ["the", "ladder"]),
        ("We kept the ladder by the big door.", ["big"]),
        ("", ["We", "kept", "the", "ladder", "by", "the", "door."]),
    ],
)
def test_one_word_that_is_heard_otherwise_is_enough(after, words):
    assert changed("We kept the ladder by the door.", after) == words
