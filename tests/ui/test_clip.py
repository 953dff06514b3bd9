"""The own clip's panel: its report, cures, stretches and words, with the real clips behind it and a listener that knows
what was said.
"""

from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from engine import BadParameter, Cures, Difference, Finding, HearingUnavailable, Report, Stretch, Transcript, Word
from engine.clips import Clips
from tests.ui.fakes import MODELS
from ui import clip_parts
from ui.mend import Mend, seconds_of
from ui.panels import clip, voice, words
from ui.panels.clip import Shown
from ui.panels.moving import Moved, Presses
from ui.panels.words import Comparison, OwnClip
from ui.tabs import clone
from ui.widgets import choice_of

RATE = 24_000
SENTENCES = ("One two three four.", "Five six seven eight.", "Nine ten eleven twelve.", "Apple pear plum cherry.")
SAID = " ".join(SENTENCES)
SPOKEN, PAUSE = 0.4, 0.9
"""Seconds of a word, and of the pause after a sentence."""


def said_at():
    """The words with their times: four to a sentence, 0.1 s between them."""
    at, timed = 0.3, []
    for sentence in SENTENCES * 3:
        for word in sentence.split():
            timed.append(Word(word, at, at + SPOKEN))
            at += SPOKEN + 0.1
        at += PAUSE
    return timed


class Listener:
    """Hears the same words in every sound; `deaf` is raised instead."""

    loaded, deaf = True, None

    def transcribe(self, samples, language):
        if self.deaf:
            raise self.deaf
        heard = [word for word in said_at() if word.end < len(samples) / RATE]
        yield from ()
        return Transcript(" ".join(word.text for word in heard), language or "en", tuple(heard))

    def unload(self): ...


@pytest.fixture
def listener():
    return Listener()


@pytest.fixture
def studio(studio, listener):
    studio.clips = Clips(studio.settings, listener, {model.name: model.longest_reference for model in MODELS}.get)
    return studio


def sound(seconds, noise=0.0):
    """Bursts of a buzz where the words are."""
    axis = np.arange(round(seconds * RATE)) / RATE
    samples = np.random.default_rng(1).normal(0, noise, len(axis)) if noise else np.zeros(len(axis))
    for word in said_at():
        within = (axis >= word.start) & (axis < word.end)
        samples[within] += 0.2 * np.sign(np.sin(2 * np.pi * 130 * axis[within]))
    return samples


@pytest.fixture
def long(tmp_path):
    """34 s, twelve sentences."""
    soundfile.write(tmp_path / "long.wav", sound(34.5), RATE)
    return tmp_path / "long.wav"


@pytest.fixture
def short(tmp_path):
    """Three sentences."""
    soundfile.write(tmp_path / "short.wav", sound(8.6), RATE)
    return tmp_path / "short.wav"


def last(outputs):
    """All that was changed, each by its last value."""
    seen = {}
    for values in outputs:
        seen |= {name: value for name, value in zip(Shown._fields, values, strict=True) if value != clip.SKIP}
    return seen


def placed(outputs, page):
    """All that was changed, once its words were placed."""
    seen = last(outputs)
    if moved := seen.pop("moved", None):
        _, words, _, own, _, mend, _ = page
        box, own, mend, *_ = voice.place(words, own, mend, moved)
        seen |= {"own": own, "mend": mend} | ({} if box == clip.SKIP else {"box": box})
    return seen


def undo(studio, files, page):
    return placed(clip.undo(studio, files, *page), page)


def rejudge(studio, files, id, page):
    return placed(clip.rejudge(studio, files, id, *page), page)


def offer(studio, files, page):
    return placed(clip.offer(studio, files, *page), page)


def page(recording, words="", own=None, mend=None, language="", model="F5TTS_v1_Base"):
    mend = mend or Mend()
    return [str(recording), words, language, own or OwnClip(chosen=True), model, mend, Presses(mend.cures)]


def by_hand(studio, files, page, denoise=False, trim=False, level=False, start="", end=""):
    return placed(clip.mend_by_hand(studio, files, denoise, trim, level, start, end, *page), page)


def choose(studio, files, page, choice):
    return placed(clip.choose(studio, files, choice_of(SimpleNamespace(choice=choice)), *page), page)


