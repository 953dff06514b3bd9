"""The Clone tab: a voice and a text in, speech in that voice out.

`build` lays out, `wire` connects, the functions between them do it and know no widgets. The form's widgets bear the
names of CloneRequest's fields.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import gradio as gr

from engine import Accepted, Cancelled, CloneRequest, Done, Exported, ModelInfo, NotFound, Partial, Step, Studio, Timed

from .. import parts
from ..events import ESTIMATING, QUIET
from ..files import Files
from ..memory import KEYS, reopen
from ..panels import better, restore, result, settings, voice
from ..panels.better import BetterWidgets
from ..panels.restore import RestoreWidgets
from ..panels.result import ResultWidgets, View, view
from ..panels.settings import SettingsWidgets, seed_of
from ..panels.voice import VoiceWidgets, clip_of
from ..progress import Progress, cost, follow, tell
from ..theme import PERMISSION
from ..visit import Visit
from ..voices import Gallery
from ..widgets import EarlyPlayer

READY = parts.status("idle", "Ready.", "Press Generate, or Ctrl+Enter.")
SKIP: Any = gr.skip()
SETTLED = """(...values) => new Promise(done => {
  clearTimeout(window.timbreSettling);
  window.timbreSettling = setTimeout(done, 400, values);
})"""
"""Of several changes in quick succession only the last goes on to the server: a long text costs seconds to estimate."""


class Shown(NamedTuple):
    """What a running job changes on the page; the names are CloneWidgets'. What is left out stays as it is."""

    status: Any = SKIP
    generate: Any = SKIP
    cancel: Any = SKIP
    keep: Any = SKIP
    early: Any = SKIP
    job: Any = SKIP
    result: View = View(*[SKIP] * len(View._fields))

    @property
    def flat(self) -> tuple[Any, ...]:
        """As gradio takes it: one value a widget."""
        return (*self[:-1], *self.result)


@dataclass(frozen=True)
class CloneWidgets:
    """The tab's widgets; `job` holds the running job's id and its request, `memory` the form in the browser."""

    voice: VoiceWidgets
    better: BetterWidgets
    text: gr.Textbox
    cost: gr.HTML
    settings: SettingsWidgets
    result: ResultWidgets
    restore: RestoreWidgets
    generate: gr.Button
    cancel: gr.Button
    keep: gr.Button
    status: gr.HTML
    early: EarlyPlayer
    job: gr.State
    memory: gr.BrowserState

    @property
    def form(self) -> dict[str, gr.components.Component]:
        """The widget of each field of CloneRequest."""
        return {
            "clip": self.voice.clip_id,
            "text": self.text,
            "reference_text": self.voice.reference_text,
            "language": self.voice.language,
            **self.settings.fields,
        }

    @property
    def remembered(self) -> dict[str, Any]:
        """The widgets whose values are remembered: the voice, and the fields KEYS."""
        return {"voice": self.voice.voice, **{name: self.form[name] for name in KEYS}}

    @property
    def recalled(self) -> list[Any]:
        """The widgets that `recall` fills, in its order."""
        voice = self.voice
        return [*self.remembered.values(), voice.recording, voice.level, voice.own_row, voice.own]

    @property
    def changes(self) -> list[Any]:
        """The events by which what is remembered changes."""
        return [widget.input if name == "voice" else widget.change for name, widget in self.remembered.items()]

    @property
    def shown(self) -> list[Any]:
        """The widgets that Shown fills, in its order."""
        return [getattr(self, name) for name in Shown._fields[:-1]] + self.result.view


@dataclass(frozen=True)
class Job:
    """The last job of the page: what to cancel, and what to make of what is kept of it."""

    take_id: str
    request: CloneRequest
    voice: str


