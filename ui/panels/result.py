"""What came of it: the take in the player with its spectrogram and facts, and the last takes of the visit to compare.

Does not know how takes are made, nor how some of one is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import gradio as gr

from engine import Studio, Timed, Transcript

from .. import parts
from ..events import HEARING, QUIET, stop
from ..files import Files
from ..progress import Progress, tell
from ..strip import strip
from ..visit import Entry, Visit, first_visit
from ..voices import Gallery
from ..widgets import TakeList, WordStrip
from . import arrange, repair
from .arrange import ArrangeWidgets
from .dictionary import DictionaryWidgets
from .repair import RepairWidgets

WAVE = gr.WaveformOptions(waveform_color="#5F8F86", waveform_progress_color="#F0AE45")


class View(NamedTuple):
    """What is shown of a visit; the names are ResultWidgets'."""

    visit: Any
    player: Any
    spectrogram: Any
    words: Any
    listen: Any
    unlisten: Any
    bar: Any
    told: Any
    undo: Any
    fold: Any
    rows: Any
    facts: Any
    download: Any
    copy: Any
    retry: Any
    takes: Any


@dataclass(frozen=True)
class ResultWidgets:
    """The panel's widgets."""

    visit: gr.State
    timed: gr.State
    """What was heard last."""
    player: gr.Audio
    spectrogram: gr.HTML
    words: WordStrip
    listen: gr.Button
    unlisten: gr.Button
    repair: RepairWidgets
    arrange: ArrangeWidgets
    facts: gr.HTML
    download: gr.DownloadButton
    copy: gr.Button
    retry: gr.Button
    again: gr.Button
    takes: gr.HTML

    @property
    def view(self) -> list[Any]:
        """The widgets a View fills, in its order."""
        widgets = vars(self) | vars(self.repair) | vars(self.arrange)
        return [widgets[name] for name in View._fields]


def view(visit: Visit) -> View:
    """All of the panel for a visit."""
    shown = visit.shown
    link = bool(shown.export and shown.export.link)
    rows = [(entry.title, entry.take, entry.sound, index == visit.index) for index, entry in enumerate(visit.entries)]
    return View(
        visit,
        gr.update(value=shown.sound, label=shown.about or shown.title),
        parts.spectrogram(shown.take, shown.picture),
        _words(shown),
        gr.update(visible=not shown.words),
        gr.update(visible=False),
        gr.update(visible=False),
        parts.note(shown.told) if shown.told else "",
        gr.update(visible=shown.before is not None),
        gr.update(label=arrange.title(shown)),
        arrange.listed(shown),
        parts.facts(shown.take, shown.export, says=not shown.words),
        gr.update(value=shown.sound, label=f"Download {shown.take.request.format.upper()}"),
        gr.update(visible=link),
        gr.update(visible=bool(shown.export and shown.export.error)),
        parts.take_rows(rows) if len(rows) > 1 else "",
    )


def _words(shown: Entry) -> str:
    if shown.words:
        return strip(shown.take.request.text, shown.words, shown.subtitles)
    return parts.note(shown.untold, bad=True) if shown.untold else ""


