"""A file dropped on the page: the form becomes what it was made from, and can be put back."""

from dataclasses import replace

import gradio as gr
import pytest

from engine import CloneRequest, Done, Settings, Unavailable
from tests.ui.fakes import MODELS, FakeStudio
from ui.memory import KEYS
from ui.panels import restore
from ui.panels.voice import OwnClip
from ui.tabs import clone

NAMES = ("line", "undo", "before", "clip_id", "voice", *KEYS, "recording", "level", "own_row", "own")
ASKED = CloneRequest(
    None, "Ünï.\n\nTwo.", "its words", "en", "demo", nfe=7, cfg_strength=1.5, sway_sampling=0.0, speed=1.2, seed=42,
    cross_fade=0.1, remove_silence=True, word_times=True, pause=1.0, format="ogg", loudness="podcast", check="on", dictionary="gif,jiff",
)  # fmt: skip
FORM = {"voice": "owen", "text": "Mine.", "reference_text": "my words", "language": "", "nfe": 16, "speed": 1.0,
        "cfg_strength": 2.0, "sway_sampling": -1.0, "cross_fade": 0.15, "pause": 0.4, "seed": "", "remove_silence": False, "word_times": False,
        "format": "wav", "loudness": "", "check": "", "dictionary": "", "model": "demo"}  # fmt: skip


def made(studio, clip, **changes):
    """A file of ours."""
    events = studio.clone(replace(ASKED, clip=clip, **changes))
    return next(event.take.file for event in events if isinstance(event, Done))


def drop(studio, gallery, files, file, clip_id="", own=None, form=FORM):
    """All that a drop changed, each by its last value, and what the line said at first."""
    seen, lines = {}, []
    values = [form[name] for name in ("voice", *KEYS)]
    for outputs in restore.drop(studio, gallery, files, MODELS, file, clip_id, own or OwnClip(), *values):
        seen |= {name: value for name, value in zip(NAMES, outputs, strict=True) if value != gr.skip()}
        lines.append(outputs[0])
    return seen, lines


def test_the_form_is_as_it_was(studio, gallery, files):
    file = made(studio, gallery.find("mara").clip)
    seen, lines = drop(studio, gallery, files, str(file))
    assert {name: seen[name] for name in KEYS} == {
        name: "42" if name == "seed" else getattr(ASKED, name) for name in KEYS
    }
    assert seen["voice"] == "mara"
    assert seen["own_row"]["visible"] is False
    assert seen["undo"]["visible"] is True
    assert "Looking for the mark" in lines[0]
    assert "Timbre made this" in seen["line"]
    assert "made on 24 November 2026, in Mara's voice." in seen["line"].replace("&#x27;", "'")
    assert "<li>" not in seen["line"]


def test_what_is_restored_is_spoken_again_the_same(studio, gallery, files):
    seen, _ = drop(studio, gallery, files, str(made(studio, gallery.find("mara").clip)))
    form = {"clip": ""} | {name: seen[name] for name in KEYS}
    request, _ = clone.request_of(gallery, files, seen["voice"], form)
    assert request == replace(ASKED, clip=gallery.find("mara").clip)


def test_the_clip_at_hand_stays_where_it_is(studio, gallery, files, tmp_path):
    clip = tmp_path / "own.wav"
    clip.write_bytes(gallery.voices[0].clip.read_bytes() + b"\0")
    id, own = files.keep(clip), OwnClip(chosen=True, heard="my words")
    seen, _ = drop(studio, gallery, files, str(made(studio, clip)), id, own, FORM | {"voice": "own"})
    assert seen["voice"] == "own"
    assert "clip_id" not in seen
    assert "value" not in seen["recording"]
    assert "with the clip you have here" in seen["line"]


