"""Files of the Hugging Face hub: found in its cache on this machine, or downloaded into it.

Cached files lie as the hub's own tools lay them (blobs/<etag>, linked from snapshots/<commit>), so what other programs
downloaded is found and what Timbre downloads they find. The bytes are streamed here and not by `hf_hub_download`, which
reads 10 MB at a time: nothing would move on a slow line, and a cancelled job would go on downloading. Knows nothing of
models.
"""

from __future__ import annotations

import os
import re
import threading
import time
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import DiskFull, ModelUnavailable
from ..types import Loading
from .files import disk_full, report, require_room, write

ATTEMPTS = 4
"""Connections in a row that may bring nothing before a download is given up."""
PATIENCE = 10.0, 5.0
"""Seconds to wait for a connection, and for the next bytes; a cancelled job waits no longer than the latter."""


@dataclass(frozen=True)
class HubFiles:
    """Files that are wanted together from one repository."""

    repo: str
    """owner/name."""
    names: tuple[str, ...]
    bytes: int
    """About how much they weigh together."""
    optional: tuple[str, ...] = ()
    """Taken where the repository has them."""


@dataclass(frozen=True)
class _Remote:
    """One file as the hub describes it."""

    repo: str
    name: str
    commit: str
    etag: str
    size: int
    blob: Path


class _DamagedError(Exception):
    """What arrived is not what the hub announced."""


