"""Other spellings of a word: few, distinct, and only where letters can be said in several ways."""

import pytest

from engine import respellings
from engine.text.respelling import MOST


@pytest.mark.parametrize(
    ("word", "one"), [("GIF", "jif"), ("Chorus", "korus"), ("Thames", "tames"), ("live", "livay"), ("pizza", "pitsa")]
)
def test_a_word_is_spelled_in_other_ways(word, one):
    ways = respellings(word)
    assert one in ways
    assert len(ways) == len(set(ways)) <= MOST
    assert word.lower() not in ways


@pytest.mark.parametrize("word", ["", "брат", "42", "don't", "<b>", "a" * 10_000 + "!"])
def test_what_is_no_word_of_latin_letters_has_none(word):
    assert respellings(word) == ()
