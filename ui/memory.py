"""The form as a browser remembers it over a reload. What comes back is anybody's writing: each value is taken only if
it could have come from the form, and the rest stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import gradio as gr

from engine import FORMATS, LANGUAGES, LOUDNESS, RANGES, ModelInfo

from .files import Files
from .panels.settings import CHECKS, SLIDERS
from .panels.voice import OwnClip
from .voices import OWN, Gallery

KEYS = (
    "text",
    "reference_text",
    "language",
    *SLIDERS,
    "seed",
    "remove_silence",
    "word_times",
    "format",
    "loudness",
    "check",
    "dictionary",
    "model",
)
"""The fields of a request that are remembered; the clip is by its id, apart."""

LONGEST = 200_000
"""Characters; more is not put back."""


def recall(
    gallery: Gallery, files: Files, models: tuple[ModelInfo, ...], memory: object, clip_id: object
) -> tuple[Any, ...]:
    """What was remembered. -> voice, the fields KEYS, recording, level, own_row, own."""
    stored: Mapping[str, Any] = memory if isinstance(memory, dict) else {}
    values = {name: stored[name] if could_be(name, stored.get(name), models) else gr.skip() for name in KEYS}
    chosen = stored.get("voice")
    own = chosen == OWN
    voice = chosen if own or gallery.find(chosen) else gr.skip()
    shown = gr.update(visible=own)
    recording = gr.update(visible=True, value=files.reopen(clip_id)) if own else shown
    return voice, *values.values(), recording, shown, shown, OwnClip(chosen=own)


def reopen(
    gallery: Gallery, files: Files, models: tuple[ModelInfo, ...], memory: object, clip_id: object
) -> tuple[Any, ...]:
    """The same for a page that has just opened, whose own clip is hidden unless a person was faster. -> as `recall`."""
    found = recall(gallery, files, models, memory, clip_id)
    return found if found[0] == OWN else (*found[:-4], *[gr.skip()] * 4)


def could_be(name: str, value: object, models: tuple[ModelInfo, ...]) -> bool:
    """Whether the form's field of that name could hold the value."""
    choices: dict[str, Collection[str]] = {
        "language": {"", *LANGUAGES},
        "format": FORMATS,
        "loudness": {"", *LOUDNESS},
        "check": CHECKS,
        "model": [model.name for model in models],
    }
    match value:
        case bool():
            return name in ("remove_silence", "word_times")
        case int() | float():
            return name in SLIDERS and RANGES[name].least <= value <= RANGES[name].most
        case str() if name in choices:
            return value in choices[name]
        case str() if name == "seed":
            return re.fullmatch("[0-9]{0,10}", value) is not None
        case str():
            return name in ("text", "reference_text", "dictionary") and len(value) <= LONGEST
    return False
