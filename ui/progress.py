"""What the engine tells, as a person reads it: an event becomes a sentence and a fraction; an error, an estimate, a
file's origin each a sentence.

The one place for them, so page and API say the same. Knows no widgets.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

import gradio as gr

from engine import (
    Done,
    Estimate,
    Event,
    Exported,
    Loading,
    Origin,
    Stage,
    Step,
    TimbreError,
    Waiting,
)

log = logging.getLogger("timbre")

STAGES = {
    "reading": ("Reading the voice", 0.01),
    "transcribing": ("Listening to the clip", 0.03),
    "speaking": ("Speaking", 0.1),
    "checking": ("Checking the words", 0.1),
    "repairing": ("Saying it again", 0.1),
    "finishing": ("Finishing the sound", 0.95),
    "timing": ("Hearing when each word is spoken", 0.96),
    "exporting": ("Exporting to the bucket", 0.98),
}
"""Each stage's sentence, and how far a job is when it begins."""


@dataclass(frozen=True)
class Progress:
    """How far a job is: a sentence, a detail beside it, and a fraction from 0 to 1 that never goes back."""

    sentence: str = "Starting"
    detail: str = ""
    fraction: float = 0.0

    def after(self, event: Event) -> Progress:
        """What to show once `event` has come."""
        match event:
            case Waiting(place):
                return self._to(waiting(place), "It begins by itself when they are done.", 0.0)
            case Loading(what, done, of, rate):
                return self._to(
                    f"Loading {what}",
                    loading(done, of, rate) if done else "The first time takes longest.",
                    0.04 + 0.05 * done / max(of, 1),
                )
            case Stage(name):
                sentence, fraction = STAGES[name]
                return self._to(sentence, "", fraction)
            case Step(chunk, chunks, step, steps, together):
                begin, end = STAGES["speaking"][1], STAGES["finishing"][1]
                part = (chunk - 1 + together * step / max(steps, 1)) / max(chunks, 1)
                again = STAGES["repairing"][0]
                sentence = again if self.sentence == again else speaking(chunk, chunks, together)
                return self._to(sentence, f"Step {step} of {steps}", begin + (end - begin) * part)
            case Done() | Exported():
                return self._to("Done", "", 0.955 if isinstance(event, Done) else 1.0)
            case _:
                return self

    def _to(self, sentence: str, detail: str, fraction: float) -> Progress:
        return Progress(sentence, detail, min(1.0, max(self.fraction, fraction)))

    @property
    def line(self) -> str:
        """Sentence and detail in one line of plain text."""
        return f"{self.sentence}. {self.detail}".rstrip(". ")


def loading(done: int, of: int, rate: float) -> str:
    """How much is loaded, and where `rate` (bytes a second) is known how fast and how long it will take."""
    told = f"{megabytes(done)} of {megabytes(of)}"
    if rate < 1000:
        return told
    speed = f"{rate / 1e6:.1f} MB/s" if rate >= 1e5 else f"{rate / 1e3:.0f} kB/s"
    return f"{told}, {speed}, {duration((of - done) / rate)} left"


def waiting(place: int) -> str:
    """The place in the queue in words; `place` jobs are to be done first."""
    return "Waiting: 1 job is ahead" if place == 1 else f"Waiting: {place} jobs are ahead"


def speaking(chunk: int, chunks: int, together: int = 1) -> str:
    """Which parts are spoken, where there are several."""
    which = f"part {chunk}" if together == 1 else f"parts {chunk} to {chunk + together - 1}"
    return "Speaking" if chunks == 1 else f"Speaking {which} of {chunks}"


def megabytes(size: int) -> str:
    """A number of bytes in whole megabytes."""
    return f"{size / 1e6:,.0f} MB"


def size(count: int) -> str:
    """A number of bytes: gigabytes with one decimal, or megabytes."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else megabytes(count)


def duration(seconds: float) -> str:
    """A length of time to one unit, two where it is hours: “14 s”, “12 min”, “1 h 5 min”."""
    if seconds < 99.5:
        return f"{max(1, round(seconds))} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def cost(estimate: Estimate) -> str:
    """What a clone will cost, as a sentence."""
    parts = "1 part" if estimate.chunks == 1 else f"{estimate.chunks} parts"
    work = estimate.work_seconds
    told = [parts, f"about {duration(estimate.speech_seconds)} of speech"]
    told.append("work not measured yet on this machine" if work is None else f"about {duration(work)} of work")
    if estimate.download_bytes:
        told.append(f"{size(estimate.download_bytes)} to download first")
    return f"{', '.join(told)}."


def verdict(origin: Origin) -> str:
    """Whether a file is ours, as a sentence."""
    match origin.marked, origin.tagged:
        case True, True:
            return "Timbre made this: its sound carries the inaudible mark, and its metadata say so too."
        case True, False:
            return (
                "This was generated: its sound carries the inaudible mark of Timbre and other programs that use Perth, "
                "but its metadata do not name Timbre."
            )
        case False, True:
            return (
                "Its metadata say that Timbre made this, but the inaudible mark is not in its sound: it was made with "
                "the mark turned off, or its sound was replaced."
            )
    return "No sign of Timbre: neither the inaudible mark nor metadata of ours. That does not prove that a person spoke it."


def follow(job: Generator[Event, None, None]) -> Generator[tuple[Event, Progress], None, None]:
    """The events of a job, each with how far it is then; closing it takes the job out. Raises TimbreError."""
    progress = Progress()
    with closing(job) as events:
        for event in events:
            progress = progress.after(event)
            yield event, progress


def tell(error: Exception) -> str:
    """The sentence for a person. One that is not the engine's own is a fault of ours: logged, and not shown."""
    if isinstance(error, TimbreError):
        return str(error)
    log.error("a fault of Timbre's own", exc_info=error)
    return "Timbre failed at this through a fault of its own; try again, and tell whoever runs it if it stays."


def as_gradio(error: Exception) -> gr.Error:
    """The same for a client: only what a gr.Error says reaches it."""
    return gr.Error(tell(error), print_exception=False)
