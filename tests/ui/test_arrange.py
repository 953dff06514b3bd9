"""The parts of a take on the page: what is asked of the studio, what the list tells, what is undone."""

from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest

from engine import CloneRequest, Done, ModelUnavailable, Place, Timed, pieces
from ui.panels import arrange, repair, result
from ui.panels.arrange import SKIP, Asked, Made, Shown
from ui.panels.repair import Chosen
from ui.panels.result import view
from ui.part_list import part_list
from ui.visit import first_visit

from .fakes import even

TEXT = "Hello there, and welcome to <b>all</b>"
SWAPPED = [{"part": 1, "muted": False, "pause": 0.5}, {"part": 0, "muted": False, "pause": None}]
AS_MADE = [{"part": 0, "muted": False, "pause": None}, {"part": 1, "muted": False, "pause": None}]


@pytest.fixture
def visit(studio, gallery, files, clip):
    """A visit with a take of two parts in the player, its words known."""
    request = CloneRequest(clip, TEXT)
    take = next(event.take for event in studio.clone(request) if isinstance(event, Done))
    visit = first_visit(gallery).add(files, take, request, "Tomas")
    return visit.timed(files, Timed(take.id, even(TEXT, take.seconds).words))


def last(events):
    """What each widget was told last."""
    told = {}
    for event in events:
        told |= {name: value for name, value in event._asdict().items() if value != SKIP}
    return told


def changed(studio, files, visit, places, part=None):
    told = last(arrange.change(studio, files, visit, Asked(places, part)))
    assert told["halt"] == gr.update(visible=False), told
    return arrange.use(visit, told["made"])[0]


def test_parts_are_laid_anew_as_they_were_and_undone(studio, files, visit):
    laid = changed(studio, files, visit, SWAPPED)
    shown = laid.shown
    assert shown.take.request.text == shown.request.text == "welcome to <b>all</b> Hello there, and"
    assert [word.text for word in shown.words] == shown.request.text.split()
    assert set(shown.subtitles) == set(visit.shown.subtitles)
    assert (shown.places, shown.source) == ((Place(1, False, 0.5), Place(0)), visit.shown)
    assert shown.take.notes[-1] == "Changed: parts laid anew: 2 (then 0.5 s), 1."
    assert view(laid).undo["visible"]
    rows = view(laid).rows
    assert rows.index("Make part 2 again") < rows.index("Make part 1 again")
    assert visit.shown.sound.rsplit("/", 1)[0] in rows, "parts are heard where they were made"
    muted = changed(studio, files, laid, [SWAPPED[0] | {"muted": True}, SWAPPED[1]])
    assert muted.shown.request.text == "Hello there, and"
    back = changed(studio, files, muted, AS_MADE)
    assert (back.shown.take, back.shown.source) == (visit.shown.take, None)
    undone = back
    for expected in (muted, laid, visit):
        undone = undone.undone(undone.shown)
        assert undone.shown == expected.shown


def test_a_part_is_made_again_and_lies_where_the_list_has_it(studio, files, visit):
    made = changed(studio, files, visit, AS_MADE, 1)
    asked = studio.remade[-1]
    assert (asked.part, asked.clip, asked.words) == (1, visit.shown.request.clip, visit.shown.words)
    assert made.shown.take.notes == ("Changed: part 2 made again.",)
    assert (made.shown.words, made.shown.source) == (visit.shown.words, None)
    both = changed(studio, files, made, SWAPPED, 0)
    assert studio.remade[-1].file.samefile(made.shown.sound)
    assert both.shown.source.take.notes == ("Changed: part 1 made again.",)
    assert both.shown.request.text.startswith("welcome")
    assert pieces(both.shown.take)[0].pause == 0.5


def said_again(studio, files, visit, first, last_word, text):
    """The visit once words are said again as others, and the first try is taken."""
    chosen = Chosen(visit.shown.take.id, first, last_word)
    told = last(repair.say_again(studio, files, visit, chosen, text, ""))
    return repair.use(studio, files, visit, told["chosen"], "", "0")[0]


