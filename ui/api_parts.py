"""The endpoints for clients that lay the parts of a take anew and make one of them again."""
# No `from __future__ import annotations`: gradio reads the annotations of endpoints as types, not as text.

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr

from engine import ArrangeRequest, Done, RemakeRequest, Studio, Take, pieces

from .arguments import places_of, sent_file
from .endpoints import facts, listen, sentences
from .events import ESTIMATING
from .files import Files
from .progress import follow


class PartEndpoints:
    """The endpoints as bound methods: their parameters' names, defaults and docstrings are what clients are told."""

    def __init__(self, studio: Studio, files: Files) -> None:
        """They call this studio; results are served through `files`."""
        self._studio, self._files = studio, files

    def arrange(self, file: str | None, places: Any = None) -> tuple[str, dict[str, Any]]:
        """Lay the parts of a take anew: in another order, some left out, with other pauses. Nothing is spoken anew.
        Returns the file, and a dict: take_id, seed, duration (seconds), reference_text, model, seconds (of each stage),
        notes, text, mended (what was changed since it was made), and parts, each with text, start, end and pause (the
        silence after it), in seconds. It is not put into the bucket.

        Args:
            file: The take: a file as Timbre made it, which tells its parts; not edited or converted.
            places: Every part once in its new order, a list of dicts: part (its number, from 0), muted (true: it is left
                out; may be missing) and pause (seconds of silence after it, 0 to 5; missing or null: as it is). None: as
                they are, to see the parts.
        """
        with sentences():
            take, _ = self._studio.arrange(ArrangeRequest(sent_file(file), places_of(places)))
            return self._told(take)

    def remake(
        self,
        file: str | None,
        clip: str | None,
        part: int = 0,
        seed: int | None = None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008  # how gradio wants it
    ) -> Iterator[tuple[str | None, dict[str, Any]]]:
        """Make one part of a take again: the same words in the same voice from other noise, checked as the take was; the
        other parts stay as they are, to the bit. Returns what /arrange does.

        Args:
            file: The take: a file as Timbre made it, which tells how; not edited or converted.
            clip: The recording of the voice that it was made from.
            part: Number of the part, counted from 0 as /arrange lists them.
            seed: 0 to 4294967295; the same number gives the same sound. None: drawn.
        """
        told: tuple[str | None, dict[str, Any]] = None, {}
        with sentences():
            asked = RemakeRequest(sent_file(file), Path(clip) if clip else None, part, seed)
            for event, now in follow(self._studio.remake(asked)):
                if isinstance(event, Done):
                    told = self._told(event.take)
                yield None, {}
                progress(now.fraction, desc=now.line)
        yield told

    def _told(self, take: Take) -> tuple[str, dict[str, Any]]:
        """A take as clients get it."""
        parts = [asdict(piece) for piece in pieces(take)]
        told = facts(take) | {"text": take.request.text, "mended": [*take.mended], "parts": parts}
        return self._files.publish(take.file, take.filename), told


def build(studio: Studio, files: Files) -> None:
    """Put the endpoints on the page that is being built."""
    endpoints = PartEndpoints(studio, files)
    with gr.Row(visible=False):
        listen(endpoints.arrange, [gr.Audio(label="take", type="filepath"), gr.JSON(label="told")], **ESTIMATING)
        # No limit of gradio's: the engine's scheduler is the queue.
        listen(
            endpoints.remake, [gr.Audio(label="take", type="filepath"), gr.JSON(label="told")], concurrency_limit=None
        )
