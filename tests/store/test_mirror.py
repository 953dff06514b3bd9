"""Models by way of the bucket: taken from there, checked, put there once, and passed over when it fails."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from engine.ended import ended
from engine.settings import Settings
from engine.store import ModelFiles, Weights
from engine.types import Loading
from tests.servers import COMMIT, HubServer, S3Server, etag_of, free_port, hub_server
from tests.store.conftest import BUCKET, settings

ROOT = Path(__file__).parents[2]
CHECKPOINT = "SWivid/F5-TTS/F5TTS_v1_Base/model_1250000.safetensors"
VOCOS = "charactr/vocos-mel-24khz"
BIG = bytes(range(256)) * 80_000
"""Three parts of 8 MiB, the last a short one."""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    for name, content in {CHECKPOINT: BIG, f"{VOCOS}/config.yaml": b"a: 1", f"{VOCOS}/pytorch_model.bin": b"v"}.items():
        path = tmp_path / "hub" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with hub_server(tmp_path / "hub") as server:
        yield server


@pytest.fixture
def client(s3: S3Server) -> Iterator[Any]:
    """A client of ours, and the bucket emptied before and after."""
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=s3.endpoint,
        region_name="us-east-1",
        aws_access_key_id=s3.key,
        aws_secret_access_key=s3.secret,
    )
    for key in keys(client):
        client.delete_object(Bucket=BUCKET, Key=key)
    yield client
    settled()
    for key in keys(client):
        client.delete_object(Bucket=BUCKET, Key=key)


def keys(client: Any) -> list[str]:
    return [found["Key"] for found in client.list_objects_v2(Bucket=BUCKET).get("Contents", ())]


def settled() -> None:
    """Wait for what is being stored."""
    for thread in threading.enumerate():
        if thread.name == "mirror":
            thread.join(60)


def weights(settings: Settings, cache: Path, endpoint: str | None = None) -> Weights:
    return Weights(settings, ROOT / "assets", endpoint or f"http://127.0.0.1:{free_port()}", cache)


def fetch(found: Weights) -> tuple[list[Loading], ModelFiles]:
    events, files = ended(found.fetch(found.spec("F5TTS_v1_Base")))
    assert files.checkpoint.read_bytes() == BIG
    settled()
    return events, files


@pytest.fixture
def filled(client: Any, hub: HubServer) -> HubServer:
    """The hub, with all its files in the mirror."""
    for path in hub.folder.glob("*/*/**/*.*"):
        owner, repo, *name = path.relative_to(hub.folder).parts
        key = "/".join(("models", owner, repo, COMMIT, etag_of(path), *name))
        client.put_object(Bucket=BUCKET, Key=key, Body=path.read_bytes())
    return hub


def test_up_once_and_down_from_there_without_a_hub(s3: S3Server, client: Any, hub: HubServer, tmp_path: Path) -> None:
    given = settings(s3, mirror=True)
    fetch(weights(given, tmp_path / "a", hub.endpoint))
    stored = {key: client.head_object(Bucket=BUCKET, Key=key)["LastModified"] for key in keys(client)}
    names = ["F5TTS_v1_Base/model_1250000.safetensors", "config.yaml", "pytorch_model.bin"]
    assert sorted(key.split("/", 5)[5] for key in stored) == names
    assert all(key.startswith(("models/SWivid/F5-TTS/", f"models/{VOCOS}/")) for key in stored)
    time.sleep(1.1)
    found = weights(given, tmp_path / "b")
    events, files = fetch(found)
    assert [event.done for event in events] == sorted(event.done for event in events)
    assert events[-1] == Loading("F5-TTS v1 Base", len(BIG) + 5, len(BIG) + 5)
    assert files.vocoder is not None
    assert found.mirror == "on"
    assert {key: client.head_object(Bucket=BUCKET, Key=key)["LastModified"] for key in keys(client)} == stored


def test_the_hubs_own_tools_find_what_came_from_the_mirror(s3: S3Server, filled: HubServer, tmp_path: Path) -> None:
    from huggingface_hub import hf_hub_download

    fetch(weights(settings(s3, mirror=True), tmp_path / "b"))
    repo, name = CHECKPOINT.rsplit("/", 2)[0], "/".join(CHECKPOINT.rsplit("/", 2)[1:])
    hf_hub_download(repo, name, endpoint=filled.endpoint, cache_dir=tmp_path / "b")
    assert filled.gets == []


def test_without_the_setting_the_bucket_is_left_alone(
    s3: S3Server, client: Any, hub: HubServer, tmp_path: Path
) -> None:
    found = weights(settings(s3), tmp_path / "a", hub.endpoint)
    fetch(found)
    assert keys(client) == []
    assert found.mirror == ""


@pytest.mark.parametrize("damage", [BIG[:-1], b"x" + BIG[1:], b""], ids=["truncated", "other bytes", "empty"])
def test_a_damaged_object_is_passed_over_told_and_replaced(
    s3: S3Server, client: Any, filled: HubServer, tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (key,) = [key for key in keys(client) if key.endswith(".safetensors")]
    client.put_object(Bucket=BUCKET, Key=key, Body=damage)
    found = weights(settings(s3, mirror=True), tmp_path / "b", filled.endpoint)
    fetch(found)
    assert any(name.endswith(".safetensors") for name in filled.gets)
    assert found.mirror == "on"  # it is whole again
    assert "it arrived incomplete or damaged" in caplog.text
    filled.gets.clear()
    fetch(weights(settings(s3, mirror=True), tmp_path / "c", filled.endpoint))
    assert filled.gets == []


def test_half_a_set_is_not_taken_for_whole(s3: S3Server, client: Any, filled: HubServer, tmp_path: Path) -> None:
    (key,) = [key for key in keys(client) if key.endswith("config.yaml")]
    client.delete_object(Bucket=BUCKET, Key=key)
    fetch(weights(settings(s3, mirror=True), tmp_path / "b", filled.endpoint))
    assert sorted(filled.gets) == ["config.yaml", "pytorch_model.bin"]
    assert key in keys(client)


def test_an_upload_that_was_broken_off_is_not_there(
    s3: S3Server, client: Any, filled: HubServer, tmp_path: Path
) -> None:
    (key,) = [key for key in keys(client) if key.endswith(".safetensors")]
    client.delete_object(Bucket=BUCKET, Key=key)
    upload = client.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    client.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=BIG[: 8 << 20])
    fetch(weights(settings(s3, mirror=True), tmp_path / "b", filled.endpoint))
    assert [name for name in filled.gets if name.endswith(".safetensors")]
    assert client.head_object(Bucket=BUCKET, Key=key)["ContentLength"] == len(BIG)


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        ({"secret_access_key": "x" * 40}, "AWS_SECRET_ACCESS_KEY"),
        ({"bucket": "not-there"}, "S3_BUCKET"),
        ({"endpoint_url": "http://127.0.0.1:9"}, "AWS_ENDPOINT_URL"),
    ],
)
def test_a_mirror_that_fails_is_told_and_the_hub_asked(
    s3: S3Server, hub: HubServer, tmp_path: Path, changes: dict[str, str], cure: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = weights(settings(s3, mirror=True, **changes), tmp_path / "a", hub.endpoint)
    fetch(found)
    name = changes.get("bucket", BUCKET)
    assert f"could not be put into the mirror in the bucket {name}: " in found.mirror
    assert cure in found.mirror
    assert (
        f"F5-TTS v1 Base could not be taken from the mirror in the bucket {name}, so the hub was asked: " in caplog.text
    )
    assert s3.secret not in caplog.text


def test_a_broken_download_goes_on_where_it_was(s3: S3Server, filled: HubServer, tmp_path: Path) -> None:
    found = weights(settings(s3, mirror=True), tmp_path / "b")
    events = found.fetch(found.spec("F5TTS_v1_Base"))
    while not (told := next(events)).done:
        pass
    events.close()
    again = fetch(found)[0]
    # Files that had come whole before it was broken off are not counted again; nothing is told where all had.
    assert not again or again[0].of - again[0].done <= told.of - told.done


FETCH = """
import sys
from pathlib import Path
from engine.settings import Settings
from engine.store import Weights
found = Weights(Settings(), Path("assets"), sys.argv[1], Path(sys.argv[2]))
for event in found.fetch(found.spec("F5TTS_v1_Base")): pass
import threading
[thread.join() for thread in threading.enumerate() if thread.name == "mirror"]
print(found.mirror)
"""


@pytest.mark.parametrize("s3", ["rclone"], indirect=True)
def test_workers_on_one_bucket_and_one_disk_do_not_tread_on_each_other(
    s3: S3Server, client: Any, hub: HubServer, tmp_path: Path
) -> None:
    """Two on one disk, a third on another, all at once: each disk downloads once, the bucket is whole afterwards."""
    environ = os.environ | {
        "ENABLE_S3_MODEL_CACHE": "true",
        "S3_BUCKET": BUCKET,
        "AWS_ACCESS_KEY_ID": s3.key,
        "AWS_SECRET_ACCESS_KEY": s3.secret,
        "AWS_ENDPOINT_URL": s3.endpoint,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    command = [sys.executable, "-c", FETCH, hub.endpoint]
    workers = [
        subprocess.Popen([*command, str(tmp_path / disk)], env=environ, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for disk in ("one", "one", "two")
    ]
    assert [worker.communicate(timeout=120)[0].strip() for worker in workers] == ["on"] * 3
    assert sum(name.endswith(".safetensors") for name in hub.gets) <= 2
    assert len(keys(client)) == 3
    fetch(weights(settings(s3, mirror=True), tmp_path / "three"))


def test_keys_that_are_none_of_ours_are_passed_over(s3: S3Server, client: Any, hub: HubServer, tmp_path: Path) -> None:
    commit, etag = "f" * 40, "a" * 64
    for name in (f"{commit}/{etag}/other.bin", f"{commit}/short/config.yaml", "model_1250000.safetensors"):
        client.put_object(Bucket=BUCKET, Key=f"models/SWivid/F5-TTS/{name}", Body=b"x")
    found = weights(settings(s3, mirror=True), tmp_path / "a", hub.endpoint)
    fetch(found)
    assert found.mirror == "on"
    assert len(hub.gets) == 3