def build(gallery: Gallery, models: tuple[ModelInfo, ...]) -> CloneWidgets:
    """The layout: whose voice at the left; what to say, and the result, at the right."""
    with gr.Row(elem_id="desk", equal_height=False):
        with gr.Column(scale=0, min_width=420, elem_id="left"):
            voices = voice.build(gallery)
            gr.HTML(f'<p class="tb-fine">{PERMISSION}</p>', apply_default_css=False)
        with gr.Column(scale=1, min_width=460, elem_id="work"):
            improve = better.build(models)
            with gr.Column(variant="panel", elem_id="say"):
                gr.HTML("<h2>What to say</h2>", apply_default_css=False)
                text = gr.Textbox(
                    gallery.example.request.text,
                    label="What to say",
                    show_label=False,
                    container=False,
                    lines=3,
                    max_lines=14,
                    placeholder="Write what the voice should say. Ctrl+Enter generates.",
                    elem_id="text",
                )
                cost = gr.HTML("", apply_default_css=False, elem_id="cost")
                with gr.Row(elem_id="act"):
                    generate = gr.Button("Generate", variant="primary", scale=0, min_width=168, elem_id="generate")
                    cancel = gr.Button("Cancel", scale=0, min_width=104, visible=False, elem_id="cancel")
                    status = gr.HTML(READY, apply_default_css=False, elem_id="status")
                    keep = gr.Button(
                        "Keep what is done", size="md", scale=0, min_width=160, visible=False, elem_id="keep"
                    )
                early = EarlyPlayer(elem_id="early")
                fields = settings.build(models)
            results = result.build(gallery)
            inspected = restore.build()
    memory = gr.BrowserState({}, storage_key="timbre-form", secret="timbre")
    return CloneWidgets(
        voices,
        improve,
        text,
        cost,
        fields,
        results,
        inspected,
        generate,
        cancel,
        keep,
        status,
        early,
        gr.State(None),
        memory,
    )


def request_of(gallery: Gallery, files: Files, chosen: str, form: Mapping[str, Any]) -> tuple[CloneRequest, str]:
    """The form as a request, and the voice's name. Values are checked by the engine."""
    clip, language, name = clip_of(gallery, files, chosen, form["clip"], form["language"])
    values = dict(form) | {"clip": clip, "language": language, "seed": seed_of(form["seed"])}
    return CloneRequest(**values), name


def estimate(studio: Studio, gallery: Gallery, files: Files, names: tuple[str, ...], chosen: str, *values: Any) -> str:
    """What the form would cost; nothing while it cannot be sent, for what is wrong with it is told then. -> cost."""
    try:
        request, _ = request_of(gallery, files, chosen, dict(zip(names, values, strict=True)))
        expected = studio.estimate(request)
    except Exception as error:
        tell(error)  # a fault of ours goes into the log
        return ""
    return parts.cost(cost(expected), expected.notes)


def generate(
    studio: Studio, gallery: Gallery, files: Files, names: tuple[str, ...], visit: Visit, chosen: str, *values: Any
) -> Iterator[tuple[Any, ...]]:
    """Speak what the form says; `values` are its fields `names`. -> Shown."""
    request, voice = request_of(gallery, files, chosen, dict(zip(names, values, strict=True)))
    yield from run(studio, files, visit, request, voice)


def again(studio: Studio, files: Files, visit: Visit) -> Iterator[tuple[Any, ...]]:
    """Speak the take in the player once more, whatever the form says now; a drawn seed is drawn anew. -> Shown."""
    shown = visit.shown
    yield from run(studio, files, visit, shown.request, shown.title.rsplit(",", 1)[0])


def run(studio: Studio, files: Files, visit: Visit, request: CloneRequest, voice: str) -> Iterator[tuple[Any, ...]]:
    """A job from its first to its last word on the page. -> Shown."""
    began, job, chunks = time.monotonic(), None, 0
    sounds: list[str] = []
    yield _busy(Shown(status=parts.running(Progress()), job=None)).flat
    try:
        for event, progress in follow(studio.clone(request)):
            shown = Shown(status=parts.running(progress))
            match event:
                case Accepted(take_id):
                    job = Job(take_id, request, voice)
                    shown = shown._replace(job=job)
                case Step(chunks=chunks):
                    pass
                case Partial(chunks=chunks) if chunks > 1:
                    sounds = [*sounds, files.put(event)]
                    shown = shown._replace(early=parts.early(sounds, chunks, "making"))
                case Done(take):
                    visit = visit.add(files, take, request, voice)
                    early = parts.early(sounds, chunks, "apart" if request.remove_silence else "done")
                    shown = shown._replace(early=early, result=view(visit))
                case Timed():
                    visit = visit.timed(files, event)
                    shown = shown._replace(result=view(visit))
                case Exported(export):
                    visit = visit.exported(export)
                    shown = shown._replace(result=view(visit))
            yield shown.flat
    except Exception as error:
        yield _idle(ended(error, studio.kept(job.take_id) if job else 0, chunks)).flat
        return
    done = f"Done in {time.monotonic() - began:.1f} s."
    yield _idle(Shown(status=parts.status("done", done, "Change anything and generate again."))).flat


