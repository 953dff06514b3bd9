"""What came of it: the take in the player with its spectrogram and facts, and the last takes of the visit to compare.

A visit's takes live in the server's memory for that visit only. Does not know how takes are made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from engine import SUBTITLE_FORMATS, CloneRequest, Export, Studio, Take, Timed, Transcript, Word, subtitles

from .. import parts
from ..files import Files
from ..progress import Progress, tell
from ..strip import strip
from ..theme import HEARING, QUIET
from ..voices import Gallery
from ..widgets import TakeList, WordStrip

TAKES = 8
"""So many takes of a visit stay on the page."""

WAVE = gr.WaveformOptions(waveform_color="#5F8F86", waveform_progress_color="#F0AE45")


@dataclass(frozen=True)
class Entry:
    """A take as the visit knows it: how to make it again, and its files as the page may serve them."""

    title: str
    take: Take
    request: CloneRequest
    """As it was asked, with the clip; its seed is None where it was to be drawn."""
    sound: str
    picture: str
    export: Export | None = None
    about: str = ""
    """Said of it in the player, where its title does not say enough."""
    words: tuple[Word, ...] = ()
    """When each is spoken, where that is known; else `untold` may say why not."""
    subtitles: Mapping[str, str] = field(default_factory=dict)
    """Their files by format, which the page may serve."""
    untold: str = ""

    def timed(self, files: Files, timed: Timed) -> Entry:
        """The same with its word times and their files."""
        stem, text = Path(self.take.filename).stem, self.take.request.text
        formats = SUBTITLE_FORMATS if timed.words else ()
        made = {format: files.write(f"{stem}.{format}", subtitles(format, text, timed.words)) for format in formats}
        return replace(self, words=timed.words, subtitles=made, untold=timed.error)


@dataclass(frozen=True)
class Visit:
    """The takes of a visit, newest first, the number of all made, and which one is in the player."""

    entries: tuple[Entry, ...]
    made: int = 0
    index: int = 0

    @property
    def shown(self) -> Entry:
        """The one in the player."""
        return self.entries[self.index]

    def add(self, files: Files, take: Take, request: CloneRequest, voice: str) -> Visit:
        """The visit with a new take, which is shown; beyond TAKES the oldest goes."""
        made = self.made + 1
        sound = files.publish(take.file, take.filename)
        picture = files.publish(take.picture, take.picture.name)
        entry = Entry(f"{voice}, take {made}", take, request, sound, picture)
        return Visit((entry, *self.entries)[:TAKES], made)

    def timed(self, files: Files, timed: Timed) -> Visit:
        """The visit with a take's word times, or why they are not known."""
        entries = tuple(e.timed(files, timed) if e.take.id == timed.take_id else e for e in self.entries)
        return replace(self, entries=entries)

    def exported(self, export: Export) -> Visit:
        """The visit with what became of a take's export."""
        entries = tuple(replace(e, export=export) if e.take.id == export.take_id else e for e in self.entries)
        return replace(self, entries=entries)


class View(NamedTuple):
    """What is shown of a visit; the names are ResultWidgets'."""

    visit: Any
    player: Any
    spectrogram: Any
    words: Any
    listen: Any
    unlisten: Any
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
    facts: gr.HTML
    download: gr.DownloadButton
    copy: gr.Button
    retry: gr.Button
    again: gr.Button
    takes: gr.HTML

    @property
    def view(self) -> list[Any]:
        """The widgets a View fills, in its order."""
        return [getattr(self, name) for name in View._fields]


def first_visit(gallery: Gallery) -> Visit:
    """A visit that has made nothing: the pre-rendered example is in the player."""
    take = gallery.example
    request = replace(take.request, clip=gallery.example_voice.clip)
    name = gallery.example_voice.name
    about = f"{name}, an example made earlier by the {take.model} model"
    return Visit((Entry(f"{name}, example", take, request, str(take.file), str(take.picture), about=about),))


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
        listen = gr.Button("Follow the words", size="md", scale=0, elem_id="listen")
        unlisten = gr.Button("Stop listening", size="md", scale=0, visible=False, elem_id="unlisten")
        facts = gr.HTML(parts.facts(shown.take, None), apply_default_css=False)
        takes = TakeList("", elem_id="takes")
        state, timed = gr.State(visit), gr.State(None)
    return ResultWidgets(
        state, timed, player, spectrogram, words, listen, unlisten, facts, download, copy, retry, again, takes
    )


def show(visit: Visit, event: gr.EventData) -> View:
    """Another take is put in the player; its row is `event.index`."""
    index = getattr(event, "index", None)
    if isinstance(index, int) and 0 <= index < len(visit.entries):
        visit = replace(visit, index=index)
    return view(visit)


def listen(studio: Studio, visit: Visit) -> Iterator[tuple[Any, ...]]:
    """Hear when each word of the shown take is spoken. -> words, listen, unlisten, timed."""
    take, progress = visit.shown.take, Progress()
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
    return view(visit.exported(studio.export(visit.shown.take)))


def wire(panel: ResultWidgets, studio: Studio, files: Files) -> None:
    """Show another take, hear its words, try an export again, copy a link (static/page.js does that)."""
    panel.takes.show(show, panel.visit, panel.view, **QUIET)
    told = [panel.words, panel.listen, panel.unlisten, panel.timed]
    heard = panel.listen.click(partial(listen, studio), panel.visit, told, **(QUIET | HEARING))
    heard.then(partial(listened, files), [panel.visit, panel.timed], panel.view, **QUIET)
    panel.unlisten.click(view, panel.visit, panel.view, cancels=[heard], **QUIET)
    panel.retry.click(partial(export_again, studio), panel.visit, panel.view, **QUIET)
    # A link works for some minutes only, so a new one is made when it is asked for.
    copied = panel.copy.click(partial(export_again, studio), panel.visit, panel.view, **QUIET)
    copied.then(None, None, None, js="() => window.timbre.copyLink()", **QUIET)
