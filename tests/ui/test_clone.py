"""The Clone tab's handlers, called as the page calls them."""

import threading
from dataclasses import fields, replace
from pathlib import Path

import pytest
import soundfile

from engine import FORMATS, LOUDNESS, RANGES, BadClip, CloneRequest, Export, HearingUnavailable, Settings, TimedOut
from tests.ui.fakes import HEARD, MODELS, FakeStudio
from ui.mend import Mend
from ui.panels import result, settings, voice
from ui.panels.moving import Moved
from ui.panels.voice import OwnClip
from ui.tabs import clone
from ui.tabs.clone import Shown
from ui.visit import TAKES, first_visit

SHOWN = (*Shown._fields[:-1], *result.View._fields)
FORM = {field.name: field.default for field in fields(CloneRequest) if field.name not in ("clip", "text")}
FORM |= {"clip": "", "text": "Hello there, you.", "seed": ""}


def told(outputs):
    """A handler's outputs by the widgets' names, without those that stay as they are."""
    values = dict(zip(SHOWN, outputs, strict=True))
    return {name: value for name, value in values.items() if value != clone.SKIP}


def press(studio, gallery, files, visit=None, chosen=None, **form):
    form = FORM | form
    visit = visit or first_visit(gallery)
    chosen = chosen or gallery.voices[0].id
    return clone.generate(studio, gallery, files, tuple(form), visit, chosen, *form.values())


def last(outputs):
    """All that was changed, each by its last value."""
    seen = {}
    for values in outputs:
        seen |= told(values)
    return seen


def test_the_form_is_named_by_the_request(gallery):
    import gradio as gr

    with gr.Blocks():
        tab = clone.build(gallery, MODELS)
    assert {*tab.form} == {field.name for field in fields(CloneRequest)}
    assert len(tab.shown) == len(SHOWN)
    for name, widget in tab.form.items():
        if name in settings.SLIDERS:
            assert (widget.minimum, widget.maximum) == (RANGES[name].least, RANGES[name].most), name
            assert widget.value == getattr(CloneRequest, name)


def test_the_page_is_never_empty(gallery):
    import gradio as gr

    with gr.Blocks():
        tab = clone.build(gallery, MODELS)
    assert tab.text.value == gallery.example.request.text
    assert tab.voice.voice.value == gallery.example_voice.id
    assert tab.voice.reference_text.value == gallery.example_voice.text
    assert tab.result.player.value is not None
    assert "example made earlier" in tab.result.player.label


def test_generate_speaks_and_shows_the_take(studio, gallery, files):
    steps = [told(values) for values in press(studio, gallery, files)]
    assert steps[0]["generate"]["interactive"] is False
    assert steps[0]["cancel"]["visible"] is True
    bars = [step["status"] for step in steps if "progressbar" in step.get("status", "")]
    assert len(bars) >= 8, "at least one update a step"
    end = last(press(studio, gallery, files))
    assert "Done in" in end["status"]
    assert end["generate"] == {"value": "Generate", "interactive": True, "__type__": "update"}
    assert end["cancel"]["visible"] is False
    assert abs(soundfile.info(end["player"]["value"]).duration - 2.0) < 0.01
    assert end["download"]["value"].endswith("timbre-hello-there-you-demo-1234567.wav")
    assert end["download"]["label"] == "Download WAV"
    assert "1234567" in end["facts"]


def test_the_request_is_what_the_form_says(studio, gallery, files):
    last(press(studio, gallery, files, seed=" 42 ", nfe=7, format="flac", language="de", reference_text="its words"))
    assert studio.requests[-1] == CloneRequest(
        gallery.voices[0].clip, "Hello there, you.", "its words", "en", nfe=7, seed=42, format="flac"
    ), "an example's language is its own"


def test_an_own_clip_is_asked_for_by_its_id(studio, gallery, files, clip):
    last(press(studio, gallery, files, chosen="own", clip=files.keep(clip), language="de"))
    assert studio.requests[-1].clip.read_bytes() == clip.read_bytes()
    assert studio.requests[-1].language == "de"
    assert "Your clip, take" in last(press(studio, gallery, files, chosen="own", clip=files.keep(clip)))["takes"]


