"""What an own clip is like, and what can be done about it: report card, best stretches, cures.

The recording's player keeps the clip as it came; cures are applied to that, and what they make is kept under an id of
its own, which is all that the request knows. Words move with every cut; those a person typed come back with the rest,
and are left whole where they are not what is heard, or were typed while the clip was looked at.
"""

from __future__ import annotations

import filecmp
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from engine import BadClip, BadParameter, Cures, HearingUnavailable, Stretch, Studio

from .. import parts
from ..clip_parts import report_card, stretch_cards
from ..events import HEARING, QUIET
from ..files import Files
from ..mend import UNCURED, Mend, seconds_of, summary, times_of
from ..progress import tell
from ..widgets import Choices, choice_of
from .cured import cured, keep
from .moving import Moved, Page, Presses, match, moved, whole
from .words import OwnClip

AT_HAND = {"noisy": ("denoise", "Remove the noise"), "quiet": ("level", "Raise the level")}
"""Cures that a button beside the finding applies: (the field of Cures, what it says)."""
SKIP: Any = gr.skip()
UNMATCHED = parts.note(
    "Your words are not what is heard in the clip, so no part was taken. Choose one, and set its words."
)


class Shown(NamedTuple):
    """What changes on the page, by its widgets' names. What is left out stays as it is."""

    cured: Any = SKIP
    bar: Any = SKIP
    side: Any = SKIP
    card: Any = SKIP
    stretches: Any = SKIP
    note: Any = SKIP
    fold: Any = SKIP
    denoise: Any = SKIP
    trim: Any = SKIP
    level: Any = SKIP
    start: Any = SKIP
    end: Any = SKIP
    moved: Any = SKIP
    mend: Any = SKIP
    clip_id: Any = SKIP
    own: Any = SKIP


@dataclass(frozen=True)
class ClipWidgets:
    """`bar` holds Before/After and Undo; the cures' widgets bear the names of the fields of Cures.

    `moved` is what the words' box and the states are to become at one stroke: whoever presses
    before that reads both as they were.
    """

    cured: gr.Audio
    bar: gr.Row
    side: gr.Radio
    undo: gr.Button
    another: gr.Button
    card: Choices
    stretches: Choices
    note: gr.HTML
    fold: gr.Accordion
    cures: dict[str, gr.components.Component]
    moved: gr.State
    mend: gr.State
    presses: gr.State

    @property
    def shown(self) -> list[Any]:
        """The widgets that Shown fills first, in its order."""
        names = Shown._fields[: Shown._fields.index("mend") + 1]
        return [self.cures[name] if name in self.cures else getattr(self, name) for name in names]


def build(wave: gr.WaveformOptions) -> ClipWidgets:
    """The panel; style.css shows it only while there is a clip."""
    with gr.Column(elem_id="clip"):
        cured = gr.Audio(
            label="Your clip, mended",
            visible=False,
            interactive=False,
            buttons=[],
            elem_id="cured",
            elem_classes="player",
            waveform_options=wave,
        )
        with gr.Row(visible=False, elem_id="clip_bar") as bar:
            side = gr.Radio(
                ["Before", "After"],
                value="After",
                label="Hear the clip before or after",
                show_label=False,
                container=False,
                elem_classes="segments",
                elem_id="side",
                min_width=140,
            )
            undo = gr.Button("Undo", size="sm", scale=0, min_width=64)
            another = gr.Button("Another clip", size="sm", scale=0, min_width=106)
        card = Choices("", elem_id="card")
        stretches = Choices("", elem_id="stretches")
        note = gr.HTML("", apply_default_css=False, elem_id="clip_note")
        with gr.Accordion(summary(UNCURED), open=False, elem_id="mend") as fold:
            cures: dict[str, gr.components.Component] = {
                "denoise": gr.Checkbox(label="Remove noise", container=False, interactive=True),
                "level": gr.Checkbox(label="Even out the level", container=False, interactive=True),
                "trim": gr.Checkbox(label="Cut silence off the ends", container=False, interactive=True),
            }
            with gr.Row():
                for name, placeholder in (("start", "beginning"), ("end", "end")):
                    label = f"{name.capitalize()} (seconds)"
                    cures[name] = gr.Textbox(label=label, placeholder=placeholder, max_lines=1, min_width=80)
    return ClipWidgets(
        cured,
        bar,
        side,
        undo,
        another,
        card,
        stretches,
        note,
        fold,
        cures,
        gr.State(),
        gr.State(Mend()),
        gr.State(Presses()),
    )


