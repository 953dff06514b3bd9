"""Words said again on the page: what is asked of the studio, what may be chosen, undone and learned."""

from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest

from engine import BadText, CloneRequest, Done, Timed, read_dictionary
from tests.ui.fakes import even
from ui.panels import repair
from ui.panels.repair import SKIP, Chosen, Shown, learn, word_of
from ui.panels.result import view
from ui.visit import first_visit


@pytest.fixture
def visit(gallery, files):
    visit = first_visit(gallery)
    take = visit.shown.take
    return visit.timed(files, Timed(take.id, even(take.request.text, take.seconds).words))


def chosen_in(visit, first, last):
    return Shown(*repair.choose(visit, SimpleNamespace(first=first, last=last))[3:]).chosen


def last(events):
    """What each widget was told last."""
    told = {}
    for event in events:
        told |= {name: value for name, value in event._asdict().items() if value is not SKIP}
    return told


def test_words_are_said_again_taken_and_undone(studio, files, visit):
    bar, text, *_ = repair.choose(visit, SimpleNamespace(first=2, last=3))
    assert (bar["visible"], text) == (True, "and welcome")
    chosen = chosen_in(visit, 2, 3)
    told = last(repair.say_again(studio, files, visit, chosen, "and goodbye", " "))
    asked = studio.repairs[-1]
    assert (asked.first, asked.last, asked.text, asked.say, asked.tries) == (2, 3, "and goodbye", "", 3)
    assert asked.clip == visit.shown.request.clip
    assert asked.words == visit.shown.words
    assert told["again"]["visible"]
    assert not told["stop"]["visible"]
    assert told["candidates"].count("data-choice") == 3
    mended, dictionary = repair.use(studio, files, visit, told["chosen"], "", "1")
    assert dictionary == SKIP
    assert mended.shown.take == told["chosen"].found[1].take
    assert "and goodbye" in mended.shown.request.text
    assert [word.text for word in mended.shown.words] == mended.shown.take.request.text.split()
    assert len(mended.entries) == len(visit.entries)
    assert view(mended).undo["visible"]
    undone, dictionary = repair.undo(mended, mended.shown.take.id, "gif,jiff")
    assert (undone.shown, dictionary) == (visit.shown, SKIP)
    assert not view(visit).undo["visible"]
    assert repair.undo(visit, visit.shown.take.id, "") == (visit, SKIP)


def test_a_word_by_ear_is_said_in_each_spelling_and_the_one_taken_is_learned(studio, files, visit):
    chosen = chosen_in(visit, 1, 1)
    events = [*repair.by_ear(studio, files, visit, chosen, "morning,")]
    told, asked = last(events), studio.repairs[-4:]
    lines = " ".join(str(event.line) for event in events)
    for number, one in enumerate(asked, 1):
        assert f"“{one.say}”, {number} of 4" in lines, "which spelling is being said"
    assert len({one.say for one in asked}) == 4
    assert {(one.seed, one.text, one.tries) for one in asked} == {(asked[0].seed, "", 1)}
    assert asked[2].say in told["candidates"]
    mended, dictionary = repair.use(studio, files, visit, told["chosen"], "gif,jiff", "2")
    assert read_dictionary(dictionary) == {"gif": "jiff", "morning": asked[2].say}
    assert "from now on" in mended.shown.told
    assert mended.shown.take.request.text == visit.shown.take.request.text
    told = last(repair.say_again(studio, files, visit, chosen, "morning,", "mawning"))
    titles = [f"Use Try {number}" for number in (1, 2, 3)]
    assert all(title in told["candidates"] for title in titles), "of one spelling there are several"
    assert "No other spelling" in last(repair.by_ear(studio, files, visit, chosen, "two words"))["line"]


def test_what_goes_wrong_is_told_and_stopping_takes_the_job_out(studio, files, visit):
    chosen = chosen_in(visit, 1, 1)
    studio.fails = BadText("This cannot be said; write it otherwise.")
    told = last(repair.say_again(studio, files, visit, chosen, "", ""))
    assert "write it otherwise" in told["line"]
    assert told["again"]["visible"]
    studio.fails = None
    studio.repairs.clear()
    studio.closed.clear()
    events = repair.by_ear(studio, files, visit, chosen, "morning")
    assert next(event for event in events if event.chosen is not SKIP and event.chosen.found)
    events.close()
    assert len(studio.repairs) == len(studio.closed) == 1
    stopped = last([repair.stopped()])
    assert not stopped["stop"]["visible"]
    assert "candidates" not in stopped


