"""The assets as the page needs them."""

import json

import soundfile


def test_each_voice_has_a_clip_its_words_and_a_mark(gallery):
    assert len({voice.id for voice in gallery.voices}) == len(gallery.voices) >= 3
    for voice in gallery.voices:
        assert 2 < soundfile.info(str(voice.clip)).duration <= 12
        assert len(voice.text.split()) > 3
        assert len(voice.mark) == 10
        assert all(0 <= width <= 1 for width in voice.mark)


def test_the_example_is_the_take_it_says(gallery):
    made = json.loads((gallery.folder / "example/take.json").read_text())
    take = gallery.example
    assert abs(soundfile.info(str(take.file)).duration - take.seconds) < 0.05
    assert abs(take.real_time_factor - made["real_time_factor"]) < 1e-6
    assert gallery.example_voice.id == made["voice"]
    assert take.picture.read_bytes().startswith(b"\x89PNG")


def test_an_unknown_voice_is_none(gallery):
    for id in ("own", "", None, 7, "../ines"):
        assert gallery.find(id) is None
