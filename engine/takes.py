"""Spoken chunks -> a take on disk: joined, levelled, marked, encoded, with its picture and its request in it.

Knows how a result is finished; not how its chunks were spoken, nor whether all of them were.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from .audio import (
    Joiner,
    Tape,
    acx,
    encode,
    finished_blocks,
    gain_to,
    joined,
    moved,
    remove_silence,
    spectrogram,
    starts,
)
from .errors import DiskFull, TimbreError
from .parts import Version, parts_of
from .speech import Watermark
from .text import language_of
from .types import (
    RATE,
    Chunk,
    CloneRequest,
    Event,
    Measure,
    Part,
    Partial,
    Reference,
    Restored,
    Samples,
    Step,
    Take,
    Timed,
)

MOST_GAIN = 4.0
"""12 dB: where the first part is all but silent those after it must not shout."""


@dataclass(eq=False)
class Draft:
    """A take in the making. Only `parts`, `notes` and `timings` grow, by the one generator that makes it."""

    id: str
    request: CloneRequest
    """As it is done: seed, model and reference text filled in."""
    reference: Reference
    chunks: tuple[Chunk, ...]
    model_hash: str
    notes: tuple[str, ...]
    timings: dict[str, float]
    parts: Tape
    """The finished chunks' sound, in order, marked."""

    @property
    def pauses(self) -> list[float]:
        """Seconds of silence after each chunk but the last."""
        return [self.request.pause if chunk.ends_paragraph else 0.0 for chunk in self.chunks[:-1]]


@contextmanager
def timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    """Add the seconds spent inside to a stage's."""
    begin = time.monotonic()
    try:
        yield
    finally:
        timings[stage] = timings.get(stage, 0.0) + time.monotonic() - begin


def clocked(events: Iterator[Event], timings: dict[str, float], stage: str) -> Iterator[Event]:
    """The same events, the time to make each added to a stage's; other jobs' turns between them are not, but for those
    that made a step of this one too."""
    while True:
        with timed(timings, stage):
            event = next(events, None)
        if event is None:
            return
        if isinstance(event, Step):
            timings[stage] += event.along
        yield event


def gathered(events: Iterable[Event], draft: Draft, loudness: float, watermark: Watermark | None) -> Iterator[Event]:
    """The same events; the sound of each Partial is marked and kept in the draft, and told as it follows the last one.

    It is as loud as the first chunk must be made for the take's loudness, which needs the whole. Raises Unavailable,
    DiskFull.
    """
    joiner, after = Joiner(draft.request.cross_fade), [*draft.pauses, None]
    gain: float | None = None
    for event in events:
        if isinstance(event, Partial):
            with timed(draft.timings, "finishing"):
                part = watermark.mark(event.samples) if watermark else event.samples
                gain = gain or min(gain_to(part, draft.request.loudness or loudness), MOST_GAIN)
                event = replace(event, samples=joiner.add(part, after[len(draft.parts)]) * np.float32(gain))
                draft.parts.append(part)
        yield event


def finished(draft: Draft, folder: Path, loudness: float) -> tuple[Samples, tuple[Part, ...]]:
    """The chunks there are as one sound, joined and levelled, and where each lies in it. Raises DiskFull."""
    request, done = draft.request, draft.chunks[: len(draft.parts)]
    lengths, pauses = [*map(len, draft.parts)], draft.pauses[: len(done) - 1]
    begins = starts(lengths, request.cross_fade, pauses)
    ends = [begin + length for begin, length in zip(begins, lengths, strict=True)]
    # On disk from one end to the other: hours are GBs.
    sound = Tape.of(folder, joined(draft.parts, request.cross_fade, pauses)).whole
    if request.remove_silence:
        sound, kept = remove_silence(sound)
        begins, ends = moved(begins, kept), moved(ends, kept)
    sound = Tape.of(folder, finished_blocks(sound, request.loudness or loudness)).whole
    language = language_of(request.text) or request.language or "en"
    return sound, parts_of(sound, text_of(draft), language, [chunk.text for chunk in done], begins, ends)


def text_of(draft: Draft) -> str:
    """The request's text, or that of the chunks there are."""
    done = draft.chunks[: len(draft.parts)]
    return draft.request.text if len(done) == len(draft.chunks) else " ".join(chunk.text for chunk in done)