@pytest.mark.parametrize("id", ["/etc/passwd", "../../x", "a" * 32, "", None])
def test_attack_17_a_path_for_a_clip_is_no_clip(studio, gallery, files, id):
    end = last(press(studio, gallery, files, chosen="own", clip=id))
    assert "no voice yet" in end["status"]
    assert studio.requests == []


@pytest.mark.parametrize(
    ("form", "told"),
    [({"text": ""}, "to say"), ({"seed": "abc"}, "seed"), ({"seed": "٣"}, "seed"), ({"seed": "9" * 5000}, "seed"), ({"text": None}, "text"),
     ({"nfe": float("nan")}, "nfe"), ({"speed": 1e300}, "speed"), ({"format": "exe"}, "format"), ({"pause": -1}, "pause")],
)  # fmt: skip
def test_attack_36_what_cannot_be_is_told_in_the_status_line(studio, gallery, files, form, told):
    end = last(press(studio, gallery, files, **form))
    assert 'class="tb-status bad"' in end["status"]
    assert told in end["status"]
    assert end["generate"]["interactive"] is True


def test_cancel_says_what_was_finished_and_keeps_it(gallery, files, tmp_path):
    studio = FakeStudio(Settings(workspace=tmp_path), pace=0.05)
    seen = {}
    for values in press(studio, gallery, files):
        seen |= told(values)
        if "Step 1 of 4" in seen["status"] and "part 2" in seen["status"]:
            clone.cancel(studio, seen["job"])
    assert "Cancelled." in seen["status"]
    assert "1 of 2 parts were finished." in seen["status"]
    assert seen["keep"]["visible"] is True
    assert seen["generate"]["interactive"] is True
    assert studio.steps <= 6, "at most one more step"
    kept = told(clone.keep(studio, files, first_visit(gallery), seen["job"]))
    assert kept["keep"]["visible"] is False
    assert "first 1 of 2 parts" in kept["facts"]
    twice = told(clone.keep(studio, files, first_visit(gallery), seen["job"]))
    assert "generate it again" in twice["status"]


def test_cancel_while_nothing_runs_harms_nothing(studio, gallery, files):
    clone.cancel(studio, None)
    assert "tb-status bad" in told(clone.keep(studio, files, first_visit(gallery), None))["status"]


def test_a_job_that_fails_offers_what_is_done(gallery, files, tmp_path):
    studio = FakeStudio(Settings(workspace=tmp_path), fails=TimedOut("It took longer than an hour; use less text."))
    end = last(press(studio, gallery, files))
    assert "It took longer than an hour" in end["status"]
    assert "1 of 2 parts were finished." in end["status"]
    assert end["keep"]["visible"] is True


def test_a_fault_of_ours_is_not_shown(gallery, files, tmp_path):
    studio = FakeStudio(Settings(workspace=tmp_path), fails=RuntimeError("/secret"))
    assert "/secret" not in last(press(studio, gallery, files))["status"]


def test_a_page_that_goes_away_stops_the_work(gallery, files, tmp_path):
    studio = FakeStudio(Settings(workspace=tmp_path))
    outputs = press(studio, gallery, files)
    for values in outputs:
        if "Step 2 of 4" in told(values).get("status", ""):
            break
    outputs.close()
    assert studio.steps == 2
    assert len(studio.closed) == 1


def test_the_last_eight_takes_stay_and_any_can_be_shown(studio, gallery, files):
    visit = first_visit(gallery)
    for _ in range(10):
        visit = last(press(studio, gallery, files, visit=visit))["visit"]
    assert len(visit.entries) == TAKES
    assert visit.shown.title == "Tomas, take 10"

    class Row:
        index = 3

    view = result.show(visit, Row())
    assert view.player["label"] == "Tomas, take 7"
    assert view.takes.count("In the player") == 1
    for wrong in (-1, 99, "0", None, True):
        Row.index = wrong
        result.show(visit, Row())


def test_again_speaks_the_take_in_the_player_with_a_new_seed_unless_it_was_fixed(studio, gallery, files):
    drawn = last(press(studio, gallery, files, text="First words."))["visit"]
    last(clone.again(studio, files, drawn))
    assert studio.requests[-1] == studio.requests[-2]
    assert studio.requests[-1].seed is None
    fixed = last(press(studio, gallery, files, seed="7"))["visit"]
    end = last(clone.again(studio, files, fixed))
    assert studio.requests[-1].seed == 7
    assert end["visit"].shown.title == "Tomas, take 2"


