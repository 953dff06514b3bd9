"""A clip and its words stay together through trimming and cutting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ended import ended
from engine.errors import BadClip, BadText, HearingUnavailable
from engine.types import RATE, Reference, Stage, Transcript, Word
from engine.voice import prepare, timed

SAYING = "one two three four. five six seven eight, nine ten eleven twelve. thirteen fourteen fifteen sixteen".split()


def word_sound(seconds, level=0.3):
    """A stretch of noise, loud where a word would be."""
    return (np.random.default_rng(5).normal(0, level, round(seconds * RATE))).clip(-1, 1).astype(np.float32)


def spoken(words=SAYING, each=0.7, gap=0.3, level=0.3):
    """Sound of as many words, `each` seconds long with `gap` between, and the words with their true times."""
    parts, timed, at = [], [], 0.0
    for text in words:
        parts += [word_sound(each, level), np.zeros(round(gap * RATE), np.float32)]
        timed.append(Word(text, at, at + each))
        at += each + gap
    return np.concatenate(parts[:-1]), tuple(timed)


def hearing(words, language="en"):
    """Something that hears just these words, as far as the sound it is given reaches; and the sounds it was given."""
    given = []

    def hear(samples):
        given.append(samples)
        inside = tuple(word for word in words if word.end <= len(samples) / RATE + 0.05)
        return Transcript(" ".join(word.text for word in inside), language, inside)
        yield

    return hear, given


def deaf(samples):
    raise HearingUnavailable("Transcribing is not set up here; type what is said in the clip.")
    yield


def made(*args):
    """The events of preparing, and the reference."""
    events, reference = ended(prepare(*args))
    assert isinstance(reference, Reference)
    return events, reference


def test_a_short_clip_with_typed_words_is_not_heard():
    sound, _ = spoken(SAYING[:6])
    events, reference = made(sound, "h", "One two three four", "en", deaf, 12.0)
    assert events == []
    assert reference.text == "One two three four. "
    assert reference.seconds == pytest.approx(len(sound) / RATE + 0.05, abs=0.12)
    assert not reference.samples[-int(0.04 * RATE) :].any()
    assert reference.hash == "h"
    assert reference.notes == ()


def test_blank_words_are_heard():
    sound, words = spoken(SAYING[:4])
    hear, given = hearing(words, "de")
    events, reference = made(sound, "h", "  ", "", hear, 12.0)
    assert events == [Stage("transcribing")]
    assert len(given) == 1
    assert reference.text == "one two three four. "
    assert reference.language == "de"


@pytest.mark.parametrize("typed", ["", " ".join(SAYING), "1, " + " ".join(SAYING[1:]) + " and more that nobody said"])
def test_a_long_clip_is_cut_in_a_silence_and_its_words_with_it(typed):
    sound, words = spoken()
    assert len(sound) / RATE > 12
    hear, _ = hearing(words)
    _, reference = made(sound, "h", typed, "en", hear, 12.0)
    kept = reference.text.split()
    assert 6.0 <= reference.seconds <= 12.1
    # cut after the sentence that ends at "twelve."
    assert kept[-1] == "twelve."
    assert len(kept) == 12
    assert reference.seconds == pytest.approx(words[11].end, abs=0.2)
    assert "12" not in reference.text
    assert "used" in reference.notes[0]


def test_no_word_outside_the_cut_is_left_at_any_length():
    sound, words = spoken()
    for longest in (2.7, 4.0, 7.5, 11.0):
        hear, _ = hearing(words)
        _, reference = made(sound, "h", "", "en", hear, longest)
        count = len(reference.text.split())
        assert words[count - 1].end <= reference.seconds + 0.05 <= longest + 0.15
        assert reference.seconds <= words[count].start + 0.1


def test_words_without_a_gap_are_cut_between_them():
    sound, words = spoken(each=0.5, gap=0.0, words=SAYING * 2)
    hear, _ = hearing(words)
    _, reference = made(sound, "h", "", "en", hear, 5.0)
    assert len(reference.text.split()) in (9, 10)
    assert reference.seconds <= 5.1


def test_a_long_clip_with_typed_words_that_cannot_be_timed_is_refused_with_the_cure():
    sound, _ = spoken()
    with pytest.raises(BadClip, match=r"15\.\d s long.*not set up here.*cut it shorter yourself"):
        made(sound, "h", "typed words", "en", deaf, 12.0)


def test_a_blank_text_that_cannot_be_heard_asks_for_the_text():
    sound, _ = spoken(SAYING[:3])
    with pytest.raises(HearingUnavailable, match="type what is said"):
        made(sound, "h", "", "en", deaf, 12.0)


def test_a_silent_clip_and_words_without_letters_are_refused():
    with pytest.raises(BadClip, match="silent"):
        made(np.zeros(RATE, np.float32), "h", "words", "en", deaf, 12.0)
    sound, _ = spoken(SAYING[:3])
    with pytest.raises(BadText, match="words in the clip"):
        made(sound, "h", "♪ ♪ !!", "en", deaf, 12.0)


def test_a_quiet_clip_is_raised_and_a_loud_one_left():
    quiet, _ = spoken(SAYING[:4], level=0.02)
    _, reference = made(quiet, "h", "one two", "en", deaf, 12.0)
    assert np.sqrt((reference.samples**2).mean()) == pytest.approx(0.1, rel=0.1)
    loud, _ = spoken(SAYING[:4], level=0.3)
    _, reference = made(loud, "h", "one two", "en", deaf, 12.0)
    assert np.abs(reference.samples).max() <= 1.0
    assert np.abs(reference.samples[:RATE]).mean() == pytest.approx(np.abs(loud[:RATE]).mean(), rel=0.05)


def test_chinese_words_are_cut_by_the_character():
    characters = "今天天气很好我们一起去公园散步然后回家吃饭看书"
    sound, words = spoken(list(characters), each=0.5, gap=0.1)
    hear, _ = hearing(words, "zh")
    for typed in ("", characters):
        _, reference = made(sound, "h", typed, "zh", hear, 12.0)
        assert characters.startswith(reference.text.strip(" 。."))
        assert 10 <= len(reference.text.strip(" .。")) <= 20


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12))
def test_every_typed_word_is_kept_in_order_of_time(typed, heard):
    words = timed(" ".join(typed), [Word(text, i * 1.0, i + 0.8) for i, text in enumerate(heard)])
    texts = iter([word.text for word in words])
    assert all(word in texts for word in typed), "a typed word is missing or out of its order"
    assert len(words) <= len(typed) + len(heard)
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)


def test_equal_words_have_their_times_and_the_others_share_what_is_between():
    heard = [Word("hello", 0.0, 0.5), Word("wild", 0.6, 1.0), Word("world", 1.1, 1.5)]
    words = timed("Hello, wide World!", heard)
    assert [(w.text, w.start, w.end) for w in words] == [("Hello,", 0.0, 0.5), ("wide", 0.6, 1.0), ("World!", 1.1, 1.5)]
    assert timed("world again", heard)[-1].start == float("inf")
    name = [Word(text, i, i + 0.8) for i, text in enumerate(["said", "sure", "von", "to", "twenty", "five"])]
    assert [(w.text, w.start, w.end) for w in timed("said Siobhan to 25", name)] == [
        ("said", 0, 0.8), ("Siobhan", 1, 2.8), ("to", 3, 3.8), ("25", 4, 5.8),
    ]  # fmt: skip


def test_words_heard_and_not_typed_are_not_left_without_their_sound():
    heard = [Word(text, i, i + 0.8) for i, text in enumerate(["oh", "hello", "wild", "world", "bye", "now"])]
    assert [word.text for word in timed("Hello world!", heard)] == ["oh", "Hello", "wild", "world!", "", ""]
    sound, words = spoken()
    hear, _ = hearing(words)
    _, reference = made(sound, "h", " ".join(SAYING[:8]), "en", hear, 12.0)
    assert reference.text.split() == [*SAYING[:7], "eight."]
    assert reference.seconds < words[8].start + 0.1


def test_more_words_than_a_clip_can_hold_are_refused():
    sound, _ = spoken(SAYING[:3])
    with pytest.raises(BadText, match="cannot hold so many words"):
        made(sound, "h", "word " * 100, "en", deaf, 12.0)
