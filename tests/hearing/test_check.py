"""Every way in which a piece of speech can go wrong is found, told in a clause, and weighed."""

from dataclasses import replace

import pytest

from engine.hearing import check
from engine.types import Word

ASKED = "The old harbour is very cold today."
REFERENCE = "Some call me nature, others call me mother nature. "


def found(said, seconds=3.5, asked=ASKED, each=0.5):
    words = [Word(word, each * n, each * (n + 1)) for n, word in enumerate(said.split())]
    return check(asked, words, REFERENCE, seconds)


@pytest.mark.parametrize("said", ["the old harbor is very cold today", "The old harbour is very cold, to day."])
def test_what_is_right_passes_without_fault(said):
    assert found(said).passes
    assert found(said).fault == 0
    assert found(said).reason == ""


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("the old is very cold today", "“harbour” was missing"),
        ("the old garden is very cold today", "“harbour” was heard as “garden”"),
        ("the gold garden is very cold today", "“old” was heard as “gold”, and 1 more as others"),
        ("the old old harbour is very cold today", "“old” was said twice"),
        ("the old harbour is really very cold today", "“really” was added"),
        ("mother nature the old harbour is very cold today", "“mother”, “nature” of the clip was heard first"),
        ("", "“the”, “old”, “harbour” and more was missing"),
    ],
)
def test_what_is_wrong_is_told(said, reason):
    assert found(said).reason == reason
    assert not found(said).passes
    assert found(said).fault >= 1


def test_words_crammed_together_or_drawn_out_fail():
    said = "the old harbour is very cold today"
    assert found(said, each=0.1).reason == "it was far too fast"
    assert not found(said, each=0.1).passes
    assert found("yes", asked="Yes.", each=0.1).passes, "one word has no pace"


def test_faults_are_ranked_words_first():
    swallowed_first = found("old harbour is very cold today")
    lost = found("the old is very cold today")
    twice = found("the old is very today")
    slip = found("the old harbour is very cold to-day and", asked="The old harbour is very cold today, Anne.")
    assert not swallowed_first.first
    assert twice.fault > swallowed_first.fault > lost.fault > 0
    right = found("the old harbour is very cold today")
    assert lost.fault > replace(right, likeness=0.6).fault > replace(right, likeness=0.8).fault > right.fault
    assert slip.fault > right.fault