def length(file):
    return soundfile.info(file).duration


def test_the_panel_has_what_the_handlers_fill(gallery):
    with gr.Blocks():
        panel = clone.build(gallery, MODELS).voice
    assert len(panel.clip.shown) + 2 == len(Shown._fields)
    assert {*panel.clip.cures} == set(Cures.__dataclass_fields__)
    assert panel.other.file_types is None, "a video must get in"


# --- the report card


def test_a_good_clip_is_one_line_and_nothing_to_do():
    card = clip_parts.report_card(Report(8.2, 7.4, -22.0, 38.0, 0.2, 0.0, "good"), clip.AT_HAND)
    assert "Good clip:</b> 8.2 s, quiet room" in card
    assert "<li" not in card
    assert "<button" not in card
    assert "<details>" in card, "figures are folded away"


@pytest.mark.parametrize(("kind", "cure"), [("noisy", "denoise"), ("quiet", "level"), ("clipped", None)])
def test_a_finding_says_its_cure_and_has_a_button_where_one_is_at_hand(kind, cure):
    finding = Finding(kind, "It is <b>bad</b>.", "Do this.")
    card = clip_parts.report_card(Report(8.2, 7.4, -22.0, 12.0, 0.0, 0.02, "fair", (finding,)), clip.AT_HAND)
    assert "It is &lt;b&gt;bad&lt;/b&gt;." in card
    assert "Do this." in card
    assert ("data-choice" in card) == (cure is not None)
    assert f'data-choice="{cure}"' in card or cure is None


def test_grades_differ_in_word_and_shape():
    cards = {grade: clip_parts.report_card(Report(8, 7, -22, 38, 0, 0, grade), {}) for grade in clip_parts.GRADES}
    assert len({card.split("</svg>")[0].split("<svg")[1] for card in cards.values()}) == 3
    assert all(clip_parts.GRADES[grade][0] in card for grade, card in cards.items())


def test_a_clip_is_examined(studio, files, human):
    assert "5.3 s" in clip.examine(studio, files, "", *page(human[0]))
    assert clip.examine(studio, files, "", None, *page("")[1:]) == ""


def test_another_clip_begins_anew(files):
    seen = last([clip.begin(files, "clip.wav", "", Presses())])
    assert seen["mend"] == Mend()
    assert seen["cured"]["visible"] is False
    assert (seen["denoise"], seen["start"], seen["stretches"]) == (False, "", "")
    assert last([clip.begin(files, None, "", Presses())])["card"] == ""


def test_what_is_no_clip_is_told_once(studio, files, tmp_path):
    file = tmp_path / "notes.wav"
    file.write_text("my notes " * 100)
    assert clip.examine(studio, files, "", *page(file)) == "", "who hears it tells"
    assert "no sound" in clip.examine(studio, files, "", *page(file, "typed"))


# --- cures


def test_a_cure_is_heard_and_in_force_and_undone(studio, files, tmp_path):
    file = tmp_path / "noisy.wav"
    soundfile.write(file, sound(8.6, noise=0.02), RATE)
    seen = choose(studio, files, page(file, SAID, OwnClip(True, heard=SAID)), "denoise")
    assert seen["denoise"] is True
    assert "box" not in seen, "nothing was cut"
    cured, _ = soundfile.read(files.find(seen["clip_id"]))
    before, _ = soundfile.read(file)
    quiet = slice(0, round(0.25 * RATE))
    assert np.std(cured[quiet]) < np.std(before[quiet]) / 2
    assert length(seen["cured"]["value"]) == pytest.approx(8.6, abs=0.01)
    assert seen["bar"]["visible"] is True
    assert "noise removed" in seen["fold"]["label"]
    back = undo(studio, files, page(file, SAID, OwnClip(True, heard=SAID), seen["mend"]))
    assert files.find(back["clip_id"]).read_bytes() == file.read_bytes()
    assert (back["denoise"], back["cured"]["visible"], back["mend"].cures) == (False, False, Cures())


