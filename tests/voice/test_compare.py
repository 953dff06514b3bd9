"""What was typed and what was heard, word by word: only real differences count, and each can be chosen."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.findings import Difference
from engine.voice import agreement, compare, merge

WORDS = st.lists(
    st.sampled_from("the cat 25 twenty-five colour can not cannot Dr. — $5 今 天。 é 🎵".split()), max_size=12
)


def kinds(*args):
    return [(word.kind, word.typed, word.heard) for word in compare(*args) if word.kind != "same"]


@pytest.mark.parametrize(
    ("typed", "heard", "language"),
    [
        ("Hello, world!", "hello world", "en"),
        ("I have 25 dogs", "I have twenty-five dogs", "en"),
        ("I have twenty five dogs", "I have 25 dogs", "en"),
        ("It cost $5 million.", "It cost five million dollars.", "en"),
        ("1,250 people", "one thousand two hundred fifty people", "en"),
        ("on May 5, 2020", "on May 5th, 2020", "en"),
        ("Dr. Smith cannot come every day", "Doctor Smith can not come everyday", "en"),
        ("The colour grey, travelling and realising", "The color gray, traveling and realizing", "en"),
        ("It's the centre", "Its the center", "en"),
        ("今天是25号，天气很好。", "今天是二十五号天气很好", "zh"),
        ("Ich habe 25 Hunde", "ich habe fünfundzwanzig hunde", "de"),
        ("", "", "en"),
    ],
)
def test_what_is_only_written_otherwise_is_the_same(typed, heard, language):
    assert kinds(typed, heard, language) == []
    assert agreement(compare(typed, heard, language)) == 1.0


@pytest.mark.parametrize(
    "pair",
    ["men man", "filling filing", "flour floor", "hour whore", "rise rize", "our or", "cat cats", "25 26", "a b"],
)
def test_words_of_another_sound_are_not_the_same(pair):
    typed, heard = pair.split()
    assert [kind for kind, *_ in kinds(typed, heard, "en")] == ["changed"]


def test_each_difference_stands_where_it_is():
    assert compare("Call me nature now.", "You call me Major") == (
        Difference("added", "", "You"),
        Difference("same", "Call", "call"),
        Difference("same", "me", "me"),
        Difference("changed", "nature", "Major"),
        Difference("missing", "now.", ""),
    )


def test_what_is_alike_is_paired():
    assert kinds("the big cat sat", "the cats sat") == [("missing", "big", ""), ("changed", "cat", "cats")]
    assert kinds("天气很好", "天气真好", "zh") == [("changed", "很", "真")]


def test_the_person_keeps_takes_or_mends():
    typed = "I saw 25 cats  in Leads, honestly."
    differences = compare(typed, "I saw twenty-five hats in Leeds")
    cats, leads, honestly = (n for n, word in enumerate(differences) if word.kind != "same")
    assert merge(differences, {}) == "I saw 25 cats in Leads, honestly."
    assert merge(differences, {leads: differences[leads].heard}) == "I saw 25 cats in Leeds honestly."
    assert merge(differences, {cats: "bats", leads: "Lyon.", honestly: ""}) == "I saw 25 bats in Lyon."
    assert merge(compare("今天 好", "今天很好", "zh"), {2: "很"}) == "今天很好"


def test_agreement_is_a_share():
    assert agreement(compare("one two three four", "one two three for")) == pytest.approx(0.75)
    assert agreement(compare("one", "seven nine")) == 0.0
    assert agreement(compare("one two", "")) == 0.0


@settings(max_examples=50)
@given(WORDS, WORDS)
def test_no_word_of_either_side_is_lost_or_out_of_order(ours, theirs):
    differences = compare(" ".join(ours), " ".join(theirs))
    assert "".join(word.typed for word in differences).replace(" ", "") == "".join(ours)
    assert "".join(word.heard for word in differences).replace(" ", "") == "".join(theirs)
    assert merge(differences, {}).replace(" ", "") == "".join(ours)


@settings(max_examples=50)
@given(WORDS)
def test_a_text_agrees_with_itself(words):
    assert agreement(compare(" ".join(words), " ".join(words))) == 1.0


@pytest.mark.parametrize("letters", ["ab", "a", "abcdefghijklmnopqrstuvwxyz"])
def test_long_texts_take_no_time_to_speak_of(letters):
    words = [letters[i * i % len(letters)] + letters[i // 7 % len(letters)] for i in range(6_000)]
    begin = time.process_time()
    compare(" ".join(words), " ".join(words[2_000:][::-1]))
    assert time.process_time() - begin < 5
