"""The parts of a take of the bundled model laid anew, and one of them made again; what cannot be done is told."""

from dataclasses import replace

import numpy as np
import pytest

from engine import (
    ArrangeRequest,
    BadClip,
    BadInput,
    BadParameter,
    Cancelled,
    CloneRequest,
    Done,
    Partial,
    Place,
    RemakeRequest,
    RepairRequest,
    Step,
    Timed,
    pieces,
)
from engine.audio.join import FADE
from engine.types import RATE

from .conftest import read, take_of, words_missed

TEXT = (
    "Hello there, my friend. The baker counted 12 loaves and shook his head.\n\n"
    "The bell rang twice, and the children ran outside to play in the garden."
)


@pytest.fixture(scope="module")
def made(studio, voice):
    """A take of three parts, checked, and its words with their times."""
    clip, words = voice
    request = CloneRequest(clip, TEXT, words, language="en", nfe=16, seed=7, word_times=True, check="on")
    events = [*studio.clone(request)]
    return take_of(events), next(event.words for event in events if isinstance(event, Timed))


@pytest.fixture(scope="module")
def remade(studio, made, voice):
    """All that happened when the second part was made again."""
    take, words = made
    return [*studio.remake(RemakeRequest(take.file, voice[0], 1, seed=3, words=words))]


def test_a_take_knows_its_parts_as_they_were_written(studio, made):
    take, _ = made
    told = pieces(take)
    assert [piece.text for piece in told] == [
        "Hello there, my friend.",
        "The baker counted 12 loaves and shook his head.",
        "The bell rang twice, and the children ran outside to play in the garden.",
    ]
    assert [piece.pause for piece in told] == [0, pytest.approx(take.request.pause, abs=0.01), 0]
    assert (told[0].start, told[-1].end) == (0, pytest.approx(take.seconds))
    assert studio.restore(take.file).parts == take.parts


def in_their_parts(take, words):
    """When each is heard to begin; a part's first word no sooner than the part, before which Whisper may hear it."""
    begun = [part.start / RATE for part in take.parts for _ in range(part.words)]
    return [max(word.start, start) for word, start in zip(words, begun, strict=True)]


def test_parts_are_laid_anew_with_words_and_text_and_the_file_tells(studio, made, listen):
    take, words = made
    places = Place(2, pause=1.5), Place(0, muted=True), Place(1)
    laid, timed = studio.arrange(ArrangeRequest(take.file, places, words))
    said = " ".join(pieces(take)[number].text for number in (2, 1))
    assert laid.request == replace(take.request, text=said)
    assert [word.text for word in timed.words] == said.split()
    assert words_missed(said, listen(laid.file).text) <= 0.1
    assert laid.mended == studio.restore(laid.file).mended == ("parts laid anew: 3 (then 1.5 s), 2",)
    assert [(piece.text, piece.pause) for piece in pieces(laid)] == [
        (pieces(take)[2].text, 1.5),
        (pieces(take)[1].text, 0),
    ]
    assert (laid.reference_hash, laid.model_hash) == (take.reference_hash, take.model_hash)
    assert laid.picture.is_file()
    sound, last = read(take.file), take.parts[2]
    assert np.array_equal(read(laid.file)[: last.end - last.start - FADE], sound[last.start : last.end - FADE])
    times = [word.start for word in timed.words[:14]]
    assert times == pytest.approx([start - last.start / RATE for start in in_their_parts(take, words)[13:]], abs=0.11)


def test_laid_as_it_is_it_is_the_same_and_pauses_alone_move_what_follows(studio, made):
    take, words = made
    same, timed = studio.arrange(ArrangeRequest(take.file, (), words))
    assert [word.start for word in timed.words] == pytest.approx(in_their_parts(take, words), abs=0.11)
    assert np.array_equal(read(same.file), read(take.file))
    assert (same.mended, same.notes, same.parts) == ((), (), take.parts)
    later, _ = studio.arrange(ArrangeRequest(take.file, (Place(0), Place(1, pause=2), Place(2))))
    assert later.seconds - take.seconds == pytest.approx(1.6, abs=0.01)
    assert pieces(later)[1].pause == 2
    assert pieces(later)[0] == pieces(take)[0]