def test_cures_are_applied_to_the_clip_as_it_came(studio, files, short):
    own = OwnClip(True, heard=SAID)
    first = by_hand(studio, files, page(short, SAID, own), start="2.5", end="5")
    second = by_hand(studio, files, page(short, first["box"], first["own"], first["mend"]), start="0", end="5")
    assert length(files.find(second["clip_id"])) == pytest.approx(5.0, abs=0.01)


def test_a_cut_moves_heard_words_along_and_undo_brings_them_back(studio, files, short):
    heard = " ".join(SENTENCES[:3])
    cut = by_hand(studio, files, page(short, heard, OwnClip(True, heard=heard)), start="3.1", end="0:05.6")
    assert cut["box"] == SENTENCES[1]
    assert cut["own"].heard == SENTENCES[1], "they are heard words still"
    assert length(files.find(cut["clip_id"])) == pytest.approx(2.5, abs=0.01)
    back = undo(studio, files, page(short, cut["box"], cut["own"], cut["mend"]))
    assert back["box"] == heard
    assert back["own"].heard == heard


def test_typed_words_are_cut_and_come_back_as_they_were_typed(studio, files, short):
    typed = "ONE, two; three: four! Five six seven eight? nine ten eleven twelve"
    cut = by_hand(studio, files, page(short, typed), start="3.1", end="5.6")
    assert cut["box"] == "Five six seven eight?"
    assert cut["own"].heard == ""
    back = undo(studio, files, page(short, cut["box"], cut["own"], cut["mend"]))
    assert back["box"] == typed


def test_words_mended_in_a_cut_stay_mended_in_the_whole(studio, files, short):
    heard = " ".join(SENTENCES[:3])
    cut = by_hand(studio, files, page(short, heard, OwnClip(True, heard=heard)), start="3.1", end="5.6")
    back = undo(studio, files, page(short, "Fife six seven ate.", cut["own"], cut["mend"]))
    assert back["box"] == f"{SENTENCES[0]} Fife six seven ate. {SENTENCES[2]}"


def test_typed_words_that_are_not_heard_stay_whole_and_no_part_is_taken(studio, files, long):
    typed = "My own words"
    seen = offer(studio, files, page(long, typed))
    assert len(seen["mend"].offered) > 1
    assert seen["mend"].offered[0].text.split()[0] in SAID, "a part is told by what is heard in it"
    assert (seen["mend"].taken, "clip_id" in seen, "box" in seen) == (None, False, False)
    assert seen["note"] == clip.UNMATCHED
    part = choose(studio, files, page(long, typed, mend=seen["mend"]), "1")
    assert (part["mend"].taken, part["box"]) == (1, typed)
    assert by_hand(studio, files, page(long, typed), start="1", end="5")["box"] == typed
    back = undo(studio, files, page(long, typed, part["own"], part["mend"]))
    assert back["box"] == typed


def test_typed_words_that_are_heard_in_a_piece_of_the_clip_stay_whole(studio, files, long):
    typed = f"{SENTENCES[1]} {SENTENCES[2]}"
    assert "clip_id" not in offer(studio, files, page(long, typed))
    assert by_hand(studio, files, page(long, typed), start="1", end="5")["box"] == typed


def test_words_typed_while_a_cut_is_made_are_left_alone():
    own, mend, moved = OwnClip(True, heard="one two three"), Mend(), Moved("one two three", "two three", "two three")
    box, now, _, emptied, again, *compared = voice.place("one two three", own, mend, moved)
    assert (box, now.heard, emptied, again["visible"]) == ("two three", "two three", None, False)
    assert compared == ["", Comparison()], "how other words differed is told no more"
    box, _, _, emptied, again, *_ = voice.place("my own words", own, mend, moved)
    assert (box, emptied, again["visible"]) == (gr.skip(), None, True)
    assert voice.place("my own words", own, mend, None) == (gr.skip(),) * 7


def test_what_is_pressed_before_the_last_cut_has_its_words_still_moves_them(studio, files, short):
    heard = " ".join(SENTENCES[:3])
    early = page(short, heard, OwnClip(True, heard=heard))
    one, two = (
        last(clip.mend_by_hand(studio, files, False, False, False, start, end, *early))["moved"]
        for start, end in (("3.1", "5.6"), ("0", "2.6"))
    )
    box, own, mend, *_ = voice.place(heard, early[3], Mend(), one)
    assert box == SENTENCES[1]
    box, own, mend, *_ = voice.place(box, own, mend, two)
    assert (box, own.heard, mend.cures) == (SENTENCES[0], SENTENCES[0], Cures(start=0.0, end=2.6))


