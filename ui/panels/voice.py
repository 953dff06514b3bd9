"""Whose voice to copy: an example, or an own clip that is heard into an editable box as soon as it is there.

What an own clip is like and how it is mended is in clip.py, whose its words are in words.py.

Words a person typed are never overwritten: a transcript goes into the box only if it is blank when the transcript is
done, or still holds what was heard before; the words of a cut only if nobody typed while it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from engine import LANGUAGES, CloneRequest, Cures, Studio, Transcript, language_name

from .. import parts
from ..events import HEARING, QUIET
from ..files import Files
from ..mend import UNCURED, Mend
from ..progress import Progress, tell
from ..voices import OWN, Gallery, Voice
from ..widgets import VoiceCards
from . import clip as own_clip
from . import words
from .clip import ClipWidgets
from .moving import Moved
from .words import Comparison, WordsWidgets
from .words import OwnClip as OwnClip

WAVE = gr.WaveformOptions(waveform_color="#82928C", waveform_progress_color="#AD6C00")


@dataclass(frozen=True)
class VoiceWidgets:
    """`clip_id` is what the browser knows of an own clip; `recording` is where it is dropped, recorded and heard.

    `other` takes the files that the recording's player refuses.
    """

    voice: VoiceCards
    recording: gr.Audio
    level: gr.HTML
    other: gr.UploadButton
    clip: ClipWidgets
    reference_text: gr.Textbox
    own_row: gr.Row
    heard_note: gr.HTML
    language: gr.Dropdown
    words: WordsWidgets
    clip_id: gr.BrowserState
    own: gr.State


def build(gallery: Gallery) -> VoiceWidgets:
    """The panel, with the example's voice chosen and its words in the box."""
    first = gallery.example_voice
    with gr.Column(variant="panel", elem_id="voice"):
        gr.HTML("<h2>Voice</h2>", apply_default_css=False)
        return VoiceWidgets(
            voice=VoiceCards(
                first.id,
                cards=parts.voice_cards(gallery.voices),
                ids=(*(voice.id for voice in gallery.voices), OWN),
                label="Voice",
                elem_id="voices",
            ),
            recording=gr.Audio(
                sources=["upload", "microphone"],
                type="filepath",
                label="Your clip",
                visible=False,
                editable=False,
                buttons=[],
                elem_id="own",
                elem_classes="player",
                waveform_options=WAVE,
            ),
            level=gr.HTML(parts.LEVEL, visible=False, apply_default_css=False, elem_id="level"),
            other=gr.UploadButton("Use a video or another file", size="sm", type="filepath", elem_id="other"),
            clip=own_clip.build(WAVE),
            reference_text=gr.Textbox(
                first.text,
                label="Words in the clip",
                lines=2,
                max_lines=5,
                placeholder="Leave blank and we will transcribe it.",
                elem_id="reference_text",
            ),
            **_own_row(),
            words=words.build(),
            clip_id=gr.BrowserState("", storage_key="timbre-clip", secret="timbre"),
            own=gr.State(OwnClip()),
        )


def _own_row() -> dict[str, Any]:
    with gr.Row(visible=False, elem_id="own_row") as row:
        note = gr.HTML("", apply_default_css=False, elem_id="heard_note", min_width=140)
        choices = [("Language: auto", ""), *((name, code) for code, name in LANGUAGES.items())]
        language = gr.Dropdown(
            choices,
            value="",
            label="Language of the clip",
            show_label=False,
            container=False,
            interactive=True,
            min_width=150,
        )
    return {"own_row": row, "heard_note": note, "language": language}


def pick(
    gallery: Gallery,
    files: Files,
    chosen: str,
    reference_text: str,
    own: OwnClip,
    recording: str | None,
    clip_id: object,
) -> tuple[Any, ...]:
    """Show what belongs to the chosen voice. -> recording, level, own_row, moved, own."""
    if own.chosen:
        own = replace(own, words=reference_text)
    voice = gallery.find(chosen)
    own = replace(own, chosen=voice is None)
    shown = gr.update(visible=own.chosen)
    # An own clip that was behind an example when the page was opened comes back now.
    back = files.reopen(clip_id) if own.chosen and not recording else None
    player = gr.update(visible=True, value=back) if back else shown
    words_now = voice.text if voice else own.words or own.heard
    return player, shown, shown, Moved(reference_text, words_now), own


def take_clip(
    studio: Studio, files: Files, clip: str | None, reference_text: str, language: str, own: OwnClip, mend: Mend
) -> Iterator[tuple[Any, ...]]:
    """A clip was dropped, recorded or removed: keep it and hear it, unless it came back mended.

    -> clip_id, reference_text, heard_note, own.
    """
    if mend.cures != UNCURED:
        yield (gr.skip(),) * 4
        return
    typed = own.typed(reference_text)
    if not clip:
        yield "", gr.skip() if typed else "", "", OwnClip(chosen=own.chosen)
        return
    try:
        clip_id = files.keep(Path(clip))
    except OSError:
        yield "", gr.skip(), parts.note("There is no room to keep the clip; try again later.", bad=True), own
        return
    if typed:
        yield clip_id, gr.skip(), "", own
        return
    yield clip_id, _blanked(reference_text), parts.note("Listening…"), replace(own, heard="")
    yield from _hear(studio, files.find(clip_id), language, own)