def test_the_example_can_be_made_again(studio, gallery, files):
    end = last(clone.again(studio, files, first_visit(gallery)))
    assert studio.requests[-1].clip == gallery.example_voice.clip
    assert end["visit"].shown.title == f"{gallery.example_voice.name}, take 1"


def test_an_export_gives_a_link_and_a_failed_one_can_be_tried_again(gallery, files, tmp_path):
    studio = FakeStudio(Settings(workspace=tmp_path), exports=lambda take: Export(take.id, error="The bucket is away."))
    end = last(press(studio, gallery, files))
    assert "The bucket is away." in end["facts"]
    assert (end["copy"]["visible"], end["retry"]["visible"]) == (False, True)
    studio.exports = lambda take: Export(take.id, link="https://bucket/x")
    view = result.export_again(studio, end["visit"])
    assert "https://bucket/x" in view.facts
    assert (view.copy["visible"], view.retry["visible"]) == (True, False)


def test_two_visits_see_nothing_of_each_other(studio, gallery, files):
    mine = last(press(studio, gallery, files, text="My secret."))["takes"]
    yours = last(press(studio, gallery, files, text="Yours."))["takes"]
    assert "My secret." in mine
    assert "My secret." not in yours


# --- the cost


def cost(studio, gallery, files, **form):
    form = FORM | form
    return clone.estimate(studio, gallery, files, tuple(form), gallery.voices[0].id, *form.values())


def test_the_cost_is_told_before_the_click(studio, gallery, files):
    told = "3 parts, about 14 s of speech, work not measured yet on this machine."
    assert cost(studio, gallery, files) == f'<p class="tb-note">{told}</p>'
    studio.cost = replace(studio.cost, work_seconds=8.6, notes=("The text seems to be in “el”.",))
    page = cost(studio, gallery, files)
    assert "about 9 s of work." in page
    assert "<li>The text seems to be in “el”.</li>" in page
    assert studio.requests == []


@pytest.mark.parametrize(
    "form", [{"text": ""}, {"text": None}, {"seed": "abc"}, {"nfe": float("nan")}, {"format": "exe"}]
)
def test_a_form_that_cannot_be_sent_has_no_cost_and_is_not_scolded(studio, gallery, files, form):
    assert cost(studio, gallery, files, **form) == ""


# --- the voice


def hear(outputs):
    names, seen = ("clip_id", "reference_text", "heard_note", "own"), {}
    for values in outputs:
        seen |= {name: value for name, value in zip(names, values, strict=True) if value != clone.SKIP}
    return seen


def test_a_clip_is_heard_into_a_blank_box(studio, files, clip):
    first = next(voice.take_clip(studio, files, str(clip), "", "", OwnClip(chosen=True), Mend()))
    assert "Listening" in first[2]
    seen = hear(voice.take_clip(studio, files, str(clip), "", "", OwnClip(chosen=True), Mend()))
    assert "English, transcribed" in seen["heard_note"]
    assert voice.settle("", seen["own"]) == HEARD.text
    assert files.find(seen["clip_id"])


def test_typed_words_are_never_overwritten(studio, files, clip):
    seen = hear(voice.take_clip(studio, files, str(clip), "typed by me", "", OwnClip(chosen=True), Mend()))
    assert "reference_text" not in seen
    assert seen["clip_id"]
    heard = hear(voice.take_clip(studio, files, str(clip), "", "", OwnClip(chosen=True), Mend()))["own"]
    assert voice.settle("typed meanwhile", heard) == clone.SKIP


def test_another_clip_replaces_what_was_only_heard(studio, files, clip):
    studio.heard = replace(HEARD, text="other words")
    own = OwnClip(chosen=True, heard=HEARD.text)
    seen = hear(voice.take_clip(studio, files, str(clip), HEARD.text, "", own, Mend()))
    assert seen["reference_text"] == ""
    assert voice.settle("", seen["own"]) == "other words"


