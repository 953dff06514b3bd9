"""How to speak: every setting of a request behind one fold, whose label repeats those that matter most.

Widgets bear the names of CloneRequest's fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from engine import FORMATS, LOUDNESS, PRESETS, RANGES, CloneRequest, ModelInfo, Studio

from .. import parts
from ..progress import size
from . import dictionary
from .dictionary import DictionaryWidgets


@dataclass(frozen=True)
class _Slider:
    step: float
    label: str
    info: str


SLIDERS: Mapping[str, _Slider] = {
    "nfe": _Slider(1, "Steps", "More steps, finer sound, more time."),
    "speed": _Slider(0.05, "Speed", "1 is the voice's own pace."),
    "cfg_strength": _Slider(0.1, "CFG strength", "Higher copies the clip harder; 0 leaves it out."),
    "sway_sampling": _Slider(0.1, "Sway sampling", "Lower spends more steps early."),
    "cross_fade": _Slider(0.01, "Cross-fade (s)", "Overlap where two parts join."),
    "pause": _Slider(0.1, "Paragraph pause (s)", "Silence at a blank line."),
}

LOUDNESSES = {
    "": "Server's own",
    **{name: f"{name.title()} {target.level:g} LUFS" for name, target in LOUDNESS.items() if target.unit == "LUFS"},
    "audiobook": "Audiobook (ACX)",
}
"""What is shown for each loudness that a request may name."""


CHECKS = {"": "Long texts", "off": "Off", "on": "On", "until right": "Until right"}
"""What is shown for each way to check the words."""


@dataclass(frozen=True)
class SettingsWidgets:
    """`fields` are the widgets of CloneRequest's fields of that name; `quality` names a number of steps."""

    fold: gr.Accordion
    quality: gr.Radio
    fields: Mapping[str, gr.components.Component]
    model_note: gr.HTML
    dictionary: DictionaryWidgets


def build(models: Sequence[ModelInfo]) -> SettingsWidgets:
    """The fold, closed, with the defaults of a request."""
    default = next((model for model in models if model.default), models[0])
    fields: dict[str, gr.components.Component] = {}
    *fewer, most = PRESETS.values()
    with gr.Accordion(summary(_defaults(), models), open=False, elem_id="advanced") as fold:
        with gr.Row():
            quality = gr.Radio(
                [*PRESETS],
                value=quality_of(CloneRequest.nfe),
                label="Quality",
                info=f"{', '.join(map(str, fewer))} or {most} steps.",
                elem_classes="segments",
            )
            fields["nfe"], fields["speed"] = _slider("nfe"), _slider("speed")
        with gr.Row():
            with gr.Column(min_width=200):
                fields["model"] = gr.Dropdown(
                    choices(models),
                    value=default.name,
                    label="Model",
                    info="What speaks. Its licence is its makers'.",
                    interactive=True,
                    elem_id="model",
                )
                note = gr.HTML(parts.model_note(default), apply_default_css=False, elem_id="model_note")
            fields["format"] = gr.Radio(
                [(name.upper(), name) for name in FORMATS],
                value=CloneRequest.format,
                label="File format",
                info="MP3 and OGG are small, and lossy.",
                elem_classes="segments",
            )
            fields["seed"] = gr.Textbox(
                "", label="Seed", placeholder="Random", info="The same number gives the same take.", max_length=10
            )
        with gr.Row():
            for name in ("cfg_strength", "sway_sampling", "cross_fade"):
                fields[name] = _slider(name)
        with gr.Row():
            fields |= _sound()
        with gr.Row():
            fields |= _after()
        words = dictionary.build()
    return SettingsWidgets(fold, quality, {**fields, "dictionary": words.text}, note, words)


def choices(models: Sequence[ModelInfo]) -> list[tuple[str, str]]:
    """The models to choose from: title with what stands between a request and it, and name."""
    return [(f"{model.title} ({state})" if (state := _state(model)) else model.title, model.name) for model in models]


def _state(model: ModelInfo) -> str:
    if model.loaded:
        return "in use"
    if model.download_bytes:
        return size(model.download_bytes)
    return "" if model.ready else "not on this machine"


def _sound() -> dict[str, gr.components.Component]:
    """How the parts become one sound."""
    fields: dict[str, gr.components.Component] = {}
    fields["pause"] = _slider("pause")
    fields["remove_silence"] = gr.Checkbox(
        CloneRequest.remove_silence,
        label="Shorten long silences",
        info="Pauses over half a second.",
        interactive=True,
        elem_id="remove_silence",
    )
    fields["loudness"] = gr.Dropdown(
        [(title, name) for name, title in LOUDNESSES.items()],
        value=CloneRequest.loudness,
        label="Loudness",
        info="What it is for; ACX is checked and told.",
        interactive=True,
        elem_id="loudness",
    )
    return fields


