"""The line over the form while the demo model speaks: what it is, and one click to the best one.

The click brings the best model's weights here, tells how far they are, and then chooses it; where that fails the demo
stays chosen and the line says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from engine import Loading, ModelInfo, Studio

from .. import parts
from ..events import QUIET, stop
from ..progress import size, tell
from ..theme import DEMO


@dataclass(frozen=True)
class BetterWidgets:
    """The row, its sentence, and the two buttons of which one is shown."""

    row: gr.Row
    line: gr.HTML
    get: gr.Button
    stop: gr.Button


def build(models: Sequence[ModelInfo]) -> BetterWidgets:
    """Shown where the demo is what a request gets."""
    demo = any(model.default and model.name == "demo" for model in models)
    with gr.Row(visible=demo, elem_id="better") as row:
        line = gr.HTML(parts.note(DEMO), apply_default_css=False, min_width=240)
        get = gr.Button(label(_best(models)), size="md", scale=0, min_width=230, elem_id="get_better")
        stop = gr.Button("Stop", size="md", scale=0, min_width=90, visible=False, elem_id="stop_better")
    return BetterWidgets(row, line, get, stop)


def _best(models: Sequence[ModelInfo]) -> ModelInfo:
    """The first that is not the demo."""
    return next((model for model in models if model.name != "demo"), models[0])


def label(best: ModelInfo) -> str:
    """What the button says: the model, and what it costs to get it."""
    cost = f", {size(best.download_bytes)}" if best.download_bytes else ""
    return f"Use {best.title}{cost}"


def get(studio: Studio, chosen: str) -> Iterator[tuple[Any, ...]]:
    """Bring the best model here and choose it. -> line, get, stop, model."""
    best = _best(studio.models())
    yield parts.note(f"Asking for {best.title}."), gr.update(visible=False), gr.update(visible=True), gr.skip()
    try:
        for event in studio.fetch(best.name):
            if isinstance(event, Loading):
                yield parts.note(parts.loading(event)), gr.skip(), gr.skip(), gr.skip()
    except Exception as error:
        yield parts.note(f"{tell(error)} The demo stays chosen.", bad=True), *stopped(studio)[1:], chosen
        return
    yield *stopped(studio), best.name


def stopped(studio: Studio) -> tuple[Any, ...]:
    """As it was before the click. -> line, get, stop."""
    return parts.note(DEMO), gr.update(visible=True, value=label(_best(studio.models()))), gr.update(visible=False)


def wire(panel: BetterWidgets, studio: Studio, model: gr.components.Component) -> None:
    """The buttons, and the row for whatever model is chosen."""
    p = panel
    getting = p.get.click(partial(get, studio), model, [p.line, p.get, p.stop, model], **QUIET)
    stop(p.stop.click, [getting], partial(stopped, studio), None, [p.line, p.get, p.stop])
    model.change(lambda name: gr.update(visible=name == "demo"), model, p.row, **QUIET)