def _form(cures: Cures) -> dict[str, Any]:
    """The cures as their widgets show them."""
    times = {
        name: "" if value is None else f"{value:g}" for name, value in (("start", cures.start), ("end", cures.end))
    }
    return {
        "denoise": cures.denoise,
        "trim": cures.trim,
        "level": cures.level,
        "fold": gr.update(label=summary(cures)),
        **times,
    }


def begin(files: Files, recording: str | None, clip_id: object, presses: Presses) -> tuple[Any, ...]:
    """Another clip, or none: nothing is done to it yet, but where a reopened page has mended it before. -> Shown."""
    mend, clip = _mended(files, recording, clip_id), files.find(clip_id)
    if mend is None or clip is None:
        mend, own, sound = Mend(), SKIP, None
    else:
        own = OwnClip(True, heard="" if mend.typed else mend.placed)
        sound = files.publish(clip, "clip.flac")
    presses.begin()  # what is still being made is of the clip before
    presses.shown = presses.asked = mend.cures
    return Shown(
        cured=gr.update(value=sound, visible=sound is not None),
        bar=gr.update(visible=sound is not None),
        side="After",
        card=parts.note("Looking at the clip…") if recording else "",
        stretches="",
        note="",
        mend=mend,
        own=own,
        **_form(mend.cures),
    )


def _mended(files: Files, recording: str | None, clip_id: object) -> Mend | None:
    """How the clip of that id was made, if it was from the recording."""
    made = files.source(clip_id)
    if made is None or recording is None or not filecmp.cmp(made[0], recording, shallow=False):
        return None
    return Mend.read(made[1])


def examine(studio: Studio, files: Files, clip_id: str, *known: Any) -> str:
    """What the clip is like, mended where it is. -> card."""
    page = Page(*known)
    clip = files.find(clip_id) if page.mend.cures != UNCURED else page.recording
    return _card(studio, Path(clip), page.model, told=not page.own.typed(page.words)) if clip else ""


def _card(studio: Studio, clip: Path, model: str, told: bool = False) -> str:
    """The report card; where the clip is bad and whoever hears it will tell so, nothing."""
    try:
        return report_card(studio.clips.examine(clip, model), AT_HAND)
    except Exception as error:
        return "" if told and isinstance(error, BadClip) else parts.note(tell(error), bad=True)


def put(studio: Studio, files: Files, cures: Cures, page: Page) -> Iterator[tuple[Any, ...]]:
    """Put `cures` in force in place of those that are, sound and words at once. -> Shown."""
    if cures == page.presses.asked:
        yield Shown()
    else:
        yield from _put(studio, files, cures, page, page.presses.begin())


def _put(studio: Studio, files: Files, cures: Cures, page: Page, press: int) -> Iterator[tuple[Any, ...]]:
    if page.recording is None or cures == page.mend.cures:
        yield Shown()
        return
    clip, told, page.presses.asked = Path(page.recording), "", cures
    asked = _parts(replace(page.mend, cures=cures))
    yield Shown(note=parts.note("Working on the clip…"), stretches=asked)
    try:
        try:
            placing = moved(studio, clip, cures, page)
            mend = placing.mend or page.mend
        except HearingUnavailable as error:
            mend = replace(page.mend, cures=cures)
            placing, told = Moved(page.words, mend=mend), parts.note(tell(error), bad=True)
        clip_id, sound = keep(studio, files, clip, mend)
    except Exception as error:
        yield _failed(studio, page, error) if page.presses.last == press else Shown()
        return
    if page.presses.last != press:
        yield Shown()
        return
    page.presses.shown = cures
    yield Shown(
        cured=gr.update(value=sound, visible=sound is not None),
        bar=gr.update(visible=sound is not None),
        side="After",
        stretches=_parts(mend),
        note=told,
        moved=placing,
        clip_id=clip_id,
        **_form(cures),
    )
    yield Shown(card=_card(studio, files.find(clip_id) or clip, page.model))