def test_what_is_typed_into_the_fold_while_a_cut_is_made_stays(studio, files, short):
    seen = by_hand(studio, files, page(short, " ".join(SENTENCES[:3])), start="3.1")
    assert seen["fold"]["label"].startswith("Mended: 0:03.1")
    assert not {"start", "end", "denoise", "trim", "level"} & seen.keys()
    refused = by_hand(studio, files, page(short, " ".join(SENTENCES[:3])), start="3.1", end="0:zz")
    assert (refused["start"], refused["end"]) == ("", ""), "what cannot be goes"


def test_a_press_that_fails_goes_back_to_what_is_shown_by_then(studio, files, short):
    early = page(short, " ".join(SENTENCES[:3]))
    shown = last(clip.mend_by_hand(studio, files, False, False, False, "3.1", "5.6", *early))
    refused = last(clip.mend_by_hand(studio, files, True, False, False, "9", "2", *early))
    assert "tb-note bad" in refused["note"]
    assert (refused["start"], refused["end"], refused["denoise"]) == ("3.1", "5.6", False)
    assert refused["fold"]["label"] == shown["fold"]["label"] == "Mended: 0:03.1 to 0:05.6"


def test_a_cure_that_is_asked_for_while_the_clip_is_heard_is_made(studio, files, short):
    now = page(short, " ".join(SENTENCES[:3]))
    asked = clip.choose(studio, files, "denoise", *now)
    working = last([next(asked)])
    assert "Working" in working["note"]
    assert offer(studio, files, now) == {}
    assert by_hand(studio, files, now) == {}, "a box was left"
    assert choose(studio, files, now, "denoise") == {}, "it is being made"
    assert last(asked)["denoise"] is True


def test_a_cure_that_is_asked_for_before_the_parts_are_known_goes_with_the_best(studio, files, long):
    heard = " ".join(SENTENCES * 3)
    now = page(long, heard, OwnClip(True, heard=heard))
    next(asked := clip.choose(studio, files, "denoise", *now))
    seen = offer(studio, files, now)
    assert (seen["mend"].taken, seen["mend"].cures.denoise) == (0, True)
    assert last(asked) == {}


def test_what_is_still_made_of_the_clip_before_is_not_told_of_the_next(studio, files, short):
    now = page(short, " ".join(SENTENCES[:3]))
    for start in ("3.1", "9"):
        next(asked := clip.mend_by_hand(studio, files, False, False, False, start, "", *now))
        clip.begin(files, "another.wav", "", now[-1])
        assert last(asked) == {}


def test_a_part_that_cannot_be_taken_leaves_the_one_in_force_chosen(studio, files, long):
    heard = " ".join(SENTENCES * 3)
    first = offer(studio, files, page(long, heard, OwnClip(True, heard=heard)))
    now = page(long, first["box"], first["own"], first["mend"])
    asked = clip.choose(studio, files, "1", *now)
    shown = last([next(asked)])["stretches"]
    assert 'data-choice="1" checked' in shown
    long.unlink()
    seen = last(asked)
    assert "tb-note bad" in seen["note"]
    assert seen["stretches"] == first["stretches"]
    assert 'data-choice="0" checked' in seen["stretches"]


def test_a_cut_that_ends_behind_an_example_waits_there_with_its_words():
    behind, moved = OwnClip(False, "one two", "one two"), Moved("one two", "two", "two", Mend(placed="two"))
    box, own, mend, *_ = voice.place("The example's words.", behind, Mend(), moved)
    assert (box, own, mend) == (gr.skip(), OwnClip(False, "two", "two"), moved.mend)


