"""Spoken chunks -> a take on disk: joined, levelled, marked, encoded, with its picture and its request in it.

Knows how a result is finished; not how its chunks were spoken, nor whether all of them were.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from .audio import acx, encode, finish, join, remove_silence, spectrogram
from .errors import TimbreError
from .speech import Watermark
from .types import RATE, Chunk, CloneRequest, Measure, Reference, Samples, Take

E = TypeVar("E")


@dataclass(eq=False)
class Draft:
    """A take in the making. Only `parts` and `timings` grow, by the one generator that makes it."""

    id: str
    request: CloneRequest
    """As it is done: seed, model and reference text filled in."""
    reference: Reference
    chunks: tuple[Chunk, ...]
    model_hash: str
    notes: tuple[str, ...]
    timings: dict[str, float]
    parts: list[Samples] = field(default_factory=list)
    """The finished chunks' sound, in order."""


@contextmanager
def timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    """Add the seconds spent inside to a stage's."""
    begin = time.monotonic()
    try:
        yield
    finally:
        timings[stage] = timings.get(stage, 0.0) + time.monotonic() - begin


def clocked(events: Iterator[E], timings: dict[str, float]) -> Iterator[E]:
    """The same events, the time to make each counted as speaking; other jobs' turns between them are not."""
    while True:
        with timed(timings, "speaking"):
            event = next(events, None)
        if event is None:
            return
        yield event


def finish_take(draft: Draft, folder: Path, loudness: float, watermark: Watermark | None) -> Take:
    """Write `<id>.<format>` and `<id>.png` into `folder` from the chunks there are. Raises DiskFull, Unavailable."""
    request, done = draft.request, draft.chunks[: len(draft.parts)]
    notes, whole = draft.notes, len(done) == len(draft.chunks)
    if not whole:
        notes += (f"These are the first {len(done)} of {len(draft.chunks)} parts; the job ended before the others.",)
    with timed(draft.timings, "finishing"):
        # Part by part, so that a long text needs no more memory; the mark outlives joining and levelling.
        parts = [watermark.mark(part) for part in draft.parts] if watermark else draft.parts
        sound = join(parts, request.cross_fade, [request.pause if chunk.ends_paragraph else 0.0 for chunk in done[:-1]])
        if request.remove_silence:
            sound = remove_silence(sound)
        sound = finish(sound, request.loudness or loudness)
    if request.loudness == "audiobook":
        notes += tuple(map(_told, acx(sound)))
    file, picture = folder / f"{draft.id}.{request.format}", folder / f"{draft.id}.png"
    take = Take(
        id=draft.id,
        file=file,
        picture=picture,
        seconds=len(sound) / RATE,
        request=replace(request, clip=None, text=request.text if whole else " ".join(chunk.text for chunk in done)),
        seed=request.seed or 0,
        reference_hash=draft.reference.hash,
        reference_seconds=draft.reference.seconds,
        chunks=tuple(chunk.text for chunk in done),
        model=request.model,
        model_hash=draft.model_hash,
        timings=dict(draft.timings),
        notes=notes,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    encode(sound, file, request.format, describe(take))
    try:
        spectrogram(sound, picture)
    except TimbreError:
        file.unlink()
        raise
    return take


def _told(measure: Measure) -> str:
    """Whether ACX would take the file, as a sentence."""
    least = f"at least {measure.least:g}" if measure.least is not None else ""
    most = f"at most {measure.most:g}" if measure.most is not None else ""
    verdict = "passes" if measure.passes else "does not pass"
    return f"ACX asks for {measure.name} of {' and '.join(filter(None, (least, most)))} dBFS; {measure.value:.1f} {verdict}."


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
    }
    return {
        "title": " ".join(take.request.text.split())[:80],
        "artist": "Timbre",
        "comment": f"AI-generated speech, made by Timbre with {take.model}.",
        "timbre": json.dumps(facts, ensure_ascii=False),
    }
