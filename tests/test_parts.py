"""The parts of a take as values: laid anew in any order, one put in another's place, words said again within them."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio import join
from engine.audio.join import FADE, starts
from engine.changes import Place
from engine.parts import (
    Version,
    changed,
    known,
    lay,
    near,
    parts_of,
    places_after,
    put,
    texts,
    with_words,
    words_heard,
    words_laid,
)
from engine.text import subtitles
from engine.text.words import split
from engine.types import RATE, Part, Word

SAID = ("Hello there.", "你好。世界", "“Two words” said he:", "One", "99 cents,\n\n", "the end…")


def noise(length, seed=0):
    return np.random.default_rng(seed).uniform(-0.5, 0.5, length).astype(np.float32)


@st.composite
def versions(draw):
    """A take of some parts, each of some words, with and without pauses between."""
    said = draw(st.lists(st.sampled_from(SAID), min_size=1, max_size=6))
    text = " ".join(said).rstrip()
    parts, words, at = [], [], 0
    for number, piece in enumerate(said):
        at += draw(st.sampled_from([0, 0, 1_000, RATE])) * (number > 0)
        length, spoken = draw(st.integers(2 * FADE, 20_000)), split(piece)
        parts.append(Part(len(spoken), at, at + length))
        each = length / len(spoken) / RATE
        words += [Word(word, at / RATE + n * each, at / RATE + (n + 1) * each) for n, word in enumerate(spoken)]
        at += length
    return Version(noise(at), text, tuple(parts), tuple(words))


@st.composite
def arrangements(draw):
    """A take, and each of its parts once; not all are muted."""
    version = draw(versions())
    pause = st.none() | st.sampled_from([0.0, 0.5, 1_000 / RATE])
    places = [Place(n, draw(st.booleans()), draw(pause)) for n in draw(st.permutations(range(len(version.parts))))]
    return version, [Place(places[0].part, False, places[0].pause), *places[1:]]


def take_of(version):
    return SimpleNamespace(parts=version.parts)


def in_order(edges):
    edges = [*edges]
    return edges == sorted(edges)


@settings(deadline=None, max_examples=80)
@given(arrangements())
def test_every_part_that_is_heard_is_there_once_with_its_words_and_lengths_add_up(case):
    version, places = case
    heard = [place for place in places if not place.muted]
    laid = lay(version, places)
    assert [part.words for part in laid.parts] == [version.parts[place.part].words for place in heard]
    said = texts(version.text, version.parts)
    assert split(laid.text) == [word for place in heard for word in split(said[place.part])]
    assert [word.text for word in laid.words] == split(laid.text)
    assert in_order(edge for part in laid.parts for edge in (part.start, part.end))
    assert in_order(edge for word in laid.words for edge in (word.start, word.end))
    assert (laid.parts[0].start, laid.parts[-1].end) == (0, len(laid.sound))
    gaps = [after.start - part.end for part, after in zip(laid.parts[:-1], laid.parts[1:], strict=True)]
    for place, gap in zip(heard[:-1], gaps, strict=True):
        assert place.pause is None or gap == round(place.pause * RATE)
    lengths = sum(version.parts[place.part].end - version.parts[place.part].start for place in heard)
    assert 0 <= lengths + sum(gaps) - len(laid.sound) <= FADE * len(gaps)
    for place, part in zip(heard, laid.parts, strict=True):
        old = version.sound[version.parts[place.part].start :][: part.end - part.start]
        inner = slice(FADE, -FADE or None)
        assert np.array_equal(laid.sound[part.start : part.end][inner], old[inner])
    assert [version.words[number].text for number in words_heard(take_of(version), places)] == split(laid.text)
    assert words_laid(take_of(version), version.words, places, take_of(laid)) == laid.words
    assert subtitles("vtt", laid.text, laid.words).startswith("WEBVTT")


@settings(deadline=None, max_examples=40)
@given(versions())
def test_laid_as_it_is_a_take_keeps_every_bit(version):
    same = lay(version, [Place(number) for number in range(len(version.parts))])
    assert np.array_equal(same.sound, version.sound)
    assert (same.text, same.parts) == (version.text, version.parts)
    assert [word.end for word in same.words] == pytest.approx([word.end for word in version.words])


@settings(deadline=None, max_examples=40)
@given(versions(), st.integers(0, 5), st.integers(2 * FADE, 30_000))
def test_another_sound_of_a_part_leaves_the_others_as_they_are(version, number, length):
    number %= len(version.parts)
    part, new = version.parts[number], noise(length, 1)
    count = part.words
    said = [Word(str(n), n * length / count / RATE, (n + 1) * length / count / RATE) for n in range(count)]
    made = put(version, number, new, said)
    before, after = max(part.start - FADE, 0), max(len(version.sound) - part.end - FADE, 0)
    assert np.array_equal(made.sound[:before], version.sound[:before])
    assert np.array_equal(made.sound[len(made.sound) - after :], version.sound[len(version.sound) - after :])
    assert len(made.words) == len(version.words)
    assert [p.words for p in made.parts] == [p.words for p in version.parts]
    assert in_order(edge for p in made.parts for edge in (p.start, p.end))
    assert in_order(edge for word in made.words for edge in (word.start, word.end))
    assert made.parts[-1].end == len(made.sound)


def test_words_said_again_move_the_parts_after_them_and_join_those_they_share():
    parts = Part(3, 0, 1_000), Part(2, 1_000, 2_000), Part(4, 2_500, 4_000)
    assert changed(parts, 1, 1, 2, (300, 500), 50) == (Part(5, 0, 1_050), Part(2, 1_050, 2_050), Part(4, 2_550, 4_050))
    assert changed(parts, 2, 3, 0, (900, 1_500), -50) == (Part(5, 0, 1_950), Part(4, 2_450, 3_950))
    assert changed(parts, 3, 3, 0, (980, 1_500), 0) == (Part(3, 0, 980), Part(2, 980, 2_000), parts[2])


@settings(deadline=None, max_examples=40)
@given(versions(), st.data())
def test_the_parts_near_some_words_have_their_times_as_heard_and_the_others_share_their_parts(version, data):
    said_in = [number for number, part in enumerate(version.parts) for _ in range(part.words)]
    count = len(said_in)
    first = data.draw(st.integers(0, count - 1))
    last = data.draw(st.integers(first, count - 1))
    a, b = near(version, first, last, 0.3)
    low, high = version.parts[said_in[first]], version.parts[said_in[last]]
    for number, part in enumerate(version.parts):
        reached = part.end > low.start - 0.3 * RATE and part.start < high.end + 0.3 * RATE
        assert reached == (a <= number <= b)
    before, past = said_in.index(a), count - said_in[::-1].index(b)
    later = version.parts[a].start / RATE
    heard = [Word(w.text, w.start - later, w.end - later, 0.7) for w in version.words[before:past]]
    told = with_words(version, a, b, heard).words
    assert [word.text for word in told] == split(version.text)
    assert [word.start for word in told[before:past]] == pytest.approx([w.start for w in version.words[before:past]])
    assert [word.probability for word in told] == [0.0] * before + [0.7] * (past - before) + [0.0] * (count - past)
    assert in_order(round(edge, 9) for word in told for edge in (word.start, word.end))


def test_parts_that_words_said_again_made_one_lie_where_they_lay_with_the_pause_after_the_last():
    take = SimpleNamespace(
        parts=(Part(3, 0, 1_000), Part(2, 1_000, 2_000), Part(4, 2_500, 4_000), Part(1, 4_000, 5_000))
    )
    places = Place(3, muted=True), Place(1, pause=1.0), Place(2, pause=2.0), Place(0)
    assert places_after(take, places, 5, 5) == places
    assert places_after(take, places, 4, 5) == (Place(2, muted=True), Place(1, pause=2.0), Place(0))


def test_parts_are_counted_in_the_words_that_were_written_and_cut_where_it_is_quietest():
    chunks = ["It costs twenty five dollars, and", "a dog costs one thousand two hundred.", "That is all."]
    sound = noise(30_000)
    sound[10_900:11_200] = 0
    begins, ends = [0, 9_000, 21_000], [12_000, 20_000, 30_000]
    parts = parts_of(sound, "It costs $25, and a dog costs 1,200. That is all.", "en", chunks, begins, ends)
    assert [part.words for part in parts] == [4, 4, 3]
    assert 10_800 <= parts[0].end == parts[1].start <= 11_300
    assert parts[1:] == (Part(4, parts[0].end, 20_000), Part(3, 21_000, 30_000))


@pytest.mark.parametrize(("text", "chunks"), [("longword", ["long", "word"]), ("9" * 61, ["many", "digits"])])
def test_what_has_no_word_of_its_own_is_no_part(text, chunks):
    assert parts_of(noise(2_000), text, "en", chunks, [0, 1_000], [1_000, 2_000]) == (Part(1, 0, 2_000),)


def test_a_take_that_tells_no_parts_or_those_of_another_is_one():
    assert known((), "Two words", 5_000) == (Part(2, 0, 5_000),)
    assert known((Part(1, 0, 900), Part(1, 900, 9_000)), "Two words", 5_000) == (Part(2, 0, 5_000),)
    assert known((Part(1, 0, 900), Part(1, 900, 5_050)), "Two words", 5_000)[1] == Part(1, 900, 5_000)
    assert known((Part(1, 0, 900), Part(1, 5_020, 5_500)), "Two words", 5_000) == (Part(2, 0, 5_000),)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=5), st.sampled_from([0.0, 0.15]), st.data())
def test_where_parts_begin_is_where_they_are_joined(lengths, cross_fade, data):
    pauses = [data.draw(st.sampled_from([0.0, 0.3])) for _ in lengths[1:]]
    begun = starts(lengths, cross_fade, pauses)
    assert begun[-1] + lengths[-1] == len(join([noise(length) for length in lengths], cross_fade, pauses))
