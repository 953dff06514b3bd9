"""The files the page handles: people's own clips, kept under ids that cannot be guessed, and what it may serve.

A clip is kept outside the folder that gradio serves, and named only by its id, so the browser never holds a path.
Knows nothing of widgets or of what the files hold.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from engine import Partial, write_part

_ID = re.compile(r"[0-9a-f]{32}")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")


@dataclass(frozen=True)
class Files:
    """`clips` holds own clips and is not served; `page` is gradio's folder, whose files are. Both for `seconds`."""

    clips: Path
    page: Path
    seconds: float

    def keep(self, clip: Path, source: Path | None = None, made: str = "") -> str:
        """Keep a copy of a clip; returns its id, 128 random bits as hex. OSError when there is no room.

        Of one that was made from another, `source` is that one and `made` tells how; both are kept beside it.
        """
        id = secrets.token_hex(16)
        _sweep(self.clips, self.seconds)
        _copy(clip, self.clips / id / _named("clip", clip))
        if source:
            _copy(source, self.clips / id / _named("source", source))
            (self.clips / id / "made").write_text(made, encoding="utf-8")
        return id

    def find(self, id: object) -> Path | None:
        """The clip kept under `id`; None for anything that is not the id of a clip still kept."""
        if not isinstance(id, str) or not _ID.fullmatch(id):
            return None
        return next((self.clips / id).glob("clip*"), None)

    def source(self, id: object) -> tuple[Path, str] | None:
        """What the clip kept under `id` was made from, and how; None where it came as it is, or is not kept."""
        clip = self.find(id)
        source = next(clip.parent.glob("source*"), None) if clip else None
        return (source, (source.parent / "made").read_text(encoding="utf-8")) if source else None

    def reopen(self, id: object) -> str | None:
        """The clip kept under `id` as it came, as a file that may be served; None where it is not kept."""
        made, clip = self.source(id), self.find(id)
        came = made[0] if made else clip
        return self.publish(came, f"clip{came.suffix}") if came else None

    def place(self, name: str) -> Path:
        """Where a file that may be served can be written as `name`, in a folder of its own that cannot be guessed."""
        _sweep(self.page / "takes", self.seconds)
        folder = self.page / "takes" / secrets.token_hex(16)
        folder.mkdir(parents=True)
        return folder / name

    def put(self, part: Partial) -> str:
        """A part of a speech as a file that may be served; returns its path."""
        file = self.place(f"part-{part.chunk}.wav")
        write_part(part, file)
        return str(file)

    def write(self, name: str, text: str) -> str:
        """A file of `text` in UTF-8 that may be served, as `name`; returns its path."""
        target = self.place(name)
        target.write_text(text, encoding="utf-8")
        return str(target)

    def publish(self, file: Path, name: str) -> str:
        """A copy of `file` that may be served, under `name`; returns its path."""
        target = self.place(name)
        _copy(file, target)
        return str(target)


def _named(name: str, clip: Path) -> str:
    suffix = clip.suffix.lower()
    return f"{name}{suffix if _SUFFIX.fullmatch(suffix) else ''}"


def _copy(source: Path, target: Path) -> None:
    """A hard link where it can be: costs no room, and outlives the source."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _sweep(folder: Path, older_than: float) -> None:
    """Remove what was put into `folder` longer ago than `older_than` seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir():
        try:
            if time.time() - entry.stat().st_mtime > older_than:
                shutil.rmtree(entry, ignore_errors=True)
        except FileNotFoundError:
            continue  # swept by another process at the same moment
