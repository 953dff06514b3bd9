"""Words said again: by the bundled model, in a take of its own, and what cannot be mended."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf

from engine import BadClip, BadInput, BadParameter, BadText, CloneRequest, Done, RepairRequest, Timed
from engine.audio.patch import FADE

from .conftest import read, take_of

TEXT = "The baker counted his loaves and shook his head. The bell rang twice, and the children ran outside."
FIRST = LAST = 1
"""The baker, who becomes a gardener."""


@pytest.fixture(scope="module")
def made(studio, voice):
    """A take of the bundled model, and its words with their times."""
    clip, words = voice
    request = CloneRequest(clip, TEXT, words, language="en", nfe=16, seed=7, word_times=True)
    events = [*studio.clone(request)]
    return take_of(events), next(event.words for event in events if isinstance(event, Timed))


@pytest.fixture(scope="module")
def asked(made, voice):
    take, words = made
    return RepairRequest(take.file, voice[0], FIRST, LAST, "gardener", tries=2, seed=3, words=words)


@pytest.fixture(scope="module")
def mended(studio, asked):
    """The candidates, the best first, each with its words."""
    events = [*studio.repair(asked)]
    takes = [event.take for event in events if isinstance(event, Done)]
    return [*zip(takes, [event.words for event in events if isinstance(event, Timed)], strict=True)]


def pcm(file):
    return sf.read(file, dtype="int16")[0]


def test_all_but_the_words_stays_as_it_is_to_the_bit(made, mended):
    take, words = made
    before, slip = pcm(take.file), 0.12
    for candidate, _ in mended:
        after = pcm(candidate.file)
        start = int((words[FIRST].start - slip) * 24_000) - FADE
        end = int((words[LAST].end + slip) * 24_000) + FADE
        assert (after[:start] == before[:start]).all()
        assert (after[end - len(before) :] == before[end:]).all()
        assert (after[start : start + 8000] != before[start : start + 8000]).any()
    assert len({pcm(candidate.file).tobytes() for candidate, _ in mended}) == len(mended)


def test_the_new_words_are_heard_and_the_times_of_those_after_them_move_along(made, mended, listen):
    take, words = made
    candidate, told = mended[0]
    assert "gardener" in listen(candidate.file).text.lower()
    longer = candidate.seconds - take.seconds
    assert 0 < longer < 0.5  # eight letters for five
    assert [word.text for word in told] == [word.text for word in words]
    assert told[:FIRST] == words[:FIRST]
    assert [word.start for word in told[2:]] == pytest.approx([word.start + longer for word in words[2:]], abs=1e-3)
    assert np.abs(read(candidate.file)).max() < 1


def test_the_file_tells_what_was_said_again(studio, made, mended):
    candidate, _ = mended[0]
    told = studio.restore(candidate.file)
    assert told.mended == candidate.mended == ("“baker”, said as “gardener”",)
    assert told.request == made[0].request
    assert candidate.notes == ("Said again: “baker”, said as “gardener”.",)


def test_what_cannot_be_mended_is_told_before_anything_is_made(studio, asked, human, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    for wrong, error in (
        ({"first": -1}, BadParameter),
        ({"first": 2, "last": 1}, BadParameter),
        ({"first": float("nan")}, BadParameter),
        ({"tries": 9}, BadParameter),
        ({"seed": 2**32}, BadParameter),
        ({"say": None}, BadParameter),
        ({"say": "a" * 201}, BadText),
        ({"say": "…"}, BadText),
        ({"clip": None}, BadClip),
        ({"file": tmp_path / "text.wav"}, BadInput),
        ({"file": human[0]}, BadInput),
    ):
        with pytest.raises(error):
            studio.repair(replace(asked, **wrong))
    with pytest.raises(BadClip, match="not the clip"):
        [*studio.repair(replace(asked, clip=human[0]))]
    with pytest.raises(BadParameter, match="19 words"):
        [*studio.repair(replace(asked, last=19))]
