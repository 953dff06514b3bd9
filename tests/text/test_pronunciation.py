"""Words to phones, phones to frames: with small tables of the test's own, and with the bundled ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.studio import ASSETS
from engine.text import Pronunciation, missing_letters, read_pronunciation

from ..known import pronunciation

OWN = Pronunciation({"hi": "haɪ", "cafe": "kæfeɪ", "dog": "dɑɡ"}, {"h": 0.5, "aɪ": 2.0, "haɪ": 3.0, " ": 1.0})


@pytest.fixture(scope="module")
def bundled():
    return pronunciation(ASSETS)


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("Hi.", " haɪ. "),
        ("HI, café!", " haɪ, kæfeɪ! "),
        ("The dog's hi-hi", " THE dɑɡz haɪ haɪ "),
        ("“Hi” — hi…", " haɪ, haɪ. "),
        ("hi (dog) hi", " haɪ, dɑɡ, haɪ "),
        ("o'zxq", " OZXQ "),
        ("", "  "),
    ],
)
def test_words_are_looked_up_or_spelled_and_marks_become_pauses(text, phones):
    assert OWN.phones(text) == phones


def test_a_phone_is_as_long_as_between_these_neighbours_else_before_the_next_else_alone():
    assert OWN.length("ha") == pytest.approx(0.5 + 1.0)
    assert OWN.length("aɪ") == pytest.approx(2.0 + 1.0)
    assert OWN.length("haɪ") == pytest.approx(0.5 + 3.0 + 1.0)


@given(st.text(max_size=40), st.integers(1, 500))
def test_every_frame_has_a_phone_and_they_keep_their_order(text, frames):
    phones = OWN.phones(text)
    laid = OWN.spread(phones, frames)
    assert len(laid) == frames
    left = iter(phones)
    assert all(any(phone == one for one in left) for i, phone in enumerate(laid) if not i or laid[i - 1] != phone)


def test_the_bundled_lexicon_says_plain_english_in_the_models_own_phones(bundled):
    vocabulary = (ASSETS / "demo/vocab.txt").read_text(encoding="utf-8").splitlines()
    said = bundled.phones("The colonel's queue, though rough, is a thorough bough; isn't it?")
    assert not missing_letters(said, vocabulary)
    assert not any(letter.isupper() for letter in said)
    assert "kˈɜːnəlz" in said
    assert all(not missing_letters(phones, vocabulary) for phones in bundled.lexicon.values())


def test_a_letter_that_nobody_can_say_is_named(bundled):
    vocabulary = (ASSETS / "demo/vocab.txt").read_text(encoding="utf-8").splitlines()
    assert missing_letters(bundled.phones("Hello 世."), vocabulary) == ("世",)


def test_a_line_that_is_no_pair_is_refused(tmp_path):
    file = tmp_path / "lexicon.txt"
    file.write_text("hello\n")
    with pytest.raises(ValueError, match="unpack"):
        read_pronunciation(file, file, file)
