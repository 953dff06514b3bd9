"""A file dropped to be looked into: the form becomes what the file was made from, and a line says whether it is ours.

The form that stood before can be put back. Does not know how a file tells what it tells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from engine import BadClip, ModelInfo, Restored, Studio

from .. import parts
from ..events import HEARING, QUIET
from ..files import Files
from ..memory import KEYS, could_be, recall
from ..progress import tell, verdict
from ..voices import OWN, Gallery
from .voice import OwnClip, VoiceWidgets

ABOUT = (
    "Drop a file that Timbre made: the form becomes what it was made from, seed included. "
    "Any other sound is checked for the mark that says it was generated. "
    "Where a long WAV is too large to send, MP3, Ogg and FLAC tell the same."
)
AGAIN = "The clip itself is not in the file: drop it again under Voice."
RECALLED = 1 + len(KEYS) + 4
"""Values that `recall` gives."""


@dataclass(frozen=True)
class RestoreWidgets:
    """Where the file is dropped, what is said of it, and the way back to `before`."""

    file: gr.File
    line: gr.HTML
    undo: gr.Button
    before: gr.State


@dataclass(frozen=True)
class Before:
    """The form as it stood before it was restored: its values as the browser remembers them, and the own clip."""

    form: Mapping[str, Any]
    clip_id: object
    own: OwnClip


def build() -> RestoreWidgets:
    """The fold, closed."""
    with gr.Column(variant="panel", elem_id="restore"):  # noqa: SIM117
        with gr.Accordion("Restore or check a file", open=False, elem_id="restore_fold"):
            return RestoreWidgets(
                file=gr.File(label="A file made by Timbre", show_label=False, height=132, elem_id="restore_file"),
                line=gr.HTML(parts.note(ABOUT), apply_default_css=False, elem_id="restore_line"),
                undo=gr.Button("Put my form back", size="md", visible=False, elem_id="restore_undo"),
                before=gr.State(None),
            )


def drop(
    studio: Studio, gallery: Gallery, files: Files, models: tuple[ModelInfo, ...],
    file: str | None, clip_id: object, own: OwnClip, *form: Any,
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    """A file was dropped, or taken away; `form` is the voice and the fields KEYS.

    -> line, undo, before, clip_id, what `recall` gives.
    """
    as_it_is: tuple[Any, ...] = (gr.skip(),) * (3 + RECALLED)
    if not file:
        yield parts.note(ABOUT), *as_it_is
        return
    filled, failed = as_it_is, False
    cautions: tuple[str, ...] = ()
    try:
        restored = studio.restore(Path(file))
    except Exception as error:
        told, failed = tell(error), True
    else:
        chosen = find_voice(gallery, files, clip_id, restored.reference_hash)
        told, cautions = about(restored, gallery, models, chosen)
        before = Before(dict(zip(("voice", *KEYS), form, strict=True)), clip_id, own)
        filled = (gr.update(visible=True), before, *_filled(gallery, files, models, restored, chosen, own))
    yield parts.verdict("Looking for the mark in its sound…", told, cautions), *filled
    head = ""
    try:
        head = verdict(studio.detect(Path(file)))
    except Exception as error:
        if not (failed and isinstance(error, BadClip)):  # that it is no sound was told already
            cautions += (f"The mark could not be looked for. {tell(error)}",)
    yield parts.verdict(head, told, cautions, bad=failed and not head), *as_it_is


def _filled(
    gallery: Gallery, files: Files, models: tuple[ModelInfo, ...], restored: Restored, chosen: str, own: OwnClip
) -> tuple[Any, ...]:
    """The form as it was. -> clip_id, what `recall` gives."""
    back = recall(gallery, files, models, {"voice": chosen or OWN, **values_of(restored)}, "")
    if chosen != OWN:
        return gr.skip() if chosen else "", *back
    shown = gr.update(visible=True)  # the clip at hand stays where it is
    return gr.skip(), *back[:-4], shown, shown, shown, replace(own, chosen=True)


def values_of(restored: Restored) -> dict[str, Any]:
    """The request as the form holds it, and the browser remembers it."""
    values = {name: getattr(restored.request, name) for name in KEYS}
    return values | {"seed": "" if values["seed"] is None else str(int(values["seed"]))}


def find_voice(gallery: Gallery, files: Files, clip_id: object, hash: str) -> str:
    """The choice whose clip has that SHA-256: an example's id, OWN for the clip at hand, blank for neither."""
    at_hand = files.find(clip_id)
    clips = {voice.id: voice.clip for voice in gallery.voices} | ({OWN: at_hand} if at_hand else {})
    return next((id for id, clip in clips.items() if _hash(clip) == hash), "")


def _hash(clip: Path) -> str | None:
    with suppress(OSError), clip.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return None


def about(
    restored: Restored, gallery: Gallery, models: tuple[ModelInfo, ...], chosen: str
) -> tuple[str, tuple[str, ...]]:
    """What was restored, as a sentence, and what was not, a sentence each."""
    when = ""
    with suppress(ValueError):
        day = datetime.fromisoformat(restored.created)
        when = f" on {day.day} {day:%B %Y}"
    voice = gallery.find(chosen)
    whose = f", in {voice.name}'s voice" if voice else ", with the clip you have here" if chosen else ""
    left = [name for name, value in values_of(restored).items() if value and not could_be(name, value, models)]
    cautions = [f"Its {name.replace('_', ' ')} cannot be chosen here, and stays as it was." for name in left]
    if restored.mended:
        cautions.append(f"Changed since, which a new take is not: {'; '.join(restored.mended[:5])}.")
    cautions += [*restored.notes, *([] if chosen else [AGAIN])]
    return f"The form is as it was when this was made{when}{whose}.", tuple(cautions)


def undo(gallery: Gallery, files: Files, models: tuple[ModelInfo, ...], before: Before | None) -> tuple[Any, ...]:
    """The form as it stood before the file, which goes. -> file, line, undo, before, clip_id, what `recall` gives."""
    gone = None, parts.note(ABOUT), gr.update(visible=False), None
    if before is None:
        return *gone, *(gr.skip(),) * (1 + RECALLED)
    *values, recording, level, own_row, _ = recall(gallery, files, models, before.form, before.clip_id)
    if (clip := files.reopen(before.clip_id)) and "value" not in recording:
        # An own clip that was behind an example comes back too.
        recording = recording | {"value": clip}
    return *gone, before.clip_id, *values, recording, level, own_row, before.own


def wire(
    panel: RestoreWidgets,
    studio: Studio,
    gallery: Gallery,
    files: Files,
    voice: VoiceWidgets,
    form: Sequence[Any],
    recalled: Sequence[Any],
) -> tuple[Any, Any]:
    """The drop and the way back, the two events; `form` is the voice and the fields KEYS, `recalled` is for `recall`."""
    p, models = panel, studio.models()
    outputs = [p.line, p.undo, p.before, voice.clip_id, *recalled]
    dropped = p.file.change(
        partial(drop, studio, gallery, files, models),
        [p.file, voice.clip_id, voice.own, *form],
        outputs,
        **(QUIET | HEARING),
    )
    return dropped, p.undo.click(partial(undo, gallery, files, models), p.before, [p.file, *outputs], **QUIET)