@pytest.mark.parametrize("typed", ["", "ONE two three four! Five six seven eight? nine ten eleven twelve"])
def test_a_mended_clip_is_mended_still_when_the_page_is_opened_again(studio, files, short, typed):
    words = typed or " ".join(SENTENCES[:3])
    own = OwnClip(True, heard="" if typed else words)
    cut = by_hand(studio, files, page(short, words, own), level=True, start="3.1", end="5.6")
    recording, box = files.reopen(cut["clip_id"]), cut["box"]
    assert Path(recording).read_bytes() == short.read_bytes()
    seen = last([clip.begin(files, recording, cut["clip_id"], Presses())])
    assert (seen["mend"], seen["own"].heard) == (cut["mend"], "" if typed else box)
    assert (seen["level"], seen["start"], seen["bar"]["visible"]) == (True, "3.1", True)
    assert Path(seen["cured"]["value"]).read_bytes() == files.find(cut["clip_id"]).read_bytes()
    now = page(recording, box, seen["own"], seen["mend"])
    assert "2.5 s" in clip.examine(studio, files, cut["clip_id"], *now)
    assert next(voice.take_clip(studio, files, *now[:4], seen["mend"])) == (gr.skip(),) * 4
    assert "clip_id" not in last(clip.offer(studio, files, *now))
    assert undo(studio, files, now)["box"] == words
    other = last([clip.begin(files, str(files.find(cut["clip_id"])), cut["clip_id"], Presses())])
    assert other["mend"] == Mend(), "another recording"


@pytest.mark.parametrize(
    "times", [("9", "2"), ("1e5", ""), ("nan", ""), ("-1", ""), ("99999", ""), ("2", "2.1"), ("x" * 9999, "")]
)
def test_attack_36_a_time_that_cannot_be_is_a_sentence_and_changes_nothing(studio, files, short, times):
    seen = by_hand(studio, files, page(short, SAID, OwnClip(True, heard=SAID)), start=times[0], end=times[1])
    assert "tb-note bad" in seen["note"]
    assert "clip_id" not in seen
    assert (seen["start"], seen["end"]) == ("", ""), "the form says what is in force"


@given(st.text(max_size=20))
def test_a_typed_time_is_seconds_or_refused(text):
    try:
        seconds = seconds_of(text)
    except BadParameter:
        return
    assert seconds is None or 0 <= seconds < 1e6


def test_nothing_is_done_twice(studio, files, short):
    mend = Mend(Cures(start=1.0, end=5.0))
    assert by_hand(studio, files, page(short, "words", mend=mend), start="1", end="5.00") == {}


def test_words_that_cannot_be_timed_are_left_and_it_is_said(studio, files, short, listener):
    listener.deaf = HearingUnavailable("Transcribing is not set up here; type what is said in the clip.")
    cut = by_hand(studio, files, page(short, "my words"), start="1", end="5")
    assert "type what is said" in cut["note"]
    assert "box" not in cut
    assert length(files.find(cut["clip_id"])) == pytest.approx(4.0, abs=0.01)


def test_a_clip_that_is_gone_is_a_sentence(studio, files, tmp_path):
    seen = by_hand(studio, files, page(tmp_path / "gone.wav", "words"), denoise=True)
    assert "tb-note bad" in seen["note"]
    assert "/" not in seen["note"].replace("</", "")


# --- stretches


def test_of_a_long_clip_the_best_part_is_taken_with_its_words(studio, files, long):
    heard = " ".join(SENTENCES * 3)
    seen = offer(studio, files, page(long, heard, OwnClip(True, heard=heard)))
    parts = seen["mend"].offered
    assert 1 < len(parts) <= 4
    assert sum(part.short for part in parts) <= 1 < sum(not part.short for part in parts) <= 3
    assert seen["stretches"].count("tb-play") == len(parts)
    assert seen["stretches"].count(" checked") == 1
    assert seen["box"] == parts[0].text
    assert length(files.find(seen["clip_id"])) == pytest.approx(parts[0].end - parts[0].start, abs=0.02)
    assert all(length(file) <= 12.01 for file in seen["mend"].sounds)


def test_another_part_can_be_chosen(studio, files, long):
    heard = " ".join(SENTENCES * 3)
    first = offer(studio, files, page(long, heard, OwnClip(True, heard=heard)))
    now = page(long, first["box"], first["own"], first["mend"])
    seen = choose(studio, files, now, "1")
    assert seen["mend"].taken == 1
    assert seen["box"] == seen["mend"].offered[1].text
    for wrong in ("7", "-1", "denoise; rm", "", None, "__class__", "start"):
        assert choose(studio, files, now, wrong) == {}


