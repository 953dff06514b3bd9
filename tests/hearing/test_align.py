"""Each word asked for is found where it was said, and what was said beside them is told as what it is."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.hearing import align
from engine.text.words import split
from engine.types import Word

TEXTS = st.lists(st.sampled_from("the cat 25 twenty-five colour can not cannot Dr. — $5 今天 好。 é 🎵".split()), max_size=12)  # fmt: skip


def heard(text, each=0.5):
    """The words of a text, each half a second."""
    return [Word(word, each * n, each * (n + 1), 0.9) for n, word in enumerate(text.split())]


def kinds(asked, said, language="en"):
    found = align(asked, heard(said), language)
    wrong = [(word.word.text, word.kind, word.heard) for word in found.asked if word.kind != "same"]
    return wrong, [(extra.word.text, extra.before, extra.repeated) for extra in found.extras]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Hello, world!", "hello world"),
        ("It cost $5 million — twenty-five times.", "It cost five million dollars 25 times"),
        ("The colour grey cannot be.", "the color gray can not be"),
        ("", ""),
    ],
)
def test_what_is_only_written_otherwise_was_said(asked, said):
    assert kinds(asked, said) == ([], [])


def test_missing_changed_added_and_repeated_words_are_told():
    assert kinds("The kettle is on the old shelf.", "The kettle kettle is on the shelf now") == (
        [("old", "missing", "")],
        [("kettle", 2, True), ("now", 7, False)],
    )
    assert kinds("The harbour is cold.", "mother nature. The garden is cold") == (
        [("harbour", "changed", "garden")],
        [("mother", 0, False), ("nature.", 0, False)],
    )
    assert kinds("One two three.", "one two one two three")[1] == [("one", 2, True), ("two", 2, True)]


@pytest.mark.parametrize("pair", ["their there", "Leeds leads", "write right", "sea see", "hi high", "Priya preya"])
def test_a_slip_of_the_recogniser_is_alike(pair):
    asked, said = pair.split()
    assert kinds(asked, said)[0] == [(asked, "alike", said)]


@pytest.mark.parametrize("pair", ["harbour garden", "cat dog", "by table", "今 天"])
def test_a_word_of_another_sound_is_not(pair):
    asked, said = pair.split()
    assert [kind for _, kind, _ in kinds(asked, said)[0]] == ["changed"]


def test_times_are_those_heard_and_what_was_not_heard_lies_between():
    words = align("One two — three $5 four.", heard("one three five dollars four")).asked
    assert [w.word.text for w in words] == ["One", "two", "—", "three", "$5", "four."]
    assert [(w.word.start, w.word.end) for w in words] == [(0, 0.5), (0.5, 0.5), (0.5, 0.5), (0.5, 1), (1, 2), (2, 2.5)]
    assert [w.word.probability for w in words] == [0.9, 0, 1, 0.9, 0.9, 0.9]


def test_a_script_without_spaces_is_taken_by_the_character():
    found = align("今天很好。", [Word("今天", 0, 1), Word("真好", 1, 2)], "zh").asked
    assert [(w.word.text, w.kind) for w in found] == [
        ("今", "same"),
        ("天", "same"),
        ("很", "changed"),
        ("好。", "same"),
    ]
    assert [w.word.start for w in found] == [0, 0.5, 1, 1.5]


@settings(max_examples=50)
@given(TEXTS, TEXTS)
def test_every_word_stands_once_and_times_never_go_backwards(ours, theirs):
    found = align(" ".join(ours), heard(" ".join(theirs)))
    assert [asked.word.text for asked in found.asked] == split(" ".join(ours))
    times = [time for asked in found.asked for time in (asked.word.start, asked.word.end)]
    assert times == sorted(times)
    assert all(0 <= extra.before <= len(found.asked) for extra in found.extras)


def test_time_grows_with_the_words_alone():
    words = ["".join("bdfghkmnst"[int(digit)] + "a" for digit in str(n * n % 3001)) for n in range(5_000)]
    said = [word if n % 20 else "other" for n, word in enumerate(words) if n % 90]
    begin = time.process_time()
    found = align(" ".join(words), heard(" ".join(said)))
    assert time.process_time() - begin < 5
    assert sum(asked.kind == "same" for asked in found.asked) == sum(word != "other" for word in said)