def test_a_part_made_again_leaves_the_others_as_they_are_to_the_bit(made, remade, listen):
    (take, words), new = made, take_of(remade)
    part, before, after = take.parts[1], read(take.file), read(new.file)
    tail = len(before) - part.end - FADE
    assert np.array_equal(after[: part.start - FADE], before[: part.start - FADE])
    assert np.array_equal(after[-tail:], before[-tail:])
    assert not np.array_equal(after[part.start :][: RATE // 2], before[part.start :][: RATE // 2])
    assert words_missed(TEXT, listen(new.file).text) <= 0.1
    level = [np.sqrt(np.mean(sound[p.start : p.end] ** 2)) for sound, p in ((before, part), (after, new.parts[1]))]
    assert 0.7 < level[1] / level[0] < 1.4
    told = next(event.words for event in remade if isinstance(event, Timed))
    assert [word.text for word in told] == TEXT.split()
    assert told[:3] == words[:3]
    assert [word.start for word in told] == sorted(word.start for word in told)
    assert new.request == take.request
    assert new.mended == ("part 2 made again with seed 3",)


def test_it_is_checked_as_the_take_was_and_a_seed_is_a_seed(studio, made, remade, voice):
    assert any("hecked" in note or "not right" in note or "made again:" in note for note in take_of(remade).notes)
    assert any(isinstance(event, Step) for event in remade)
    assert any(isinstance(event, Partial) for event in remade)
    again = [*studio.remake(RemakeRequest(made[0].file, voice[0], 1, seed=3))]
    assert not any(isinstance(event, Timed) for event in again)
    assert np.array_equal(read(take_of(again).file), read(take_of(remade).file))


def test_a_cancelled_one_makes_nothing(studio, made, voice):
    events = studio.remake(RemakeRequest(made[0].file, voice[0], 0))
    id = next(events).take_id
    assert any(isinstance(event, Step) for event in events)
    studio.cancel(id)
    with pytest.raises(Cancelled):
        next(event for event in events if isinstance(event, Done))


def test_words_said_again_move_the_parts_which_can_be_laid_anew_still(studio, made, voice):
    take, words = made
    asked = RepairRequest(take.file, voice[0], 8, 8, text="some fresh rolls", tries=1, seed=1, words=words)
    mended = take_of([*studio.repair(asked)])
    assert [part.words for part in mended.parts] == [4, 11, 14]
    longer = round(mended.seconds * RATE) - round(take.seconds * RATE)
    assert mended.parts[2].end - take.parts[2].end == mended.parts[2].start - take.parts[2].start == longer
    laid, _ = studio.arrange(ArrangeRequest(mended.file, (Place(2), Place(1), Place(0))))
    assert "some fresh rolls and shook" in laid.request.text
    assert len(laid.mended) == 2


def test_parts_lie_where_they_are_once_silence_is_removed(studio, voice):
    clip, words = voice
    text = "Hello there, my friend.\n\nThe bell rang twice."
    asked = CloneRequest(clip, text, words, language="en", nfe=4, seed=7, pause=2.0, remove_silence=True)
    first, second = pieces(take_of([*studio.clone(asked)]))
    assert 0 < first.pause <= 0.51
    assert second.end - second.start > 0.8


@pytest.mark.parametrize(
    ("places", "error"),
    [
        ((Place(0),), "3 parts, numbers 0 to 2"),
        ((Place(0), Place(1), Place(1)), "3 parts"),
        ((Place(0), Place(1), Place(3)), "3 parts"),
        ((Place(0), Place(1), Place(2), Place(2)), "each of them once"),
        (tuple(Place(n, muted=True) for n in range(3)), "one at least"),
        ((Place(-1), Place(1), Place(2)), "part must be a whole number"),
        ((Place(0.5), Place(1), Place(2)), "part must be"),
        ((Place("0"), Place(1), Place(2)), "part must be"),
        ((Place(True), Place(1), Place(2)), "part must be"),
        ((Place(0, muted="no"), Place(1), Place(2)), "muted must be"),
        ((Place(0, pause=float("nan")), Place(1), Place(2)), "pause must be a number from 0 to 5"),
        ((Place(0, pause=5.1), Place(1), Place(2)), "pause must be"),
        ((Place(0, pause=-1), Place(1), Place(2)), "pause must be"),
    ],
)
def test_an_order_that_cannot_be_is_told(studio, made, places, error):
    with pytest.raises(BadParameter, match=error):
        studio.arrange(ArrangeRequest(made[0].file, places))


def test_parts_may_come_as_floats_and_the_pause_after_the_last_that_is_heard_is_not_told(studio, made):
    places = Place(2.0, pause=1.5), Place(0.0, pause=0.5), Place(1.0, muted=True)
    laid, _ = studio.arrange(ArrangeRequest(made[0].file, places))
    assert laid.mended == ("parts laid anew: 3 (then 1.5 s), 1",)


def test_what_cannot_be_made_again_is_told(studio, made, voice, human, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    asked = RemakeRequest(made[0].file, voice[0], 0)
    for wrong, error in (
        ({"part": -1}, BadParameter),
        ({"part": None}, BadParameter),
        ({"part": float("inf")}, BadParameter),
        ({"seed": -1}, BadParameter),
        ({"seed": "7"}, BadParameter),
        ({"clip": None}, BadClip),
        ({"file": tmp_path / "text.wav"}, BadInput),
        ({"file": human[0]}, BadInput),
    ):
        with pytest.raises(error):
            studio.remake(replace(asked, **wrong))
    with pytest.raises(BadInput):
        studio.arrange(ArrangeRequest(human[0], ()))
    with pytest.raises(BadParameter, match="not the take's"):
        studio.arrange(ArrangeRequest(made[0].file, (), made[1][1:]))
    with pytest.raises(BadParameter, match="3 parts, numbers 0 to 2"):
        [*studio.remake(replace(asked, part=3))]
    with pytest.raises(BadClip, match="not the clip"):
        [*studio.remake(replace(asked, clip=human[0]))]
