"""The endpoint for clients that says words of a take again."""
# No `from __future__ import annotations`: gradio reads the annotations of endpoints as types, not as text.

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr

from engine import Done, RepairRequest, Studio, Timed

from .arguments import sent_file, words_of
from .endpoints import facts, listen, sentences
from .files import Files
from .progress import follow


class RepairEndpoint:
    """The endpoint as a bound method: its parameters' names, defaults and docstring are what clients are told."""

    def __init__(self, studio: Studio, files: Files) -> None:
        """It calls this studio; results are served through `files`."""
        self._studio, self._files = studio, files

    def repair(
        self,
        file: str | None,
        clip: str | None,
        first: int = 0,
        last: int | None = None,
        text: str = "",
        say: str = "",
        tries: int = RepairRequest.tries,
        seed: int | None = None,
        words: Any = None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008  # how gradio wants it
    ) -> Iterator[tuple[list[str], list[dict[str, Any]]]]:
        """Say some words of a take again; all else of its sound stays as it is, to the bit. Returns files, the best
        first, each the whole take with another try at the words in it; and a list of dicts, one for each: take_id, seed,
        duration (seconds), reference_text, model, seconds (of each stage), notes, text, mended (what was said again), and
        words, each with text, start, end (seconds) and probability (how surely it was heard, 0 to 1). None is put into
        the bucket.

        Args:
            file: The take: a file as Timbre made it, which tells how; not edited or converted.
            clip: The recording of the voice that it was made from.
            first: Number of the first of the words, counted from 0 as /clone and /timings list them.
            last: Number of the last of them. None: the first alone.
            text: The words to stand in their place. Blank: the same.
            say: How these are spelled to be said rightly, which is shown nowhere. Blank: as they are written.
            tries: How many files to return, 1 to 8.
            seed: 0 to 4294967295; the same number gives the same tries. None: drawn.
            words: All words of the take with their times, as /clone, /timings and /repair list them; those that stay keep
                theirs. None: words near are heard, and those further off share the time of their part, probability 0.
        """
        sounds: list[str] = []
        told: list[dict[str, Any]] = []
        with sentences():
            clip_file = Path(clip) if clip else None
            until = first if last is None else last
            times = words_of(words)
            asked = RepairRequest(sent_file(file), clip_file, first, until, text, say, tries, seed, times)
            for event, now in follow(self._studio.repair(asked)):
                match event:
                    case Done(take):
                        sounds.append(self._files.publish(take.file, take.filename))
                        told.append(facts(take) | {"text": take.request.text, "mended": [*take.mended]})
                    case Timed(words=timed):
                        told[-1]["words"] = [asdict(word) for word in timed]
                yield [], []
                progress(now.fraction, desc=now.line)
        yield sounds, told


def build(studio: Studio, files: Files) -> None:
    """Put the endpoint on the page that is being built."""
    with gr.Row(visible=False):
        outputs = [gr.File(label="takes", file_count="multiple"), gr.JSON(label="told")]
        # No limit of gradio's: the engine's scheduler is the queue.
        listen(RepairEndpoint(studio, files).repair, outputs, concurrency_limit=None)