def build(gallery: Gallery) -> ResultWidgets:
    """The panel, with the pre-rendered example in it."""
    visit = first_visit(gallery)
    shown = visit.shown
    with gr.Column(variant="panel", elem_id="result"):
        with gr.Row(elem_id="result_head"):
            gr.HTML("<h2>Result</h2>", apply_default_css=False)
            with gr.Row(elem_id="result_actions"):
                download = gr.DownloadButton("Download WAV", shown.sound, size="md", scale=0, min_width=120)
                copy = gr.Button("Copy link", size="md", scale=0, min_width=90, visible=False, elem_id="copy")
                retry = gr.Button(
                    "Try the export again", size="md", scale=0, min_width=90, visible=False, elem_id="retry"
                )
                again = gr.Button("Make again", size="md", scale=0, min_width=90, elem_id="again")
        with gr.Column(elem_id="screen"):
            player = gr.Audio(
                shown.sound,
                label=shown.about,
                interactive=False,
                buttons=[],
                elem_id="player",
                elem_classes="player",
                waveform_options=WAVE,
            )
            spectrogram = gr.HTML(parts.spectrogram(shown.take, shown.picture), apply_default_css=False)
        words = WordStrip("", elem_id="words")
        listen = gr.Button("Follow and mend words", size="md", scale=0, elem_id="listen")
        unlisten = gr.Button("Stop listening", size="md", scale=0, visible=False, elem_id="unlisten")
        mend = repair.build()
        order = arrange.build(shown)
        facts = gr.HTML(parts.facts(shown.take, None), apply_default_css=False)
        takes = TakeList("", elem_id="takes")
        state, timed = gr.State(visit), gr.State(None)
    return ResultWidgets(
        state,
        timed,
        player,
        spectrogram,
        words,
        listen,
        unlisten,
        mend,
        order,
        facts,
        download,
        copy,
        retry,
        again,
        takes,
    )


def show(visit: Visit, event: gr.EventData) -> View:
    """Another take is put in the player; its row is `event.index`."""
    index = getattr(event, "index", None)
    if isinstance(index, int) and 0 <= index < len(visit.entries):
        visit = replace(visit, index=index)
    return view(visit)


def listen(studio: Studio, visit: Visit) -> Iterator[tuple[Any, ...]]:
    """Hear when each word of the shown take is spoken, and of its parts that are muted. -> words, listen, unlisten, timed."""
    take, progress = visit.shown.origin.take, Progress()
    busy = gr.update(visible=False), gr.update(visible=True), None
    try:
        for event in studio.timings.of_take(take):
            if isinstance(event, Transcript):
                yield gr.skip(), *busy[:2], Timed(take.id, event.words)
            else:
                progress = progress.after(event)
                yield parts.note(f"{progress.line}…"), *busy
    except Exception as error:
        yield gr.skip(), *busy[:2], Timed(take.id, error=tell(error))


def listened(files: Files, visit: Visit, timed: Timed | None) -> View:
    """What was heard goes into the visit, which may hold other takes by now. -> View."""
    return view(visit.timed(files, timed) if timed else visit)


def export_again(studio: Studio, visit: Visit) -> View:
    """The shown take's export is tried again."""
    return view(visit.exported(studio.export(visit.shown.take, visit.shown.words)))


def export_mended(studio: Studio, visit: Visit) -> View:
    """A take that was exported before some of it was changed is exported as it is now."""
    shown = visit.shown
    anew = shown.before is not None and shown.before.export is not None and shown.export is None
    return view(visit.exported(studio.export(shown.take, shown.words)) if anew else visit)


def wire(panel: ResultWidgets, studio: Studio, files: Files, dictionary: DictionaryWidgets) -> None:
    """Show another take, hear its words, change some of it, try an export again, copy a link (static/page.js does that)."""
    panel.takes.show(show, panel.visit, panel.view, **QUIET)
    told = [panel.words, panel.listen, panel.unlisten, panel.timed]
    heard = panel.listen.click(partial(listen, studio), panel.visit, told, **(QUIET | HEARING))
    heard.then(partial(listened, files), [panel.visit, panel.timed], panel.view, **QUIET)
    stop(panel.unlisten.click, [heard], view, panel.visit, panel.view)
    changes = [
        *repair.wire(panel.repair, studio, files, panel.visit, panel.words, dictionary.text),
        *arrange.wire(panel.arrange, studio, files, panel.visit),
    ]
    for changed in changes:
        changed.success(view, panel.visit, panel.view, **QUIET).then(
            partial(export_mended, studio), panel.visit, panel.view, **QUIET
        )
    panel.retry.click(partial(export_again, studio), panel.visit, panel.view, **QUIET)
    # A link works for some minutes only, so a new one is made when it is asked for.
    copied = panel.copy.click(partial(export_again, studio), panel.visit, panel.view, **QUIET)
    copied.then(None, None, None, js="() => window.timbre.copyLink()", **QUIET)
