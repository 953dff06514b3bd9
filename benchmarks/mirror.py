"""How fast weights come from the bucket, hash check included, against boto3's download_file and `aws s3 cp`.

    python -m benchmarks.mirror                  1.35 GB, the size of F5-TTS v1 Base
    python -m benchmarks.mirror --size 200e6     so many bytes
    python -m benchmarks.mirror --rounds 3       each way so often, in turn; the median is told
    python -m benchmarks.mirror --latency 30 --rate 10e6   a bucket far away: 30 ms each way, 10 MB/s a connection

The server is `rclone serve s3` on loopback, of which the processor is the limit, so the seconds of processor that this
process spent are told beside: a busy machine changes them least. With a latency or a rate the line is. Prints a table.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from engine.settings import Settings
from engine.store.cache import Cache, HubFiles
from engine.store.mirror import Mirror
from engine.store.s3 import S3
from tests.servers import S3Server, s3_server

from .line import long_line

BUCKET, REPO, NAME, COMMIT = "bench", "someone/model", "model.safetensors", "f" * 40


def main() -> None:
    """Make the file, fetch it each way in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=lambda text: int(float(text)), default=1_350_000_000, help="bytes")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--latency", type=float, default=0.0, help="milliseconds each way")
    parser.add_argument("--rate", type=float, default=0.0, help="bytes a second of each connection; 0: no limit")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        server = stack.enter_context(s3_server(Path(folder, "s3")))
        if given.latency or given.rate:
            server = stack.enter_context(far_away(server, given.latency / 1000, given.rate))
        key = fill(Path(folder, "s3"), given.size)
        import boto3.s3.transfer  # noqa: F401 - what every way imports is nobody's time
        import huggingface_hub.file_download  # noqa: F401

        ways = {name: way for name, way in fetchers(server, key, given.size, Path(folder)).items() if way}
        seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(given.rounds):
            for name, way in ways.items():
                seconds[name].append(timed(way))
    line = f", {given.latency:g} ms away, {given.rate / 1e6:g} MB/s a connection" if given.latency or given.rate else ""
    print(f"{given.size / 1e9:.2f} GB from rclone serve s3{line}, {os.cpu_count()} cores, median of {given.rounds}\n")
    print("| way | seconds | MB/s | seconds of processor |\n|---|---|---|---|")
    for name, times in seconds.items():
        wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"| {name} | {wall:.1f} | {given.size / 1e6 / wall:.0f} | {cpu:.1f} |")


@contextmanager
def far_away(server: S3Server, latency: float, rate: float) -> Iterator[S3Server]:
    """The same server behind a long line."""
    port = urlsplit(server.endpoint).port
    assert port
    with long_line(port, latency, rate) as port:
        yield replace(server, endpoint=f"http://127.0.0.1:{port}")


def fill(folder: Path, size: int) -> str:
    """A bucket with one file of noise in the mirror's layout; returns its key."""
    digest, noise, made = hashlib.sha256(), os.urandom(1 << 20), folder / "noise"
    folder.mkdir(exist_ok=True)
    with made.open("wb") as file:
        for at in range(0, size, len(noise)):
            piece = (at.to_bytes(8, "big") + noise[8:])[: size - at]
            file.write(piece)
            digest.update(piece)
    key = f"models/{REPO}/{COMMIT}/{digest.hexdigest()}/{NAME}"
    place = folder / BUCKET / key
    place.parent.mkdir(parents=True)
    made.rename(place)
    return key


def fetchers(server: S3Server, key: str, size: int, folder: Path) -> dict[str, Callable[[], None] | None]:
    """Each way to bring the file here, by its name; None where it cannot be tried."""
    settings = Settings(
        bucket=BUCKET, access_key_id=server.key, secret_access_key=server.secret, endpoint_url=server.endpoint
    )
    there = folder / "there"

    def ours() -> None:
        files = HubFiles(REPO, (NAME,), size)
        for _ in Cache(there).fetch("The model", (files,), Mirror(S3(settings), BUCKET)):
            pass
        assert Cache(there).find(files)

    def boto3_file() -> None:
        there.mkdir()
        S3(settings)._client.download_file(BUCKET, key, str(there / NAME))

    def boto3_and_hash() -> None:
        boto3_file()
        with (there / NAME).open("rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() in key

    def aws() -> None:
        keys = {"AWS_ACCESS_KEY_ID": server.key, "AWS_SECRET_ACCESS_KEY": server.secret, "AWS_REGION": "us-east-1"}
        command = ["aws", "--endpoint-url", server.endpoint, "s3", "cp", "--quiet", f"s3://{BUCKET}/{key}"]
        subprocess.run([*command, str(there / NAME)], env=os.environ | keys, check=True)

    def clean(way: Callable[[], None]) -> Callable[[], None]:
        def fetch() -> None:
            shutil.rmtree(there, ignore_errors=True)
            way()

        return fetch

    return {
        "Timbre, hash checked": clean(ours),
        "boto3 download_file": clean(boto3_file),
        "boto3 download_file, then the hash": clean(boto3_and_hash),
        "aws s3 cp": clean(aws) if shutil.which("aws") else None,
    }


def timed(way: Callable[[], None]) -> tuple[float, float]:
    """Seconds on the clock and of processor, those of a child included."""
    clock, processor = time.perf_counter(), os.times()
    way()
    after = os.times()
    return time.perf_counter() - clock, sum(after[:4]) - sum(processor[:4])


if __name__ == "__main__":
    main()