def _failed(studio: Studio, page: Page, error: Exception) -> Shown:
    """Back to what is in force."""
    page.presses.asked = page.presses.shown
    mend = replace(page.mend, cures=page.presses.shown)
    told = parts.note(tell(error), bad=True)
    return Shown(note=told, stretches=_parts(mend), **_form(mend.cures))


def _parts(mend: Mend) -> str:
    """The parts to choose from."""
    return stretch_cards(mend.why, mend.offered, mend.sounds, mend.taken)


def offer(studio: Studio, files: Files, *known: Any) -> Iterator[tuple[Any, ...]]:
    """Once a clip is heard: of one that is longer than the model takes the best parts, the first taken; of another the
    shortest that will do, not taken. -> Shown.

    None is taken where typed words are not those of the clip: they could not go with it. Other cures that were asked for
    meanwhile go with it.
    """
    page = Page(*known)
    if page.recording is None:
        yield Shown()
        return
    clip, found, matched = Path(page.recording), tuple[Stretch, ...](), True
    try:
        fits, typed = studio.clips.fits(clip, page.model), whole(studio, clip, page)
        if fits and (typed or not page.words.strip()) and not page.mend.offered:  # what need not or cannot be heard
            yield Shown()
            return
        press = page.presses.begin()
        if not fits:
            yield Shown(note=parts.note("Looking for the best parts…"))
        if not (fits and typed):
            matched = not typed or match(studio, clip, typed, page.language)
            events = studio.clips.stretches(clip, typed if matched else "", page.language or "", page.model)
            found = next(event for event in events if isinstance(event, tuple))
        found = tuple(part for part in found if part.short or not fits)
        sounds = tuple(str(cured(studio, files, clip, _cut(UNCURED, part))) for part in found)
    except Exception as error:  # that it is no clip, or cannot be heard, is told where it is heard
        told = isinstance(error, BadClip | HearingUnavailable)
        yield Shown(note="" if told else parts.note(tell(error), bad=True))
        return
    if page.presses.last != press:
        yield Shown()
        return
    mend = replace(page.mend, offered=found, sounds=sounds, why=_why(studio, page.model, fits))
    cures = page.presses.asked
    uncut = replace(cures, start=None, end=None)
    yield Shown(note="" if matched else UNMATCHED, stretches=_parts(mend), mend=mend)
    by_hand = cures != uncut and replace(page.mend, cures=cures).taken is None
    if matched and not by_hand and replace(mend, cures=cures).taken is None:
        cures = uncut if fits or not found else _cut(uncut, found[0])
    yield from _put(studio, files, cures, page._replace(mend=mend), press)


def _why(studio: Studio, name: str, fits: bool) -> str:
    """What is said over the parts of a clip that the model takes whole, or does not."""
    if fits:
        return "Speech is made sooner after a shorter clip. Use this part alone?"
    model = next(model for model in studio.models() if model.name == name)
    return f"{model.title} copies {model.longest_reference:g} s of a clip. Which part?"


def rejudge(studio: Studio, files: Files, clip_id: str, *known: Any) -> Iterator[tuple[Any, ...]]:
    """Another model was chosen, which may take more or less of the clip. -> Shown."""
    page, clip = Page(*known), files.find(clip_id)
    if page.recording is None or clip is None:
        yield Shown()
        return
    yield Shown(card=_card(studio, clip, page.model))
    if page.words.strip():  # else it is still to be heard, and then offered
        yield from offer(studio, files, *known)