def _after() -> dict[str, gr.components.Component]:
    """What is listened for in what was made."""
    fields: dict[str, gr.components.Component] = {}
    fields["word_times"] = gr.Checkbox(
        CloneRequest.word_times,
        label="Word times",
        info="Listens to each take for when its words are spoken.",
        interactive=True,
        elem_id="word_times",
    )
    fields["check"] = gr.Radio(
        [(title, name) for name, title in CHECKS.items()],
        value=CloneRequest.check,
        label="Check the words",
        info="Listens to what was spoken, and says wrong words again. Takes longer.",
        interactive=True,
        elem_classes="segments",
        elem_id="check",
    )
    return fields


def _slider(name: str) -> gr.Slider:
    s, allowed = SLIDERS[name], RANGES[name]
    value = getattr(CloneRequest, name)
    return gr.Slider(allowed.least, allowed.most, value, step=s.step, label=s.label, info=s.info, interactive=True)


def _defaults() -> dict[str, Any]:
    return {
        "nfe": CloneRequest.nfe,
        "speed": CloneRequest.speed,
        "seed": "",
        "format": CloneRequest.format,
        "loudness": CloneRequest.loudness,
        "model": "",
    }


def quality_of(nfe: float) -> str | None:
    """The preset of so many steps, if there is one."""
    return next((name for name, steps in PRESETS.items() if steps == nfe), None)


def summary(values: Mapping[str, Any], models: Sequence[ModelInfo]) -> str:
    """The fold's label: `Advanced: standard quality, speed 1, random seed, WAV`; loudness and model where chosen."""
    quality = quality_of(values["nfe"])
    seed = str(values["seed"] or "").strip()
    told = [
        f"{quality.lower()} quality" if quality else f"{int(values['nfe'])} steps",
        f"speed {values['speed']:g}",
        f"seed {seed}" if seed else "random seed",
        str(values["format"]).upper(),
    ]
    told += [LOUDNESSES[values["loudness"]]] if values["loudness"] else []
    told += [model.title for model in models if model.name == values["model"] and not model.default]
    return f"Advanced: {', '.join(told)}"


def relabel(models: Sequence[ModelInfo], *values: Any) -> tuple[Any, str | None]:
    """A setting changed. `values` as SUMMED. -> fold, quality."""
    settings = dict(zip(SUMMED, values, strict=True))
    return gr.update(label=summary(settings, models)), quality_of(settings["nfe"])


SUMMED = ("nfe", "speed", "seed", "format", "loudness", "model")
"""The fields that the fold's label tells."""


def tell_model(studio: Studio, name: str) -> tuple[str, str]:
    """Another model was chosen. -> model_note, the page's header."""
    model = next(model for model in studio.models() if model.name == name)
    return parts.model_note(model), parts.header(model, studio.health())


def wire(panel: SettingsWidgets, studio: Studio, demo: gr.Blocks, header: gr.HTML) -> dict[str, Any]:
    """Keep label, quality, the models' states and the model's note true.

    Returns what keeps label and quality so, for an event that puts fields back while the page opens: then the change of one
    was not told in three of ten runs.
    """
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    presets = "{" + ", ".join(f"{name}: {steps}" for name, steps in PRESETS.items()) + "}"
    panel.quality.input(
        None,
        [panel.quality, panel.fields["nfe"]],
        panel.fields["nfe"],
        js=f"(name, nfe) => ({presets})[name] ?? nfe",
        **quiet,
    )
    summed = [panel.fields[name] for name in SUMMED]
    told: dict[str, Any] = {
        "fn": partial(relabel, studio.models()),
        "inputs": summed,
        "outputs": [panel.fold, panel.quality],
        "trigger_mode": "always_last",
        **quiet,
    }
    gr.on([field.change for field in summed], **told)
    dictionary.wire(panel.dictionary)
    panel.fields["model"].change(
        partial(tell_model, studio), panel.fields["model"], [panel.model_note, header], **quiet
    )
    # Others may have had a model loaded or downloaded meanwhile.
    gr.on(
        [demo.load, panel.fold.expand],
        lambda: gr.update(choices=choices(studio.models())),
        None,
        panel.fields["model"],
        **quiet,
    )
    return told


def seed_of(text: str | None) -> int | str | None:
    """A typed seed as a number; None where it is blank. Anything else stays as it is, for the engine to refuse."""
    typed = (text or "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 10 else typed or None