class Hub:
    """The hub and its cache. State: a lock, for one download at a time in this process, and how far that one is.

    `endpoint` and `cache` default to what HF_ENDPOINT and HF_HOME say.
    """

    def __init__(self, endpoint: str | None = None, cache: Path | None = None) -> None:
        self._endpoint, self._cache = endpoint, cache
        self._lock = threading.Lock()
        self._now = Loading("", 0, 0)

    @property
    def cache(self) -> Path:
        """The cache's folder."""
        from huggingface_hub.constants import HF_HUB_CACHE

        return self._cache or Path(HF_HUB_CACHE)

    def find(self, files: HubFiles) -> Path | None:
        """The folder of the cache that holds all of `files`, laid out as the repository; None where one is missing."""
        from huggingface_hub import try_to_load_from_cache

        paths = [try_to_load_from_cache(files.repo, name, cache_dir=self.cache) for name in files.names]
        if not all(isinstance(path, str) for path in paths):
            return None
        return Path(str(paths[0]).removesuffix(files.names[0]))

    def download(self, what: str, wanted: tuple[HubFiles, ...], otherwise: str) -> Generator[Loading, None, None]:
        """Download what of `wanted` is not cached, yielding bytes over all files.

        One at a time: a second caller is told how far the first is, then finds its files cached. Closing the generator
        ends the download. `otherwise` says what a person can do instead; it ends the sentence of ModelUnavailable.
        Raises DiskFull before anything is downloaded, or when the disk fills up later.
        """
        while not self._lock.acquire(timeout=0.25):
            yield self._now
        try:
            missing = [files for files in wanted if self.find(files) is None]
            self._now = Loading(what, 0, sum(files.bytes for files in missing))
            for event in self._download(what, missing, otherwise):
                self._now = event
                yield event
        finally:
            self._lock.release()

    def _download(self, what: str, missing: list[HubFiles], otherwise: str) -> Generator[Loading, None, None]:
        from httpx import HTTPError

        try:
            remotes = [remote for files in missing for remote in self._describe(files)]
            # A blob without its link was left by a caller who lost the hub in between.
            new = [remote for remote in remotes if not remote.blob.is_file()]
            size = sum(remote.size for remote in new)
            require_room(what, self.cache, size)
            if new:
                yield from report(what, (n for remote in new for n in self._save(remote)), size)
            for remote in remotes:
                self._link(remote)
        except (HTTPError, OSError, ValueError, _DamagedError) as error:
            if isinstance(error, OSError) and disk_full(error):
                raise DiskFull(
                    f"The disk filled up while {what} was downloaded; make room in {self.cache} and try again."
                ) from error
            why, cure = self._reason(error)
            raise ModelUnavailable(f"{what} could not be downloaded because {why}; {cure}, or {otherwise}.") from error

    def _describe(self, files: HubFiles) -> Iterator[_Remote]:
        """Ask the hub for each file's commit, hash and size; those that may be missing first, the big ones last."""
        from huggingface_hub import get_hf_file_metadata, hf_hub_url
        from huggingface_hub.errors import FileMetadataError, RemoteEntryNotFoundError
        from huggingface_hub.file_download import repo_folder_name

        blobs = self.cache / repo_folder_name(repo_id=files.repo, repo_type="model") / "blobs"
        for name in (*files.optional, *files.names):
            try:
                url = hf_hub_url(files.repo, name, endpoint=self._endpoint)
                told = get_hf_file_metadata(url, timeout=PATIENCE[0], endpoint=self._endpoint)
            except RemoteEntryNotFoundError:
                if name in files.optional:
                    continue
                raise
            etag, commit, size = told.etag or "", told.commit_hash or "", told.size
            # Both become names of files: a hub or a proxy that is not what it seems must not choose where.
            if not (re.fullmatch(r"\w[\w.-]*", etag) and re.fullmatch(r"[0-9a-f]{40}", commit) and size is not None):
                raise FileMetadataError(name)
            yield _Remote(files.repo, name, commit, etag, size, blobs / etag)

    def _save(self, remote: _Remote) -> Iterator[int]:
        """Download one blob beside its place, yield the length of each piece; rename it when it is whole."""
        remote.blob.parent.mkdir(parents=True, exist_ok=True)
        part = remote.blob.with_name(f"{remote.etag}.{uuid.uuid4().hex[:8]}.incomplete")
        try:
            sha256 = yield from write(part, self._pieces(remote))
            # The hub names files that are kept in LFS by their SHA-256, others by git's hash.
            if part.stat().st_size != remote.size or (len(remote.etag) == 64 and remote.etag != sha256):
                raise _DamagedError(remote.name)
            os.replace(part, remote.blob)
        finally:
            part.unlink(missing_ok=True)

    def _pieces(self, remote: _Remote) -> Iterator[bytes]:
        """The file's bytes; a connection that breaks or stalls is made again from where it was (empty pieces)."""
        from httpx import TransportError
        from huggingface_hub.errors import HfHubHTTPError

        have, failures = 0, 0
        while have < remote.size:
            problem: Exception = _DamagedError(remote.name)
            try:
                for piece in self._stream(remote, have):
                    have, failures = have + len(piece), 0
                    yield piece
            except TransportError as error:
                problem = error
            except HfHubHTTPError as error:
                if error.response.status_code < 500:
                    raise
                problem = error
            if have < remote.size:
                failures += 1
                if failures == ATTEMPTS:
                    raise problem
                yield b""
                time.sleep(0.5 * 2 ** (failures - 1))

    def _stream(self, remote: _Remote, have: int) -> Iterator[bytes]:
        """One connection's bytes of a file from `have` on."""
        from httpx import Timeout
        from huggingface_hub import get_session, hf_hub_url
        from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

        headers = build_hf_headers() | {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        url = hf_hub_url(remote.repo, remote.name, revision=remote.commit, endpoint=self._endpoint)
        timeout = Timeout(PATIENCE[1], connect=PATIENCE[0])
        with get_session().stream("GET", url, headers=headers, timeout=timeout, follow_redirects=True) as response:
            hf_raise_for_status(response)
            known = have if response.status_code == 200 else 0  # a server without ranges begins again
            for piece in response.iter_bytes():
                if fresh := piece[known:]:
                    yield fresh
                known = max(0, known - len(piece))

    def _link(self, remote: _Remote) -> None:
        """Have the hub's library link the blob into its snapshot; it finds the bytes there and downloads nothing."""
        from huggingface_hub import hf_hub_download

        hf_hub_download(remote.repo, remote.name, endpoint=self._endpoint, cache_dir=self.cache)

    def _reason(self, error: Exception) -> tuple[str, str]:
        """Why a download failed, and its cure."""
        from httpx import HTTPError
        from huggingface_hub import constants
        from huggingface_hub import errors as hub

        host = urlsplit(self._endpoint or constants.ENDPOINT).hostname or "the hub"
        status = error.response.status_code if isinstance(error, hub.HfHubHTTPError) else 0
        if isinstance(error, hub.OfflineModeIsEnabled):
            return "HF_HUB_OFFLINE forbids it", "unset it"
        if isinstance(error, hub.GatedRepoError):
            return f"{host} gives it only to people who accepted its terms", "accept them there and set HF_TOKEN"
        if status in (401, 403) or isinstance(error, hub.RepositoryNotFoundError):
            return f"{host} refused access to it or does not know it", "check its name and HF_TOKEN"
        if status == 404:
            return f"{host} does not have its files", "check its name"
        if status == 429:
            return f"{host} takes no more requests from here for now", "try again in a few minutes"
        if status:
            return f"{host} failed to answer (HTTP {status})", "try again later"
        if isinstance(error, _DamagedError):
            return "it arrived incomplete or damaged", "try again"
        if isinstance(error, hub.FileMetadataError | ValueError):
            return f"{host} does not answer as a hub does", "check HF_ENDPOINT and the proxy"
        if isinstance(error, HTTPError | hub.LocalEntryNotFoundError):
            return f"{host} cannot be reached", "check the connection"
        return f"{self.cache} cannot be written", "set HF_HOME to a folder that can"
