"""The bucket that results are exported to and models are mirrored in; the one module that knows boto3.

Speaks to AWS, Backblaze B2, MinIO, R2 and their like. Does not know what it stores.
"""

from __future__ import annotations

import functools
import logging
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from ..errors import ExportFailed
from ..settings import Settings
from .cache import SourceFailed

log = logging.getLogger("timbre")

METADATA_BYTES = 2048
"""What S3 allows for all of an object's metadata, names and values (docs.aws.amazon.com, UsingMetadata)."""
PART = 8 * 1024 * 1024
"""Files above this size go up in parts of it; S3 allows 5 MB and more."""
PIECE = 4 * 1024 * 1024
"""Big files come down in pieces of it."""
PARALLEL = 16
"""Pieces that come down at once: of a bucket far away each comes only so fast."""
ATTEMPTS = 3
"""Times a piece that breaks off is asked for."""
PATIENCE = 4.0, 15.0
"""Seconds to wait for a connection, and for the next bytes."""

CURES = {
    "InvalidAccessKeyId": "the server does not know the key; correct AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the secret does not belong to the key; correct AWS_SECRET_ACCESS_KEY, and AWS_REGION too",
    "NoSuchBucket": "there is no such bucket; create it or correct S3_BUCKET",
    "AccessDenied": "the key may not do that; allow it to write and read objects in the bucket",
    "ExpiredToken": "the credentials have expired; renew them",
    "RequestTimeTooSkewed": "this machine's clock is wrong; set it",
    "PermanentRedirect": "the bucket is in another region; set AWS_REGION to it",
    "AuthorizationHeaderMalformed": "the bucket is in another region; set AWS_REGION to it",
    "SlowDown": "the server is overloaded; try again in a few minutes",
}
"""What went wrong and what to do about it, by S3's error code."""
ALIASES = {"403": "AccessDenied", "401": "AccessDenied", "InvalidSignature": "SignatureDoesNotMatch",
           "AllAccessDisabled": "AccessDenied", "UnauthorizedAccess": "InvalidAccessKeyId", "301": "PermanentRedirect",
           "InvalidBucketName": "NoSuchBucket", "Unauthorized": "AccessDenied"}  # fmt: skip
"""Codes that other servers, or answers without a body, give for the same."""


class Storage(Protocol):
    """Where results are exported to."""

    def put(self, file: Path, key: str, content_type: str, metadata: Mapping[str, str]) -> None:
        """Store `file` under `key`, replacing what is there. Raises ExportFailed."""
        ...

    def link(self, key: str, seconds: int, filename: str) -> str:
        """A link that anyone can download `key` by for `seconds`, saved as `filename`. Raises ExportFailed."""
        ...


@dataclass(frozen=True)
class Stored:
    """An object of the bucket."""

    key: str
    size: int
    modified: float
    """When it was stored, seconds since 1970."""