def ended(error: Exception, kept: int, chunks: int) -> Shown:
    """The words for a job that did not end well, and whether there is something to keep."""
    finished = f"{kept} of {chunks} parts were finished." if kept else ""
    if isinstance(error, Cancelled):
        status = parts.status("idle", "Cancelled.", finished or "Nothing was finished yet.")
    else:
        status = parts.status("bad", tell(error), finished)
    return Shown(status=status, early={}, keep=gr.update(visible=kept > 0))


def _busy(shown: Shown) -> Shown:
    return shown._replace(
        generate=gr.update(value="Generating", interactive=False),
        cancel=gr.update(visible=True, interactive=True, value="Cancel"),
        keep=gr.update(visible=False),
        early={},
    )


def _idle(shown: Shown) -> Shown:
    return shown._replace(generate=gr.update(value="Generate", interactive=True), cancel=gr.update(visible=False))


def cancel(studio: Studio, job: Job | None) -> Any:
    """Stop the page's job; the job itself then tells that it ended. -> cancel."""
    if job is None:  # pressed before the job had a name: it can be pressed again
        return gr.skip()
    studio.cancel(job.take_id)
    return gr.update(value="Cancelling", interactive=False)


def keep(studio: Studio, files: Files, visit: Visit, job: Job | None) -> tuple[Any, ...]:
    """Make a take of the parts that a cancelled or failed job had finished. -> Shown."""
    hidden = gr.update(visible=False)
    try:
        if job is None:
            raise NotFound("Nothing is kept of that job any more; generate it again.")
        visit = visit.add(files, studio.keep(job.take_id), job.request, job.voice)
    except Exception as error:
        return Shown(status=parts.status("bad", tell(error)), keep=hidden).flat
    return Shown(status=parts.status("done", "Kept.", "It is in the player."), keep=hidden, result=view(visit)).flat


def wire(tab: CloneWidgets, studio: Studio, gallery: Gallery, files: Files, demo: gr.Blocks, header: gr.HTML) -> None:
    """What the buttons do; how the form is remembered."""
    voice.wire(tab.voice, studio, gallery, files, tab.settings.fields["model"])
    labelled = settings.wire(tab.settings, studio, demo, header)
    result.wire(tab.result, studio, files, tab.settings.dictionary)
    better.wire(tab.better, studio, tab.settings.fields["model"])
    form, visit = tab.form, tab.result.visit
    asked = [tab.voice.voice, *form.values()]
    restored = restore.wire(tab.restore, studio, gallery, files, tab.voice, [*tab.remembered.values()], tab.recalled)
    started = [
        tab.generate.click(partial(generate, studio, gallery, files, tuple(form)), [visit, *asked], tab.shown, **QUIET),
        tab.result.again.click(partial(again, studio, files), visit, tab.shown, **QUIET),
    ]
    for event in started:
        event.then(None, None, None, js="() => window.timbre.reveal()", **QUIET)
    tab.cancel.click(partial(cancel, studio), tab.job, tab.cancel, queue=False, **QUIET)
    tab.keep.click(partial(keep, studio, files), [visit, tab.job], tab.shown, **QUIET)
    told: dict[str, Any] = {
        "fn": partial(estimate, studio, gallery, files, tuple(form)),
        "inputs": asked,
        "outputs": tab.cost,
        "trigger_mode": "always_last",
        **(QUIET | ESTIMATING),
    }
    gr.on([*tab.changes, tab.voice.clip_id.change, demo.load], js=SETTLED, **told)
    # A finished job teaches how long the work takes, and a model that is loaded need not be.
    for event in (*started, *restored):
        event.then(**told)
    _remember(tab, demo, partial(reopen, gallery, files, studio.models())).then(**labelled)


def _remember(tab: CloneWidgets, demo: gr.Blocks, reopen: Callable[..., Any]) -> Any:
    """The form goes into the browser's storage at each change, and comes back when the page is opened: that event."""
    gr.on(
        tab.changes,
        None,
        [*tab.remembered.values()],
        tab.memory,
        js=f"(...values) => Object.fromEntries({[*tab.remembered]}.map((name, i) => [name, values[i]]))",
        **QUIET,
    )
    return demo.load(reopen, [tab.memory, tab.voice.clip_id], tab.recalled, **QUIET)
