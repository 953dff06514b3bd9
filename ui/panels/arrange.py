"""The parts of the take in the player: laid in another order, muted, with other pauses, or one of them made again.

Does not know how parts are laid or made, nor how a take is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from engine import ArrangeRequest, Done, NotFound, Place, RemakeRequest, Studio, Timed, pieces

from .. import parts
from ..arguments import places_of
from ..events import AFTER_JOB, QUIET, stop
from ..files import Files
from ..part_list import part_list
from ..progress import Progress, follow, tell
from ..visit import Entry, Visit
from ..widgets import PartList

SKIP: Any = gr.skip()


@dataclass(frozen=True)
class Asked:
    """What was pressed: how the parts are to be laid, as it came, and which of them is to be made again."""

    places: Any = ()
    part: Any = None


@dataclass(frozen=True)
class Made:
    """What became of a take of the visit."""

    take_id: str
    entry: Entry


class Shown(NamedTuple):
    """What changes in the panel; the names are ArrangeWidgets'. What is left out stays as it is."""

    rows: Any = SKIP
    progress: Any = SKIP
    halt: Any = SKIP
    made: Any = SKIP


@dataclass(frozen=True)
class ArrangeWidgets:
    """The fold under the words, and what is asked and made in it."""

    fold: gr.Accordion
    rows: PartList
    progress: gr.HTML
    halt: gr.Button
    asked: gr.State
    made: gr.State

    @property
    def shown(self) -> list[Any]:
        """The widgets that Shown fills, in its order."""
        return [getattr(self, name) for name in Shown._fields]


def build(shown: Entry) -> ArrangeWidgets:
    """The fold with the parts of the take that is shown first."""
    with gr.Accordion(title(shown), open=False, elem_id="parts") as fold:
        rows = PartList(listed(shown), elem_id="part_list")
        with gr.Row(elem_id="parts_act"):
            progress = gr.HTML("", apply_default_css=False, elem_id="parts_line")
            halt = gr.Button("Stop", size="md", scale=0, min_width=90, visible=False, elem_id="parts_stop")
    return ArrangeWidgets(fold, rows, progress, halt, gr.State(Asked()), gr.State(None))


def title(shown: Entry) -> str:
    """What the fold says of a take."""
    return f"Parts of the take ({len(pieces(shown.origin.take))})"


def listed(shown: Entry, places: tuple[Place, ...] = (), busy: bool = False) -> str:
    """The parts of a take as they lie, or as `places` have them."""
    source = shown.origin
    told = pieces(source.take)
    applied = shown.places or as_made(source)
    return part_list(told, source.sound, places or applied, applied, busy)


def as_made(source: Entry) -> tuple[Place, ...]:
    """Its parts as they were made."""
    return tuple(Place(number) for number in range(len(pieces(source.take))))


def asked_of(event: gr.EventData) -> Asked:
    """What was pressed; gradio hands an event to plain functions alone, to no partial. -> asked."""
    return Asked(getattr(event, "places", ()), getattr(event, "part", None))


def change(studio: Studio, files: Files, visit: Visit, asked: Asked) -> Iterator[Shown]:
    """Lay the parts as asked, one of them made again before if that is asked. -> Shown."""
    shown, places = visit.shown, tuple[Place, ...]()
    try:
        source = shown.origin
        laid = places_of(asked.places) or as_made(source)
        rows = listed(shown, laid, busy=True)
        places = laid
        yield Shown(rows, parts.running(Progress()), gr.update(visible=True), None)
        if asked.part is not None:
            request = RemakeRequest(Path(source.sound), source.request.clip, asked.part, words=source.words)
            for event, progress in follow(studio.remake(request)):
                match event:
                    case Done(take):
                        timed = Timed(take.id)
                    case Timed():
                        timed = event
                yield Shown(progress=parts.running(progress))
            source = source.changed(files, take, timed)
        entry = lay(studio, files, source, places)
    except Exception as error:
        yield Shown(listed(shown, places), parts.note(tell(error), bad=True), gr.update(visible=False))
    else:
        yield Shown(SKIP, "", gr.update(visible=False), Made(shown.take.id, entry))


def lay(studio: Studio, files: Files, source: Entry, places: tuple[Place, ...]) -> Entry:
    """A take with its parts as `places` have them; none: as they were made. Raises TimbreError."""
    if places in ((), as_made(source)):
        return source
    take, timed = studio.arrange(ArrangeRequest(Path(source.sound), places, source.words))
    take = replace(take, notes=(*source.take.notes, *take.notes))
    return replace(source.changed(files, take, timed), source=source, places=places)


def stopped(visit: Visit) -> Shown:
    """Making a part again was stopped. -> Shown."""
    return Shown(listed(visit.shown), parts.note("Stopped."), gr.update(visible=False), None)


def use(visit: Visit, made: Made | None) -> tuple[Visit, str]:
    """What was made goes into the visit; where nothing was the page stays as it is, for its list is. -> visit, progress."""
    if made is None:
        raise gr.Error("Nothing was made.", visible=False, print_exception=False)
    try:
        return visit.mended(visit.find(made.take_id), made.entry), ""
    except NotFound as error:
        return visit, parts.note(tell(error), bad=True)


def wire(panel: ArrangeWidgets, studio: Studio, files: Files, visit: gr.State) -> list[Any]:
    """What the list's buttons do; the events after which the visit is to be shown anew."""
    p = panel
    pressed = p.rows.ask(asked_of, None, p.asked, **QUIET)
    made = pressed.then(partial(change, studio, files), [visit, p.asked], p.shown, **QUIET)
    used = made.then(use, [visit, p.made], [visit, p.progress], js=AFTER_JOB, **QUIET)
    stop(p.halt.click, [made], stopped, visit, p.shown)
    return [used]