def test_another_language_is_heard_anew_unless_words_were_typed(studio, files, clip):
    id, own = files.keep(clip), OwnClip(chosen=True, heard=HEARD.text)
    assert "German, transcribed" in hear(voice.listen_again(studio, files, id, HEARD.text, "de", own))["heard_note"]
    assert hear(voice.listen_again(studio, files, id, "typed", "de", own)) == {}
    assert hear(voice.listen_again(studio, files, "/etc/passwd", "", "de", own)) == {}


@pytest.mark.parametrize("error", [HearingUnavailable("Type what is said in the clip."), BadClip("It is silent.")])
def test_a_failed_transcription_says_so_and_blocks_nothing(studio, files, clip, error):
    studio.deaf = error
    seen = hear(voice.take_clip(studio, files, str(clip), "", "", OwnClip(chosen=True), Mend()))
    assert str(error) in seen["heard_note"]
    assert seen["clip_id"]


def test_a_removed_clip_takes_its_heard_words_along_and_no_typed_ones(studio, files):
    own = OwnClip(chosen=True, heard="heard")
    assert hear(voice.take_clip(studio, files, None, "heard", "", own, Mend()))["reference_text"] == ""
    assert "reference_text" not in hear(voice.take_clip(studio, files, None, "typed", "", own, Mend()))
    assert hear(voice.take_clip(studio, files, None, "typed", "", own, Mend()))["clip_id"] == ""


def test_own_words_wait_while_an_example_is_tried(gallery, files):
    recording, *_, moved, own = voice.pick(gallery, files, "own", "example words", OwnClip(), None, "")
    assert recording["visible"] is True
    assert moved == Moved("example words", "")
    *_, (_, words, *_), own = voice.pick(gallery, files, "ines", "my words", own, "clip.wav", "")
    assert words == gallery.find("ines").text
    assert voice.pick(gallery, files, "own", words, own, "clip.wav", "")[3] == Moved(words, "my words")


def test_an_own_clip_that_was_behind_an_example_comes_back(gallery, files, clip):
    id = files.keep(clip)
    player, *_ = voice.pick(gallery, files, "own", "", OwnClip(), None, id)
    assert Path(player["value"]).read_bytes() == clip.read_bytes()
    assert "value" not in voice.pick(gallery, files, "own", "", OwnClip(), "clip.wav", id)[0]
    assert "value" not in voice.pick(gallery, files, "ines", "", OwnClip(), None, id)[0]


# --- the settings


def test_the_fold_repeats_the_settings():
    values = {"nfe": 16, "speed": 1.0, "seed": "", "format": "wav", "loudness": "", "model": "demo"}
    assert settings.summary(values, MODELS) == "Advanced: fine quality, speed 1, random seed, WAV"
    other = {"nfe": 20, "speed": 0.85, "seed": "7", "format": "flac", "loudness": "podcast", "model": "F5TTS_v1_Base"}
    told = "Advanced: 20 steps, speed 0.85, seed 7, FLAC, Podcast -16 LUFS, F5-TTS v1 Base"
    assert settings.summary(other, MODELS) == told


def test_every_loudness_and_format_of_a_request_can_be_chosen(gallery):
    import gradio as gr

    with gr.Blocks():
        fields = clone.build(gallery, MODELS).settings.fields
    assert [value for _, value in fields["format"].choices] == [*FORMATS]
    assert [value for _, value in fields["loudness"].choices] == ["", *LOUDNESS]
    assert [title for title, _ in fields["loudness"].choices] == [
        "Server's own", "Podcast -16 LUFS", "Broadcast -23 LUFS", "Audiobook (ACX)",
    ]  # fmt: skip


def test_a_number_of_steps_has_its_presets_name():
    assert [settings.quality_of(nfe) for nfe in (7, 10, 16, 32, 20)] == ["Fast", "Standard", "Fine", "Best", None]


def test_a_models_terms_are_told_when_it_is_chosen(studio):
    note, header = settings.tell_model(studio, "F5TTS_v1_Base")
    assert "CC-BY-NC-4.0" in note
    assert "F5-TTS v1 Base" in header


def test_two_jobs_run_at_once_and_each_ends(gallery, files, tmp_path):
    studio = FakeStudio(Settings(workspace=tmp_path), pace=0.01)
    ends = []
    jobs = [threading.Thread(target=lambda: ends.append(last(press(studio, gallery, files)))) for _ in range(2)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(20)
    assert ["Done in" in end["status"] for end in ends] == [True, True]