@pytest.fixture
def spelled(studio, files, visit):
    """The visit once a spelling was taken where the dictionary said something, and the dictionary then."""

    def take(visit, dictionary, say="mawning"):
        told = last(repair.say_again(studio, files, visit, chosen_in(visit, 1, 1), "morning,", say))
        return repair.use(studio, files, visit, told["chosen"], dictionary, "0")

    return take


def test_undoing_takes_back_the_spelling_that_was_learned(visit, spelled):
    for before in ("", "gif,jiff\n", "morning,moaning\ngif,jiff\n"):
        mended, taught = spelled(visit, before)
        assert read_dictionary(taught)["morning"] == "mawning"
        undone, dictionary = repair.undo(mended, mended.shown.take.id, taught)
        assert (undone.shown, dictionary) == (visit.shown, before)
    again, twice = spelled(mended, taught, "mourning")
    once, dictionary = repair.undo(again, again.shown.take.id, twice)
    assert (once.shown, dictionary) == (mended.shown, taught)
    assert repair.undo(once, once.shown.take.id, dictionary)[1] == before


@pytest.mark.parametrize("since", ["", "morning,mourning", "one cell"])
def test_a_spelling_that_was_changed_since_stays_as_it_is(visit, spelled, since):
    mended, _ = spelled(visit, "")
    undone, dictionary = repair.undo(mended, mended.shown.take.id, since)
    assert (undone.shown, dictionary) == (visit.shown, SKIP)


def test_a_spelling_stays_where_another_change_than_its_own_is_undone(studio, files, visit, spelled):
    mended, taught = spelled(visit, "")
    unmuted = mended.mended(mended.shown, replace(mended.shown, sound="laid.wav"))
    unmuted = unmuted.mended(unmuted.shown, mended.shown)
    assert unmuted.shown.told == ""
    assert repair.undo(unmuted, unmuted.shown.take.id, taught)[1] == SKIP


@pytest.mark.parametrize(
    "event", [{}, {"first": 1}, {"first": 2, "last": 1}, {"first": 0, "last": 999}, {"first": "0", "last": None}]
)
def test_numbers_that_are_no_words_choose_nothing(visit, event):
    assert all(value is SKIP or value == SKIP for value in repair.choose(visit, SimpleNamespace(**event)))


@pytest.mark.parametrize("choice", ["", "7", "-1", "0; drop", "٣", "9" * 5_000])
def test_a_candidate_that_is_not_there_is_told(studio, files, visit, choice):
    chosen = Chosen(visit.shown.take.id, 0, 0)
    with pytest.raises(gr.Error, match="say the words again"):
        repair.use(studio, files, visit, chosen, "", choice)


def test_a_take_that_is_there_no_more_is_told(studio, files, visit):
    told = last(repair.say_again(studio, files, visit, Chosen("another", 0, 0), "x", ""))
    assert "no longer here" in told["line"]
    assert not studio.repairs
    with pytest.raises(gr.Error, match="no longer here"):
        repair.undo(visit, "another", "")


def test_a_take_is_mended_and_that_undone_where_a_job_has_put_another_in_the_player(studio, files, visit, clip):
    told = last(repair.say_again(studio, files, visit, chosen_in(visit, 1, 1), "evening,", ""))
    job = CloneRequest(clip, "Hello there.")
    take = next(event.take for event in studio.clone(job) if isinstance(event, Done))
    since = visit.add(files, take, job, "Tomas")
    mended, _ = repair.use(studio, files, since, told["chosen"], "", "0")
    assert mended.shown == since.shown
    assert "evening" in mended.entries[1].take.request.text
    assert repair.undo(mended, mended.entries[1].take.id, "")[0] == since


def test_a_dictionary_that_is_wrong_keeps_its_text():
    assert word_of("“Nguyen’s”,") == "Nguyen’s"
    assert word_of("…") == ""
    told, dictionary, learned = learn("gif", "jiff", "one cell")
    assert "Line 1" in told
    assert (dictionary, learned) == (SKIP, None)


def test_the_page_has_every_widget_that_is_told_something():
    with gr.Blocks():
        assert len(repair.build().shown) == len(Shown._fields)