def test_a_clip_that_is_not_at_hand_must_be_dropped_again(studio, gallery, files, tmp_path, clip):
    other = tmp_path / "other.wav"
    other.write_bytes(b"another voice")
    seen, _ = drop(studio, gallery, files, str(made(studio, other)), files.keep(clip), OwnClip(chosen=True))
    assert (seen["voice"], seen["clip_id"], seen["recording"]["value"]) == ("own", "", None)
    assert restore.AGAIN in seen["line"]
    assert seen["reference_text"] == "its words"


def test_what_this_server_does_not_have_is_told(studio, gallery, files):
    told, cautions = restore.about(
        replace(studio.restore(made(studio, gallery.voices[0].clip)), request=replace(ASKED, model="x", language="zz")),
        gallery, MODELS, "ines",
    )  # fmt: skip
    assert [line.split(" cannot")[0] for line in cautions] == ["Its language", "Its model"]
    assert "Ines" in told


@pytest.mark.parametrize("created", ["", "yesterday", "2026-13-45", "<b>"])
def test_a_date_that_is_none_is_left_out(studio, gallery, files, created):
    restored = replace(studio.restore(made(studio, gallery.voices[0].clip)), created=created)
    assert restore.about(restored, gallery, MODELS, "")[0] == "The form is as it was when this was made."


def test_the_form_can_be_put_back(studio, gallery, files, clip):
    id, own = files.keep(clip), OwnClip(chosen=True, words="kept", heard="heard")
    seen, _ = drop(
        studio, gallery, files, str(made(studio, gallery.find("mara").clip)), id, own, FORM | {"voice": "own"}
    )
    back = dict(zip(("file", *NAMES), restore.undo(gallery, files, MODELS, seen["before"]), strict=True))
    assert {name: back[name] for name in FORM} == FORM | {"voice": "own"}
    assert (back["file"], back["undo"]["visible"], back["before"]) == (None, False, None)
    assert (back["clip_id"], back["own"]) == (id, own)
    assert back["recording"]["value"].startswith(str(files.page))


def test_an_own_clip_behind_an_example_comes_back_too(gallery, files, clip):
    before = restore.Before(FORM, files.keep(clip), OwnClip())
    back = dict(zip(("file", *NAMES), restore.undo(gallery, files, MODELS, before), strict=True))
    assert back["recording"]["visible"] is False
    assert back["recording"]["value"].startswith(str(files.page))


def test_nothing_to_put_back_changes_nothing(gallery, files):
    outputs = restore.undo(gallery, files, MODELS, None)
    assert len(outputs) == 1 + len(NAMES)
    assert all(output == gr.skip() for output in outputs[4:])


def test_a_foreign_sound_leaves_the_form_and_is_checked(studio, gallery, files, clip):
    studio.mark = 0.05
    seen, _ = drop(studio, gallery, files, str(clip))
    assert {*seen} == {"line"}
    assert "No sign of Timbre" in seen["line"]
    assert "does not tell how it was made" in seen["line"]


def test_what_is_no_sound_gets_one_sentence(studio, gallery, files, tmp_path):
    (tmp_path / "a.txt").write_text("no sound")
    seen, _ = drop(studio, gallery, files, str(tmp_path / "a.txt"))
    assert {*seen} == {"line"}
    assert 'class="tb-note bad" role="alert">This is no sound file; drop a WAV' in seen["line"]
    assert seen["line"].count("<p") == 1
    assert "<li>" not in seen["line"]


def test_a_form_is_restored_though_the_mark_cannot_be_looked_for(gallery, files, tmp_path):
    studio = FakeStudio(Settings(workspace=tmp_path), blind=Unavailable("Perth did not load; install it."))
    seen, _ = drop(studio, gallery, files, str(made(studio, gallery.voices[0].clip)))
    assert seen["text"] == ASKED.text
    assert "The mark could not be looked for. Perth did not load; install it." in seen["line"]


def test_a_file_taken_away_leaves_the_form_as_it_is(studio, gallery, files):
    seen, _ = drop(studio, gallery, files, None)
    assert {*seen} == {"line"}
    assert "Drop a file that Timbre made" in seen["line"]