def _cut(cures: Cures, part: Stretch) -> Cures:
    start, end = times_of(part)
    return replace(cures, start=start, end=end)


def choose(studio: Studio, files: Files, choice: str, *known: Any) -> Iterator[tuple[Any, ...]]:
    """A cure beside a finding, or one of the parts offered, is chosen. -> Shown."""
    page = Page(*known)
    mend, cures = page.mend, page.presses.asked
    if choice in {field for field, _ in AT_HAND.values()}:
        cures = replace(cures, **{choice: True})
    elif choice in map(str, range(len(mend.offered))):
        cures = _cut(cures, mend.offered[int(choice)])
    yield from put(studio, files, cures, page)


def mend_by_hand(
    studio: Studio, files: Files, denoise: bool, trim: bool, level: bool, start: str, end: str, *known: Any
) -> Iterator[tuple[Any, ...]]:
    """What the fold says is put in force. -> Shown."""
    page = Page(*known)
    try:
        cures = Cures(seconds_of(start or ""), seconds_of(end or ""), bool(denoise), bool(trim), bool(level))
    except BadParameter as error:
        yield Shown(note=parts.note(tell(error), bad=True), **_form(page.presses.shown))
        return
    if cures == page.presses.shown:  # a box was left as it was; what was asked elsewhere goes on
        yield Shown()
        return
    for shown in map(Shown._make, put(studio, files, cures, page)):
        # What is in force is what the widgets say; by now somebody may be typing more into one of them.
        yield shown if shown.clip_id is SKIP else shown._replace(**dict.fromkeys(vars(cures), SKIP))


def undo(studio: Studio, files: Files, *known: Any) -> Iterator[tuple[Any, ...]]:
    """The clip and its words as they came. -> Shown."""
    yield from put(studio, files, UNCURED, Page(*known))


def wire(panel: ClipWidgets, studio: Studio, files: Files, page: list[Any], shown: list[Any]) -> tuple[Any, list[Any]]:
    """What the buttons do. `page` are the widgets of Page but the last, `shown` those that Shown fills last.

    Returns the event of another clip, for what follows it runs side by side, where several on one `change` would queue;
    and those events after which `moved` is to be placed.
    """

    def chosen(event: gr.EventData, *known: Any) -> Iterator[tuple[Any, ...]]:
        yield from choose(studio, files, choice_of(event), *known)

    p, known, outputs = panel, [*page, panel.mend, panel.presses], [*panel.shown, *shown]
    working = QUIET | HEARING
    recording, *_, model = page
    clip_id, *_ = shown
    begun = recording.change(
        partial(begin, files), [recording, clip_id, panel.presses], outputs, trigger_mode="multiple", **QUIET
    )
    begun.then(partial(examine, studio, files), [clip_id, *known], p.card, trigger_mode="multiple", **working)
    judged = model.change(
        partial(rejudge, studio, files), [clip_id, *known], outputs, trigger_mode="always_last", **working
    )
    cut = [judged]
    for chooser in (p.card, p.stretches):
        cut.append(chooser.choose(chosen, known, outputs, trigger_mode="multiple", **working))
    form = [p.cures[name] for name in ("denoise", "trim", "level", "start", "end")]
    changed = [w.blur if isinstance(w, gr.Textbox) else w.input for w in form]
    submitted = [w.submit for w in form if isinstance(w, gr.Textbox)]
    by_hand = partial(mend_by_hand, studio, files)
    cut.append(gr.on([*changed, *submitted], by_hand, [*form, *known], outputs, trigger_mode="always_last", **working))
    cut.append(p.undo.click(partial(undo, studio, files), known, outputs, **working))
    p.another.click(lambda: None, None, recording, queue=False, **QUIET)
    p.side.input(lambda side: gr.update(visible=side == "After"), p.side, p.cured, queue=False, **QUIET)
    return begun, cut
