"""A finished take -> the bucket: its sound, and when each word is spoken where that is known.

Knows the bucket's layout; not how a take was made, nor what kind of server holds the bucket.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from .errors import ExportFailed
from .store import Storage
from .text import subtitles
from .types import Export, Take, Word

log = logging.getLogger("timbre")

MEDIA_TYPES = {
    "wav": "audio/wav",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "srt": "application/x-subrip; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
TIMINGS = ("srt", "vtt", "csv", "json")
"""Formats that word times are kept in, as by the worker before this."""


def export(storage: Storage | None, take: Take, link_seconds: int, words: Sequence[Word] = ()) -> Export:
    """Copy a take to `output/`, and its words' times, if given, to `timings/`; never raises: `error` says what failed."""
    if storage is None:
        return Export(take.id)
    try:
        files = {format: _write(take, words, format) for format in TIMINGS if words}
        key, link = _put(storage, take, take.file, "output", link_seconds)
        links = {format: _put(storage, take, file, "timings", link_seconds)[1] for format, file in files.items()}
    except ExportFailed as error:
        log.warning("export of %s: %s", take.id, error)
        return Export(take.id, error=str(error))
    return Export(take.id, link, key, timings=links)


def _write(take: Take, words: Sequence[Word], format: str) -> Path:
    """The times beside the take's sound, which they are kept with."""
    file = take.file.with_suffix(f".{format}")
    try:
        file.write_text(subtitles(format, take.request.text, words), encoding="utf-8")
    except OSError:
        raise ExportFailed(
            "There is no room to write the word times; free some on this machine and try again."
        ) from None
    return file


def _put(storage: Storage, take: Take, file: Path, folder: str, link_seconds: int) -> tuple[str, str]:
    """The file's key in the bucket, and its link."""
    format = file.suffix.removeprefix(".")
    key, tags = f"{folder}/{take.id}.{format}", {"generator": "Timbre", "ai-generated": "true"}
    storage.put(file, key, MEDIA_TYPES[format], tags | {"model": take.model, "seed": str(take.seed)})
    return key, storage.link(key, link_seconds, str(Path(take.filename).with_suffix(f".{format}")))