def test_a_clip_that_fits_is_used_whole_and_a_shorter_part_can_be_chosen_and_undone(studio, files, short):
    heard = " ".join(SENTENCES[:3])
    seen = offer(studio, files, page(short, heard, OwnClip(True, heard=heard)))
    assert "sooner after a shorter clip" in seen["stretches"]
    assert "like the whole clip" in seen["stretches"]
    assert " checked" not in seen["stretches"]
    assert not {"clip_id", "box", "cured"} & {*seen}
    (part,) = seen["mend"].offered
    assert part.short
    assert part.likeness >= 0.95
    now = page(short, heard, OwnClip(True, heard=heard), seen["mend"])
    chosen = choose(studio, files, now, "0")
    assert chosen["stretches"].count(" checked") == 1
    assert chosen["box"] == part.text in SAID
    assert length(files.find(chosen["clip_id"])) == pytest.approx(part.end - part.start, abs=0.02)
    again = page(short, chosen["box"], chosen["own"], chosen["mend"])
    assert "clip_id" not in offer(studio, files, again), "the part in force stays"
    back = undo(studio, files, again)
    assert " checked" not in back["stretches"]
    assert back["box"] == heard


def test_words_that_were_typed_for_a_clip_that_fits_are_not_heard_for_a_shorter_one(studio, files, short, listener):
    listener.deaf = HearingUnavailable("No.")
    assert offer(studio, files, page(short, SAID)) == {}
    assert offer(studio, files, page(short, "")) == {}, "nor where nothing was heard"


def test_a_persons_cut_is_left(studio, files, long):
    seen = offer(studio, files, page(long, SAID, OwnClip(True, heard=SAID), Mend(Cures(start=1.0))))
    assert seen["mend"].offered
    assert "clip_id" not in seen


def test_another_model_takes_more_or_less_of_the_clip(studio, files, short):
    heard = " ".join(SENTENCES[:3])
    id = files.keep(short)
    demo = rejudge(studio, files, id, page(short, heard, OwnClip(True, heard=heard), model="demo"))
    assert "Demo copies 4 s of a clip" in demo["stretches"]
    assert "8.6 s" not in demo["card"], "the part is judged"
    assert demo["box"] == demo["mend"].offered[0].text
    assert length(files.find(demo["clip_id"])) <= 4.01
    now = page(short, demo["box"], demo["own"], demo["mend"])
    best = rejudge(studio, files, demo["clip_id"], now)
    assert "sooner after a shorter clip" in best["stretches"]
    assert best["mend"].cures == Cures()
    assert best["box"] == heard
    assert files.find(best["clip_id"]).read_bytes() == short.read_bytes()


def test_another_model_leaves_a_persons_cut_and_what_is_not_yet_heard(studio, files, short):
    id, own = files.keep(short), OwnClip(True, heard=SAID)
    cut = rejudge(studio, files, id, page(short, SAID, own, Mend(Cures(start=1.0, end=8.0)), model="demo"))
    assert "clip_id" not in cut
    assert cut["mend"].cures == Cures(start=1.0, end=8.0)
    assert cut["mend"].offered
    assert "the model takes 4" in cut["card"]
    assert [*last(clip.rejudge(studio, files, id, *page(short, model="demo")))] == ["card"]
    assert last(clip.rejudge(studio, files, "", None, *page(short)[1:])) == {}


def test_parts_are_offered_as_text(long):
    part = Stretch(4.04, 72.0, "<i>words</i>", 0.9, "whole sentences")
    card = clip_parts.stretch_cards("<b>It</b> copies 12 s.", [part], ["/x/a.flac"], None)
    assert "&lt;b&gt;It" in card
    assert "0:04.0 to 1:12.0" in card
    assert "&lt;i&gt;words" in card


# --- typed against heard


def compared(studio, files, clip, typed):
    return list(words.compare_words(studio, files, files.keep(clip), typed, ""))[-1]