def finish_take(draft: Draft, folder: Path, loudness: float) -> Take:
    """Write `<id>.<format>` and `<id>.png` into `folder` from the chunks there are. Raises DiskFull, Unavailable."""
    request, done = draft.request, draft.chunks[: len(draft.parts)]
    notes = draft.notes
    if len(done) < len(draft.chunks):
        notes += (f"These are the first {len(done)} of {len(draft.chunks)} parts; the job ended before the others.",)
    with timed(draft.timings, "finishing"):
        sound, parts = finished(draft, folder, loudness)
    if request.loudness == "audiobook":
        notes += (_told(acx(sound)),)
    take = Take(
        id=draft.id,
        file=folder / f"{draft.id}.{request.format}",
        picture=folder / f"{draft.id}.png",
        seconds=len(sound) / RATE,
        request=replace(request, clip=None, text=text_of(draft)),
        seed=request.seed or 0,
        reference_hash=draft.reference.hash,
        reference_seconds=draft.reference.seconds,
        chunks=tuple(chunk.text for chunk in done),
        model=request.model,
        model_hash=draft.model_hash,
        timings=dict(draft.timings),
        notes=notes,
        created=_now(),
        parts=parts,
    )
    write_take(take, sound)
    return take


def write_change(
    made: Restored, version: Version, told: str, notes: tuple[str, ...], timings: Mapping[str, float], folder: Path
) -> tuple[Take, Timed]:
    """A changed take as a take of its own in `folder`, and its words' times; `told` is what was changed, if anything.

    Raises DiskFull, Unavailable.
    """
    id, request = secrets.token_hex(16), replace(made.request, text=version.text)
    take = Take(
        id=id,
        file=folder / f"{id}.{request.format}",
        picture=folder / f"{id}.png",
        seconds=len(version.sound) / RATE,
        request=request,
        seed=request.seed or 0,
        reference_hash=made.reference_hash,
        reference_seconds=made.reference_seconds,
        chunks=(version.text,),
        model=request.model,
        model_hash=made.model_hash,
        timings=dict(timings),
        notes=notes,
        created=_now(),
        mended=(*made.mended, told) if told else made.mended,
        parts=version.parts,
    )
    write_take(take, version.sound)
    return take, Timed(id, version.words)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_take(take: Take, sound: Samples) -> None:
    """Write a take's file and picture, or neither. Raises DiskFull, Unavailable."""
    encode(sound, take.file, take.request.format, describe(take))
    try:
        spectrogram(sound, take.picture)
    except TimbreError:
        take.file.unlink()
        raise


def write_part(part: Partial, file: Path) -> None:
    """Write what a Partial tells as a WAV file; all of them one after the other are the take. Raises DiskFull."""
    encode(part.samples, file, "wav", {"artist": "Timbre", "comment": "AI-generated speech, made by Timbre."})


def _told(measures: Sequence[Measure]) -> str:
    """Whether ACX would take the file, as a sentence."""
    failing = [measure for measure in measures if not measure.passes]
    found = ", ".join(f"{measure.name} {measure.value:.1f} ({_bounds(measure)})" for measure in failing or measures)
    pause = "" if len(measures) == 3 else "; there is no pause of half a second to take the noise floor from"
    return f"{'ACX would not take this' if failing else 'It is as ACX asks'}: {found} dBFS{pause}."


def _bounds(measure: Measure) -> str:
    """What a measure should be."""
    least = f"at least {measure.least:g}" if measure.least is not None else ""
    most = f"at most {measure.most:g}" if measure.most is not None else ""
    return " and ".join(filter(None, (least, most)))


def describe(take: Take) -> dict[str, str]:
    """The take's tags: what it is in words, and the whole request as JSON under `timbre`."""
    request = {key: value for key, value in asdict(take.request).items() if key != "clip"}
    facts = {
        "id": take.id,
        "created": take.created,
        "model_hash": take.model_hash,
        "reference_hash": take.reference_hash,
        "reference_seconds": round(take.reference_seconds, 3),
        "request": request,
        "mended": take.mended,
        "parts": [(part.words, part.start, part.end) for part in take.parts],
    }
    return {
        "title": " ".join(take.request.text.split())[:80],
        "artist": "Timbre",
        "comment": f"AI-generated speech, made by Timbre with {take.model}.",
        "timbre": json.dumps(facts, ensure_ascii=False),
    }


def takes_folder(workspace: Path) -> Path:
    """The folder of the takes, made where it is not there. Raises DiskFull where it cannot be."""
    folder = workspace / "takes"
    try:
        workspace.mkdir(mode=0o700, parents=True, exist_ok=True)  # people's voices are nobody else's business
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise DiskFull(
            f"The folder {folder} cannot be made ({error.strerror}); set TIMBRE_WORKSPACE to another."
        ) from None
    return folder


def sweep(folder: Path, seconds: float) -> None:
    """Delete takes older than so long; the folder is made again where somebody removed it. Raises DiskFull."""
    oldest = time.time() - seconds
    for file in takes_folder(folder.parent).iterdir():
        with suppress(OSError):  # another job or process was faster, or it is none of ours
            if file.stat().st_mtime < oldest:
                file.unlink()
