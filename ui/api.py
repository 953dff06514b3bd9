"""The endpoints for clients: /clone, /transcribe, /models, /health.

Those that take a file have hidden components for it, since gradio checks a file's path only there. What is no file
reaches the engine as it was sent, so that what is wrong with it is told in the engine's words.
"""
# No `from __future__ import annotations`: gradio reads the annotations of /models and /health as types, not as text.

import inspect
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_function_description

from engine import BadClip, CloneRequest, Done, Exported, Studio, Take, Transcript

from .files import Files
from .progress import Progress, as_gradio, follow
from .theme import HEARING
from .widgets import Clip, Flag, Number, Text

NO_BUCKET = "No bucket is set up on this server."


class Endpoints:
    """Each endpoint as a bound method: its parameters' names, defaults and docstring are what clients are told."""

    def __init__(self, studio: Studio, files: Files) -> None:
        """All of them call this studio; results are served through `files`."""
        self._studio, self._files = studio, files

    def clone(
        self,
        clip: str | None,
        reference_text: str = "",
        text: str = "",
        model: str = "",
        nfe: int = CloneRequest.nfe,
        cfg_strength: float = CloneRequest.cfg_strength,
        sway_sampling: float = CloneRequest.sway_sampling,
        speed: float = CloneRequest.speed,
        seed: int | None = None,
        cross_fade: float = CloneRequest.cross_fade,
        remove_silence: bool = CloneRequest.remove_silence,
        pause: float = CloneRequest.pause,
        format: Any = CloneRequest.format,
        language: str = "",
        progress: gr.Progress = gr.Progress(),  # noqa: B008  # how gradio wants it
    ) -> Iterator[tuple[str | None, dict[str, Any]]]:
        """Speak a text in the voice of a clip. Returns the audio file and a dict: take_id, seed, duration (seconds),
        reference_text, model, seconds (of each stage), notes, and link, or in link_error why there is none. While it
        works, job.status().progress_data tells the place in the queue, what is loaded and the step; job.cancel() stops
        it before its next step.

        Args:
            clip: A recording of the voice, best 6 to 12 seconds of clean speech; of a longer one a part is used.
            reference_text: The words in the clip. Blank: they are transcribed.
            text: What to say.
            model: A name that /models returns. Blank: the server's default.
            nfe: Sampling steps, 1 to 64: 7 is fast, 16 balanced, 32 best.
            cfg_strength: Classifier-free guidance, 0 to 10; 0 leaves it out.
            sway_sampling: Sway sampling coefficient, -1 to 1; below 0 spends more steps early.
            speed: Pace against the voice's own, 0.3 to 2.
            seed: 0 to 4294967295; the same number gives the same speech. None: drawn, and returned.
            cross_fade: Seconds that two parts overlap where they are joined, 0 to 1.
            remove_silence: Shorten every pause above half a second.
            pause: Seconds of silence between paragraphs, 0 to 5.
            format: Of the file: wav or flac.
            language: Of the clip, a two-letter code. Blank: detected.
        """
        given = {name: value for name, value in locals().items() if name in CloneRequest.__dataclass_fields__}
        yield from self._clone(CloneRequest(**given | {"clip": Path(clip) if clip else None}), progress)

    def _clone(self, request: CloneRequest, progress: gr.Progress) -> Iterator[tuple[str | None, dict[str, Any]]]:
        sound: str | None = None
        told: dict[str, Any] = {}
        try:
            for event, now in follow(self._studio, request):
                match event:
                    case Done(take):
                        sound, told = self._files.publish(take.file, take.filename), facts(take)
                    case Exported(export):
                        told |= {"link": export.link, "link_error": export.error}
                # A yield lets gradio close this generator when the client cancels; it also wipes the progress told
                # before it, so that comes after.
                yield None, {"status": now.line}
                progress(now.fraction, desc=now.line)
        except Exception as error:
            raise as_gradio(error) from None
        yield sound, told

    def transcribe(
        self,
        clip: str | None,
        language: str = "",
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Write down what is said in a clip. Returns the text and a dict: language, and words, each with text, start
        and end (seconds).

        Args:
            clip: A recording of speech.
            language: Its language, a two-letter code. Blank: detected.
        """
        now = Progress()
        try:
            if not clip:
                raise BadClip("There is no clip; send one.")
            for event in self._studio.transcribe(Path(clip), language or ""):
                if isinstance(event, Transcript):
                    yield event.text, {"language": event.language, "words": [asdict(word) for word in event.words]}
                else:
                    now = now.after(event)
                    yield "", {"status": now.line}
                    progress(now.fraction, desc=now.line)
        except Exception as error:
            raise as_gradio(error) from None

    def models(self) -> list[dict[str, Any]]:
        """The models that /clone may be asked for: name, title, about, licence, languages, ready (its weights are on
        the server), download_bytes (to come first), default, loaded. Loads nothing."""
        return [asdict(model) for model in self._studio.models()]

    def health(self) -> dict[str, Any]:
        """State of the server: version, device, model (the loaded one), default_model, whisper, whisper_loaded, jobs
        running and waiting, bucket, limits. Loads nothing."""
        return asdict(self._studio.health())


def facts(take: Take) -> dict[str, Any]:
    """What a client is told of a take."""
    return {
        "take_id": take.id,
        "seed": take.seed,
        "duration": round(take.seconds, 3),
        "reference_text": take.request.reference_text,
        "model": take.model,
        "seconds": {stage: round(seconds, 3) for stage, seconds in take.timings.items()},
        "notes": [*take.notes],
        "link": "",
        "link_error": NO_BUCKET,
    }


def build(studio: Studio, files: Files) -> None:
    """Put the endpoints on the page that is being built."""
    endpoints = Endpoints(studio, files)
    with gr.Row(visible=False):
        clone_outputs = [gr.Audio(label="speech", type="filepath"), gr.JSON(label="take")]
        _listen(endpoints.clone, clone_outputs, concurrency_limit=None)  # the engine's scheduler is the queue
        _listen(endpoints.transcribe, [gr.Textbox(label="text"), gr.JSON(label="details")], **HEARING)
    gr.api(endpoints.models, api_name="models")
    gr.api(endpoints.health, api_name="health")


def _listen(endpoint: Callable[..., Any], outputs: list[Any], **limits: Any) -> None:
    """An endpoint whose inputs are hidden components, made from the method's parameters."""
    _, about, _ = get_function_description(endpoint)
    inputs = [
        _component(name, parameter.default, about[name])
        for name, parameter in inspect.signature(endpoint).parameters.items()
        if name != "progress"
    ]
    gr.Button().click(endpoint, inputs, outputs, api_name=endpoint.__name__, **limits)


def _component(name: str, default: object, about: str) -> gr.components.Component:
    component: Any
    if name == "clip":
        component = Clip(label=name, type="filepath")
    else:
        kind: Callable[..., Any] = {str: Text, bool: Flag}.get(type(default), Number)
        # Without a value of its own clients must give one.
        component = kind(None if name == "text" else default, label=name)
    component.about = about
    return component
