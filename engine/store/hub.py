"""The Hugging Face hub as a source of files.

The bytes are streamed here and not by `hf_hub_download`, which reads 10 MB at a time: nothing would move on a slow line,
a cancelled job would go on downloading, and a killed one would begin anew. Does not know where files are kept.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from .cache import Damaged, HubFiles, RemoteFile, SourceFailed

ATTEMPTS = 5
"""Connections in a row that may bring nothing before a download is given up."""
PATIENCE = 10.0, 5.0
"""Seconds to wait for a connection, and for the next bytes; a cancelled job waits no longer than the latter."""


class Hub:
    """The hub, a `Source`. No state. `endpoint` defaults to what HF_ENDPOINT says."""

    def __init__(
        self, endpoint: str | None = None, patience: tuple[float, float] = PATIENCE, attempts: int = ATTEMPTS
    ) -> None:
        self._endpoint, self._patience, self._attempts = endpoint, patience, attempts

    def describe(self, files: HubFiles) -> list[RemoteFile]:
        """See Source. Asks for each file's commit, hash and size."""
        with self._told():
            described = (self._describe(files.repo, name, name in files.optional) for name in files.both)
            return [file for file in described if file]

    def pieces(self, file: RemoteFile, start: int) -> Iterator[bytes]:
        """See Source. A connection that breaks or stalls is made again from where it was."""
        from httpx import TransportError
        from huggingface_hub.errors import HfHubHTTPError

        have, failures = start, 0
        with self._told():
            while have < file.size:
                problem: Exception = Damaged()
                try:
                    for piece in self._stream(file, have):
                        have, failures = have + len(piece), 0
                        yield piece
                except (TransportError, HfHubHTTPError) as error:
                    if isinstance(error, HfHubHTTPError) and error.response.status_code < 500:
                        raise
                    problem = error
                if have < file.size:
                    failures += 1
                    if failures == self._attempts:
                        raise problem
                    for _ in range(2**failures):
                        yield b""
                        time.sleep(0.25)

    def _describe(self, repo: str, name: str, optional: bool) -> RemoteFile | None:
        from huggingface_hub import get_hf_file_metadata, hf_hub_url
        from huggingface_hub.errors import FileMetadataError, RemoteEntryNotFoundError

        try:
            url = hf_hub_url(repo, name, endpoint=self._endpoint)
            told = get_hf_file_metadata(url, timeout=self._patience[0], endpoint=self._endpoint)
        except RemoteEntryNotFoundError:
            if optional:
                return None
            raise
        etag, commit, size = told.etag or "", told.commit_hash or "", told.size
        # Both become names of files: a hub or a proxy that is not what it seems must not choose where.
        if not (re.fullmatch(r"\w[\w.-]*", etag) and re.fullmatch(r"[0-9a-f]{40}", commit) and size is not None):
            raise FileMetadataError(name)
        return RemoteFile(repo, name, commit, etag, size)

    def _stream(self, file: RemoteFile, have: int) -> Iterator[bytes]:
        """One connection's bytes of a file from `have` on."""
        from httpx import Timeout
        from huggingface_hub import get_session, hf_hub_url
        from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

        headers = build_hf_headers() | {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        url = hf_hub_url(file.repo, file.name, revision=file.commit, endpoint=self._endpoint)
        timeout = Timeout(self._patience[1], connect=self._patience[0])
        with get_session().stream("GET", url, headers=headers, timeout=timeout, follow_redirects=True) as response:
            hf_raise_for_status(response)
            known = have if response.status_code == 200 else 0  # a server without ranges begins again
            for piece in response.iter_bytes():
                if fresh := piece[known:]:
                    yield fresh
                known = max(0, known - len(piece))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the hub's library raises into SourceFailed."""
        from httpx import HTTPError

        try:
            yield
        except (HTTPError, OSError, ValueError) as error:
            raise SourceFailed(self._reason(error)) from error

    def _reason(self, error: Exception) -> str:
        """Why a download failed, and its cure."""
        from huggingface_hub import constants
        from huggingface_hub import errors as hub

        host = urlsplit(self._endpoint or constants.ENDPOINT).hostname or "the hub"
        status = error.response.status_code if isinstance(error, hub.HfHubHTTPError) else 0
        if isinstance(error, hub.OfflineModeIsEnabled):
            return "HF_HUB_OFFLINE forbids it; unset it"
        if isinstance(error, hub.GatedRepoError):
            return f"{host} gives it only to people who accepted its terms; accept them there and set HF_TOKEN"
        if status in (401, 403) or isinstance(error, hub.RepositoryNotFoundError):
            return f"{host} refused access to it or does not know it; check its name and HF_TOKEN"
        if status == 404:
            return f"{host} does not have its files; check its name"
        if status == 429:
            return f"{host} takes no more requests from here for now; try again in a few minutes"
        if status:
            return f"{host} failed to answer (HTTP {status}); try again later"
        if isinstance(error, hub.FileMetadataError | ValueError):
            return f"{host} does not answer as a hub does; check HF_ENDPOINT and the proxy"
        return f"{host} cannot be reached; check the connection"
