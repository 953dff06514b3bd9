"""Parts meet without a click, and pauses are as long as asked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio import decode, join, trim
from engine.audio.join import FADE, Joiner
from engine.types import RATE

from .sounds import ENGLISH, LIMITS, voiced


@st.composite
def joins(draw):
    parts = draw(
        st.lists(
            st.tuples(st.floats(0.05, 1), st.integers(0, 50), st.sampled_from([0.05, 0.1, 0.2])), min_size=1, max_size=5
        )
    )
    pauses = draw(st.lists(st.sampled_from([0, 0, 0.1, 0.4, 1.5]), min_size=len(parts) - 1, max_size=len(parts) - 1))
    return [voiced(*part) for part in parts], draw(st.sampled_from([0, 0.001, 0.05, 0.15, 1])), pauses


@settings(max_examples=60)
@given(joins())
def test_length_peak_and_pauses(case):
    parts, cross_fade, pauses = case
    sound = join(parts, cross_fade, pauses)
    expected = sum(map(len, parts))
    for before, after, pause in zip(parts[:-1], parts[1:], pauses, strict=True):
        overlap = min(max(round(cross_fade * RATE), FADE), len(before) // 2, len(after) // 2)
        expected += round(pause * RATE) if pause else -overlap
    assert len(sound) == expected
    assert sound.dtype == np.float32
    assert np.abs(sound).max() <= max(np.abs(part).max() for part in parts) * 1.0001
    for pause in pauses:
        if pause:
            zeros = np.flatnonzero(np.diff(np.concatenate([[0], sound == 0, [0]]).astype(int)))
            assert max(np.diff(zeros)[::2]) >= round(min(p for p in pauses if p) * RATE)


@settings(max_examples=60)
@given(joins())
def test_no_step_at_a_join_is_above_those_inside_the_parts(case):
    parts, cross_fade, pauses = case
    limit = max(np.abs(np.diff(part)).max() for part in parts)
    assert np.abs(np.diff(join(parts, cross_fade, pauses))).max() <= limit * 1.0001


def steps_at_joins(parts, cross_fade, pauses):
    """The largest step within 20 ms of where two parts meet."""
    sound, at, largest = join(parts, cross_fade, pauses), 0, 0.0
    for part, pause in zip(parts[:-1], pauses, strict=True):
        at += len(part)
        for place in (at, at + round(pause * RATE)):
            around = sound[max(place - FADE * 2, 0) : place + FADE * 2]
            largest = max(largest, np.abs(np.diff(around)).max(initial=0))
        at += round(pause * RATE) if pause else -min(max(round(cross_fade * RATE), FADE), len(part) // 2)
    return largest


@pytest.mark.parametrize("cross_fade", [0, 0.15])
@pytest.mark.parametrize("pause", [0, 0.4])
def test_a_persons_sentences_joined(cross_fade, pause):
    """As chunks are: each with its edges, none cut in a sibilant."""
    clip = decode(ENGLISH, **LIMITS)
    parts = [trim(clip[: round(2.5 * RATE)]), trim(clip[round(2.5 * RATE) :])] * 3
    inside = np.percentile(np.concatenate([np.abs(np.diff(part)) for part in parts]), 99.9)
    assert steps_at_joins(parts, cross_fade, [pause] * 5) <= inside


@pytest.mark.parametrize("cross_fade", [0, 0.15])
def test_vowels_cut_in_the_middle(cross_fade):
    """A plain append of the same would click: the step it makes is above the limit."""
    random = np.random.default_rng(3)
    worst = 0.0
    for seed in range(20):
        parts = [voiced(random.uniform(0.5, 1), seed), voiced(random.uniform(0.5, 1), seed + 100)]
        inside = np.percentile(np.concatenate([np.abs(np.diff(part)) for part in parts]), 99.9)
        sound = join(parts, cross_fade, [0])
        overlap = max(round(cross_fade * RATE), FADE)
        seam = sound[len(parts[0]) - overlap : len(parts[0])]
        assert np.abs(np.diff(seam[overlap // 2 - 60 : overlap // 2 + 60])).max() <= inside
        worst = max(worst, abs(parts[0][-1] - parts[1][0]) / inside)
    assert worst > 1


def test_like_sounds_pass_unchanged():
    sound = voiced(2)
    assert np.allclose(join([sound[: RATE + 3600], sound[RATE:]], 0.15, [0]), sound, atol=1e-6)


def test_one_part_and_none():
    part = voiced(0.3)
    assert np.array_equal(join([part], 0.15, []), part)
    assert len(join([], 0.15, [])) == 0


def test_parts_shorter_than_any_fade():
    parts = [np.full(n, 0.1, np.float32) for n in (0, 1, 2, 3)]
    assert np.isfinite(join(parts, 0.5, [0, 0.01, 0])).all()


def test_a_pause_too_few_is_a_mistake():
    with pytest.raises(ValueError, match="zip"):
        join([voiced(0.1)] * 3, 0.1, [0])


def test_a_book_is_joined_in_linear_time():
    assert len(join([voiced(0.2)] * 3000, 0.05, [0] * 2999)) > 3000 * 0.14 * RATE


def test_what_is_told_early_is_the_joined_sound_but_for_the_overlap():
    parts, pauses = [voiced(0.5, n) for n in range(4)], [0.0, 0.3, 0.0]
    whole, joiner, told = join(parts, 0.15, pauses), Joiner(0.15), []
    for number, (part, pause) in enumerate(zip(parts, [*pauses, None], strict=True)):
        told.append(joiner.add(part, pause))
        early = np.concatenate(told)
        assert np.array_equal(early, whole[: len(early)])
        ready = len(join(parts[: number + 1], 0.15, pauses[:number])) + round(RATE * (pause or 0))
        assert len(early) == ready - (round(0.15 * RATE) if pause == 0 else 0)