class S3:
    """A bucket. State: the client, made at the first use; clients may be shared by threads."""

    def __init__(self, settings: Settings, patience: tuple[float, float] = PATIENCE) -> None:
        self._settings, self._patience = settings, patience

    @classmethod
    def of(cls, settings: Settings) -> S3 | None:
        """The bucket of the settings; None where they name none."""
        return cls(settings) if settings.bucket else None

    def put(self, file: Path, key: str, content_type: str, metadata: Mapping[str, str]) -> None:
        """See Storage. In parts above `PART` bytes; metadata is percent-encoded and cut to what S3 allows."""
        if not file.is_file():
            raise ExportFailed("The file to export is no longer kept; generate it again.")
        with self._told(self._export_failed):
            from boto3.s3.transfer import TransferConfig

            transfer = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=4)
            extra = {"ContentType": content_type, "Metadata": encode_metadata(metadata)}
            self._client.upload_file(str(file), self._settings.bucket, key, ExtraArgs=extra, Config=transfer)

    def link(self, key: str, seconds: int, filename: str) -> str:
        """See Storage. Made without asking the server; at most 604,800 s, the longest that SigV4 allows."""
        asked = {"Bucket": self._settings.bucket, "Key": key, "ResponseContentDisposition": disposition(filename)}
        with self._told(self._export_failed):
            url: str = self._client.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds)
        return url

    def objects(self, prefix: str) -> list[Stored]:
        """The objects whose keys begin so. Raises SourceFailed."""
        with self._told(SourceFailed):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._settings.bucket, Prefix=prefix)
            return [
                Stored(found["Key"], found["Size"], found["LastModified"].timestamp())
                for page in pages
                for found in page.get("Contents", ())
            ]

    def mirror(self, file: Path, key: str) -> None:
        """Store a big file under `key`, which nobody finds there before it is whole. Raises SourceFailed.

        Part after part in the calling thread: nobody waits for it, and the job that runs meanwhile needs the line.
        """
        with self._told(SourceFailed):
            from boto3.s3.transfer import TransferConfig

            transfer = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
            self._client.upload_file(str(file), self._settings.bucket, key, Config=transfer)

    def pieces(self, key: str, start: int, size: int) -> Iterator[bytes]:
        """Bytes `start` to `size` of an object in order, `PARALLEL` pieces of it coming down at once; empty pieces
        while none is there. Raises SourceFailed."""
        pool = ThreadPoolExecutor(PARALLEL, "s3")
        try:
            ranges = ((at, min(at + PIECE, size)) for at in range(start, size, PIECE))
            parts = deque(pool.submit(self._piece, key, *span) for span in islice(ranges, PARALLEL + 2))
            with self._told(SourceFailed):
                while parts:
                    if not wait([parts[0]], timeout=0.25).done:
                        yield b""
                        continue
                    piece = parts.popleft().result()
                    parts.extend(pool.submit(self._piece, key, *span) for span in islice(ranges, 1))
                    yield piece
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _piece(self, key: str, start: int, end: int) -> bytes:
        from botocore.exceptions import BotoCoreError, ClientError, IncompleteReadError

        for attempt in range(1, ATTEMPTS + 1):
            try:
                span = f"bytes={start}-{end - 1}"
                answer = self._client.get_object(Bucket=self._settings.bucket, Key=key, Range=span)
                if answer["ContentLength"] != end - start:  # before a server without ranges sends all of it
                    raise IncompleteReadError(actual_bytes=answer["ContentLength"], expected_bytes=end - start)
                body: bytes = answer["Body"].read()
                return body
            except BotoCoreError as error:
                if attempt == ATTEMPTS or isinstance(error, ClientError):
                    raise
        raise AssertionError

    @functools.cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        settings = self._settings
        config = Config(
            signature_version="s3v4",  # presigned links to other servers than AWS are v2 otherwise, which B2 refuses
            s3={"addressing_style": "path" if settings.endpoint_url else "auto"},  # they seldom have wildcard names
            # The trailing checksums boto3 sends since 1.36 are refused by B2, R2 and others.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=self._patience[0],
            read_timeout=self._patience[1],
            max_pool_connections=PARALLEL + 2,
        )
        # A session of its own: boto3's default one is not safe to make clients from in threads.
        return boto3.session.Session().client(
            "s3",
            endpoint_url=settings.endpoint_url or None,
            region_name=settings.region or region_of(settings.endpoint_url),
            aws_access_key_id=settings.access_key_id or None,
            aws_secret_access_key=settings.secret_access_key.get_secret_value() or None,
            aws_session_token=settings.session_token.get_secret_value() or None,
            config=config,
        )

    def _export_failed(self, why: str) -> ExportFailed:
        return ExportFailed(f"The result could not be exported to the bucket {self._settings.bucket}: {why}.")

    @contextmanager
    def _told(self, failure: Callable[[str], Exception]) -> Iterator[None]:
        """Turn what boto3 raises into `failure` without its words, for servers quote keys in their answers."""
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, Boto3Error, ClientError, OSError, ValueError) as error:
            cause = error.__context__ if isinstance(error, Boto3Error) and error.__context__ else error
            log.warning("the bucket failed: %s", code_of(cause) or type(cause).__name__)
            raise failure(self._cure(cause)) from None

    def _cure(self, error: BaseException) -> str:
        """What is wrong and what to do, without the words of the error."""
        from botocore import exceptions as boto

        if code := code_of(error):
            known = CURES.get(ALIASES.get(code, code))
            return known or f"the server refused it ({code}); try again, or check the settings of the bucket"
        host = _host(self._settings.endpoint_url) or "AWS"
        match error:
            case boto.NoCredentialsError() | boto.PartialCredentialsError():
                return "there is no key; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            case boto.NoRegionError() | boto.InvalidRegionError():
                return "the region is missing or wrong; set AWS_REGION"
            case boto.ParamValidationError():
                return "the bucket's name or the key is not one S3 allows; correct S3_BUCKET"
            case boto.SSLError():
                return f"the certificate of {host} is not trusted; check AWS_ENDPOINT_URL"
            case boto.IncompleteReadError() | boto.ResponseStreamingError():
                return f"{host} broke off or sent too little; try again"
            case boto.HTTPClientError() | boto.ConnectionError():
                return f"{host} cannot be reached; check AWS_ENDPOINT_URL and the connection, then try again"
            case ValueError() | boto.EndpointResolutionError():
                return "AWS_ENDPOINT_URL is not a web address; write it like https://s3.example.com"
            case OSError():
                return "the file cannot be read; generate it again"
        return "the bucket's settings do not work; check S3_BUCKET and the AWS_ variables"


def code_of(error: BaseException) -> str:
    """S3's code for what went wrong, kept to letters and digits, for a server may answer anything; blank: no answer."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    return re.sub(r"[^A-Za-z0-9]", "", str(code))[:40]


def region_of(endpoint_url: str) -> str | None:
    """The region that a signature for this server names where the settings have none: B2 writes it in its address, R2
    wants auto, MinIO and others take AWS' first. None for AWS itself, where boto3 looks it up."""
    host = _host(endpoint_url)
    if b2 := re.fullmatch(r"s3\.([a-z0-9-]+)\.backblazeb2\.com", host):
        return b2[1]
    if host.endswith(".r2.cloudflarestorage.com"):
        return "auto"
    return "us-east-1" if endpoint_url else None


def encode_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """Metadata as S3 takes it: percent-encoded ASCII, at most `METADATA_BYTES` with its names.

    What is too long is cut between characters, each value to an equal share of the room that the ones before left.
    """
    encoded: dict[str, str] = {}
    room = METADATA_BYTES - sum(len(name) for name in metadata)
    for left, (name, value) in zip(range(len(metadata), 0, -1), metadata.items(), strict=True):
        share, kept = room // left, []
        for character in value[:share]:
            piece = quote(character, safe=" !#$&'()*+,/:;=?@[]{}|~^", errors="replace")
            share -= len(piece)
            if share < 0:
                break
            kept.append(piece)
        encoded[name] = "".join(kept).strip()
        room -= len(encoded[name])
    return encoded


def disposition(filename: str) -> str:
    """Content-Disposition that saves under `filename` (RFC 6266), with a plain name for clients that know no other."""
    plain = re.sub(r"[^\w.-]", "_", filename, flags=re.ASCII)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='', errors='replace')}"


def _host(url: str) -> str:
    """The host of an address; blank where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