def take_other(studio: Studio, files: Files, file: str) -> tuple[Any, str]:
    """The sound of a file of any kind becomes the clip. -> recording, heard_note."""
    try:
        sound = files.place("clip.flac")
        studio.clips.cure(Path(file), Cures(), sound)
        return gr.update(value=str(sound)), ""
    except OSError:
        return gr.skip(), parts.note("There is no room to keep the clip; try again later.", bad=True)
    except Exception as error:
        return gr.skip(), parts.note(tell(error), bad=True)


def listen_again(
    studio: Studio, files: Files, clip_id: str, reference_text: str, language: str, own: OwnClip
) -> Iterator[tuple[Any, ...]]:
    """Another language was chosen: hear the clip again unless its words were typed. -> as `take_clip`."""
    clip = files.find(clip_id)
    if clip is None or own.typed(reference_text):
        yield (gr.skip(),) * 4
        return
    yield gr.skip(), _blanked(reference_text), parts.note("Listening…"), replace(own, heard="")
    yield from _hear(studio, clip, language, own)


def _blanked(reference_text: str) -> Any:
    """What was heard before leaves the box; a blank one is not touched, for somebody may be typing into it."""
    return "" if reference_text else gr.skip()


def _hear(studio: Studio, clip: Path | None, language: str, own: OwnClip) -> Iterator[tuple[Any, ...]]:
    assert clip is not None
    progress = Progress()
    try:
        for event in studio.transcribe(clip, language or ""):
            if isinstance(event, Transcript):
                told = f"{language_name(event.language)}, transcribed" if event.text else "No words were heard"
                yield gr.skip(), gr.skip(), parts.note(told), replace(own, heard=event.text.strip())
            else:
                progress = progress.after(event)
                yield gr.skip(), gr.skip(), parts.note(f"Listening… {progress.detail}".strip()), gr.skip()
    except Exception as error:
        yield gr.skip(), gr.skip(), parts.note(tell(error), bad=True), gr.skip()


def settle(reference_text: str, own: OwnClip) -> Any:
    """What was heard goes into the box, if the box is still blank. -> reference_text."""
    return own.heard if own.heard and not reference_text.strip() else gr.skip()


def place(box: str, own: OwnClip, mend: Mend, moved: Moved | None) -> tuple[Any, ...]:
    """The words that go with a voice or a cut, unless somebody has typed since; how they differed is known no more.

    -> reference_text, own, mend, moved, compare, differences, comparison.
    """
    if moved is None:
        return (gr.skip(),) * 7
    typed, mended = moved.typed_since(box, own, mend), moved.mend or mend
    if moved.heard is not None:
        own = replace(own, heard=moved.heard)
    if moved.mend and not own.chosen:  # an example was picked meanwhile: they wait behind it
        return gr.skip(), replace(own, words=moved.after or own.words), mended, None, *(gr.skip(),) * 3
    if moved.after is None:
        return gr.skip(), own, mended, None, *(gr.skip(),) * 3
    words_now = box if typed else moved.after
    return gr.skip() if typed else words_now, own, mended, None, words.offer(words_now, own), "", Comparison()


def clip_of(
    gallery: Gallery, files: Files, chosen: str, clip_id: object, language: str
) -> tuple[Path | None, str, str]:
    """The chosen clip, its language and the voice's name; None where there is no clip yet."""
    voice: Voice | None = gallery.find(chosen)
    if voice:
        return voice.clip, voice.language, voice.name
    return files.find(clip_id), language or CloneRequest.language, "Your clip"


def wire(panel: VoiceWidgets, studio: Studio, gallery: Gallery, files: Files, model: gr.components.Component) -> None:
    """What happens when a voice is chosen, a clip given, a language or a model chosen."""
    p = panel
    given_by = [p.recording, p.reference_text, p.language, p.own]
    page, shown = [*given_by, model], [p.clip_id, p.own]
    begun, cut = own_clip.wire(p.clip, studio, files, page, shown)
    placing: dict[str, Any] = {
        "fn": place,
        "inputs": [p.reference_text, p.own, p.clip.mend, p.clip.moved],
        "outputs": [p.reference_text, p.own, p.clip.mend, p.clip.moved, *p.words.shown],
        "queue": False,
        **QUIET,
    }
    picked = p.voice.input(
        partial(pick, gallery, files),
        [p.voice, p.reference_text, p.own, p.recording, p.clip_id],
        [p.recording, p.level, p.own_row, p.clip.moved, p.own],
        queue=False,
        **QUIET,
    )
    for event in (picked, *cut):
        event.then(**placing)
    words.wire(p.words, studio, files, p.reference_text, (p.clip_id, p.language, p.own))
    heard = [p.clip_id, p.reference_text, p.heard_note, p.own]
    words_of = [p.clip_id, p.reference_text, p.language, p.own]
    hearing = QUIET | HEARING
    # "multiple": a second clip is not to wait until the first is heard.
    given = begun.then(
        partial(take_clip, studio, files), [*given_by, p.clip.mend], heard, trigger_mode="multiple", **hearing
    )
    again = p.language.input(partial(listen_again, studio, files), words_of, heard, trigger_mode="multiple", **hearing)
    again.then(settle, [p.reference_text, p.own], p.reference_text, **QUIET)
    given.then(settle, [p.reference_text, p.own], p.reference_text, **QUIET).then(
        partial(own_clip.offer, studio, files), [*page, p.clip.mend, p.clip.presses], [*p.clip.shown, *shown], **hearing
    ).then(**placing).then(partial(words.compare_typed, studio, files), words_of, p.words.shown, **hearing)
    p.other.upload(partial(take_other, studio, files), p.other, [p.recording, p.heard_note], **hearing)
