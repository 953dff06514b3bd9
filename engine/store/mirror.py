"""Models in the bucket: a source of files between this machine and the hub, filled with what was downloaded there.

A file's key is models/<owner>/<repo>/<commit>/<hash>/<name>: its hash is what it is checked by, and workers that store
the same file at once store the same bytes. Does not know boto3.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from .cache import HubFiles, RemoteFile, SourceFailed
from .s3 import S3

log = logging.getLogger("timbre")


class Mirror:
    """The bucket, a `Source`. State: what was offered to it, and what went wrong last."""

    def __init__(self, bucket: S3, name: str) -> None:
        """`name` is the bucket's, for people."""
        self._bucket, self._name = bucket, name
        self._lock = threading.Lock()
        self._offered: set[HubFiles] = set()
        self.trouble = ""
        """What went wrong last, a sentence; blank since it last went well."""

    def describe(self, files: HubFiles) -> list[RemoteFile]:
        """See Source. Of the commits that have all of `files`, the one stored last."""
        commits: dict[str, dict[str, RemoteFile]] = defaultdict(dict)
        pattern = re.compile(re.escape(_prefix(files.repo)) + r"([0-9a-f]{40})/([0-9a-f]{40}|[0-9a-f]{64})/(.+)")
        for stored in sorted(self._bucket.objects(_prefix(files.repo)), key=lambda stored: stored.modified):
            if (named := pattern.fullmatch(stored.key)) and named[3] in files.both:
                commit, etag, name = named.groups()
                found = commits.pop(commit, {})  # the last one stored comes last
                commits[commit] = found | {name: RemoteFile(files.repo, name, commit, etag, stored.size)}
        for found in reversed(commits.values()):
            if all(name in found for name in files.names):
                return [found[name] for name in files.both if name in found]
        return []

    def pieces(self, file: RemoteFile, start: int) -> Iterator[bytes]:
        """See Source."""
        yield from self._bucket.pieces(_key(file), start, file.size)

    def failed(self, what: str, error: SourceFailed) -> None:
        """Note that `what` could not be had here."""
        self._note(
            f"{what} could not be taken from the mirror in the bucket {self._name}, so the hub was asked: {error}."
        )

    def offer(self, what: str, files: HubFiles, folder: Path, replace: bool) -> None:
        """Store what of `files` in the cache's `folder` the bucket lacks, once, in a thread of its own that nobody waits
        for; with `replace` also what it has."""
        with self._lock:
            if files in self._offered and not replace:
                return
            self._offered.add(files)
        threading.Thread(target=self._store, args=(what, files, folder, replace), name="mirror", daemon=True).start()

    def _store(self, what: str, files: HubFiles, folder: Path, replace: bool) -> None:
        try:
            sizes = {stored.key: stored.size for stored in self._bucket.objects(_prefix(files.repo))}
            for name in files.both:
                path = folder / name
                if not path.is_file():
                    continue
                file = RemoteFile(files.repo, name, folder.name, path.resolve().name, path.stat().st_size)
                if file.checkable and (replace or sizes.get(_key(file)) != file.size):
                    self._bucket.mirror(path, _key(file))
                    log.info("%s: %s is in the mirror now", what, name)
            self.trouble = ""
        except (SourceFailed, OSError) as error:
            why = error if isinstance(error, SourceFailed) else "its files cannot be read; download it again"
            self._note(f"{what} could not be put into the mirror in the bucket {self._name}: {why}.")

    def _note(self, sentence: str) -> None:
        self.trouble = sentence
        log.warning("%s", sentence)


def _prefix(repo: str) -> str:
    return f"models/{repo}/"


def _key(file: RemoteFile) -> str:
    return f"{_prefix(file.repo)}{file.commit}/{file.etag}/{file.name}"