def test_differences_are_marked_word_by_word_with_a_sign_each(studio, files, short):
    studio.heard = Transcript("the cat sat on a mat today", "en")
    _, shown, comparison = compared(studio, files, short, "the dog sat on the old mat")
    kinds = [word.kind for word in comparison.differences if word.kind != "same"]
    assert sorted(kinds) == ["added", "changed", "changed", "missing"]
    assert "4 words differ" in shown
    assert "<del>dog</del> <ins>cat</ins>" in shown
    assert "is not heard" in shown
    assert "is heard too" in shown


def test_one_is_taken_one_kept_and_the_rest_taken(studio, files, short):
    studio.heard = Transcript("the cat sat on a mat today", "en")
    box = "the dog sat on the mat"
    *_, comparison = compared(studio, files, short, box)
    text, _, shown, comparison = words.settle(box, comparison, SimpleNamespace(choice="heard 1"))
    assert text == "the cat sat on the mat"
    kept, _, shown, comparison = words.settle(text, comparison, SimpleNamespace(choice="mine 4"))
    assert kept == gr.skip()
    assert "1 word differs" in shown
    text, again, shown, _ = words.settle(text, comparison, SimpleNamespace(choice="heard all"))
    assert text == "the cat sat on the mat today"
    assert "Settled" in shown
    assert again["visible"] is True


def test_words_changed_since_are_not_touched(studio, files, short):
    *_, comparison = compared(studio, files, short, "quite other words")
    text, _, shown, _ = words.settle("typed on", comparison, SimpleNamespace(choice="heard all"))
    assert text == gr.skip()
    assert "compare them again" in shown


@pytest.mark.parametrize("choice", ["heard 99", "heard", "", None, "heard -1", "mine all; x", "steal all"])
def test_a_choice_there_is_not_takes_nothing(choice):
    comparison = Comparison("mine", (Difference("changed", "mine", "theirs"),))
    assert words.settle("mine", comparison, SimpleNamespace(choice=choice))[0] == gr.skip()


def test_the_same_words_are_told_to_be_the_same(studio, files, short):
    _, shown, _ = compared(studio, files, short, studio.heard.text.upper())
    assert shown == words.AGREED


def test_only_typed_words_are_compared_by_themselves(studio, files, short):
    id = files.keep(short)
    heard = OwnClip(True, heard="the words")
    assert list(words.compare_typed(studio, files, id, "the words", "", heard))[-1][1] == ""
    assert "differ" in list(words.compare_typed(studio, files, id, "other things", "", heard))[-1][1]
    assert words.offer("the words", heard)["visible"] is False
    assert words.offer("my words", heard)["visible"] is True
    assert words.offer("example words", OwnClip(False))["visible"] is False


def test_a_comparison_that_fails_is_a_sentence(studio, files, short):
    studio.deaf = HearingUnavailable("Type what is said in the clip.")
    again, shown, _ = compared(studio, files, short, "my words")
    assert "Type what is said" in shown
    assert again["visible"] is True


def test_what_was_heard_is_shown_as_text():
    assert "<script" not in clip_parts.difference_list([Difference("added", "", "<script>")], 0.0)


# --- a way in for everything else


def test_a_video_becomes_the_clip(studio, files, tmp_path, video):
    recording, note = voice.take_other(studio, files, str(video))
    assert length(recording["value"]) == pytest.approx(3.0, abs=0.1)
    assert note == ""


def test_what_is_not_sound_is_a_sentence(studio, files, tmp_path):
    (tmp_path / "notes.pdf").write_bytes(b"%PDF-1.4 " * 100)
    recording, note = voice.take_other(studio, files, str(tmp_path / "notes.pdf"))
    assert recording == gr.skip()
    assert "tb-note bad" in note


@pytest.fixture
def video(tmp_path):
    """Three seconds of mp4 with a picture, as a phone makes it."""
    import av

    file = tmp_path / "phone.mp4"
    with av.open(str(file), "w") as container:
        picture = container.add_stream("mpeg4", rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        voice = container.add_stream("aac", rate=48_000)
        voice.layout = "mono"
        for _ in range(30):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            container.mux(picture.encode(frame))
        tone = (0.3 * np.sin(2 * np.pi * 220 * np.arange(3 * 48_000) / 48_000)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
        frame.sample_rate = 48_000
        container.mux(voice.encode(frame))
        container.mux([*picture.encode(), *voice.encode()])
    return file