def test_muted_parts_stay_in_the_list_once_words_of_another_are_said_again(studio, files, visit):
    muted = changed(studio, files, visit, [SWAPPED[0], SWAPPED[1] | {"muted": True}])
    assert muted.shown.request.text == "welcome to <b>all</b>"
    mended = said_again(studio, files, muted, 1, 1, "for")
    asked = studio.repairs[-1]
    assert (asked.first, asked.last, asked.words) == (4, 4, visit.shown.words), "as the take was made"
    assert mended.shown.request.text == mended.shown.take.request.text == "welcome for <b>all</b>"
    assert [word.text for word in mended.shown.words] == ["welcome", "for", "<b>all</b>"]
    assert mended.shown.places == muted.shown.places
    rows = view(mended).rows
    assert rows.index("Make part 2 again") < rows.index("Make part 1 again")
    assert 'aria-pressed="true" aria-label="Mute part 1"' in rows
    assert any("Said again" in note for note in mended.shown.take.notes)
    unmuted = changed(studio, files, mended, SWAPPED)
    assert unmuted.shown.request.text == "welcome for <b>all</b> Hello there, and"
    assert repair.undo(mended, mended.shown.take.id, "")[0].shown == muted.shown


def test_words_of_parts_that_were_made_apart_cannot_be_said_again_together(studio, files, visit):
    laid = changed(studio, files, visit, SWAPPED)
    told = last(repair.say_again(studio, files, laid, Chosen(laid.shown.take.id, 2, 3), "all hello", ""))
    assert "choose words of one part" in told["line"]
    assert not studio.repairs


def test_the_words_of_a_take_laid_anew_are_heard_with_those_that_are_muted(studio, files, visit):
    silent = replace(visit, entries=(replace(visit.shown, words=()), *visit.entries[1:]))
    muted = changed(studio, files, silent, [SWAPPED[0], SWAPPED[1] | {"muted": True}])
    assert muted.shown.words == ()
    *_, (*_, timed) = result.listen(studio, muted)
    assert timed.take_id == visit.shown.take.id
    heard = result.listened(files, muted, timed).visit
    assert heard.shown.source.words == visit.shown.words
    assert [word.text for word in heard.shown.words] == heard.shown.request.text.split()
    assert heard.shown.words[0].start == 0


def test_what_goes_wrong_is_told_and_the_list_stays_as_it_was_set(studio, files, visit):
    studio.fails = ModelUnavailable("The model is gone; choose another.")
    told = last(arrange.change(studio, files, visit, Asked(SWAPPED, 1)))
    assert "choose another" in told["progress"]
    assert told["rows"].index("Make part 2 again") < told["rows"].index("Make part 1 again")
    assert " inert" not in told["rows"]
    assert (told["made"], told["halt"]) == (None, gr.update(visible=False))
    told = last(arrange.change(studio, files, visit, Asked([{**SWAPPED[0], "pause": 99}, SWAPPED[1]])))
    assert "from 0 to 5" in told["progress"]


@pytest.mark.parametrize(
    "places",
    [None, 7, "x", [], [7], [{}], [{"part": 9}], [{"part": "<i>"}], [{"part": 0, "muted": "<i>"}, {"part": 1}],
     [{"part": 0, "pause": "<i>"}, {"part": 1}], [{"part": [0]}], [{"part": 0}, {"part": 1}, {"part": 1}]],
)  # fmt: skip
def test_what_the_browser_should_not_send_changes_nothing(studio, files, visit, places):
    told = last(arrange.change(studio, files, visit, Asked(places)))
    assert told.get("made") is None or told["made"].entry.take == visit.shown.take
    assert "<i>" not in told["rows"]


def test_stopping_takes_the_job_out(studio, files, visit):
    events = arrange.change(studio, files, visit, Asked(AS_MADE, 0))
    assert " inert" in next(events).rows
    next(events)
    studio.closed.clear()
    events.close()
    assert studio.closed == ["remake"]
    assert arrange.stopped(visit).halt == gr.update(visible=False)


def test_a_take_that_is_there_no_more_is_told_and_nothing_made_changes_nothing(visit):
    same, told = arrange.use(visit, Made("another", visit.shown))
    assert same == visit
    assert "no longer here" in told
    with pytest.raises(gr.Error) as nothing:
        arrange.use(visit, None)
    assert not nothing.value.visible


def test_an_event_without_a_part_lays_anew():
    assert arrange.asked_of(SimpleNamespace(places=SWAPPED)) == Asked(SWAPPED, None)
    assert arrange.asked_of(SimpleNamespace(places=SWAPPED, part=1)) == Asked(SWAPPED, 1)


def test_the_list_escapes_words_and_one_part_has_nothing_to_set(visit):
    told = pieces(visit.shown.take)
    several = part_list(told, "take.wav", (Place(0), Place(1)), ())
    assert "&lt;b&gt;all" in several
    assert several.count("Pause after part") == 2
    one = part_list(told[:1], "take.wav", (Place(0),), ())
    assert "Make part 1 again" in one
    assert "Mute" not in one
    assert "Apply" not in one


def test_the_page_has_every_widget_that_is_told_something(visit):
    with gr.Blocks():
        assert len(arrange.build(visit.shown).shown) == len(Shown._fields)
