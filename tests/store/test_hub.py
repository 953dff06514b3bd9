"""Downloads from a hub on loopback: bytes told, cancelled, refused, broken off, and done once."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import DiskFull, ModelUnavailable
from engine.store.hub import Hub, HubFiles
from engine.types import Loading
from tests.servers import HubServer, free_port, hub_server

FILES = HubFiles("someone/voice", ("config.yaml", "weights/model.bin"), 500_000)
OTHERWISE = "choose the demo model"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HubServer]:
    folder = tmp_path / "hub" / FILES.repo
    (folder / "weights").mkdir(parents=True)
    (folder / "config.yaml").write_text("a: 1\n")
    (folder / "weights" / "model.bin").write_bytes(bytes(range(256)) * 2000)
    with hub_server(tmp_path / "hub") as server:
        yield server


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def hub(server: HubServer, cache: Path) -> Hub:
    return Hub(server.endpoint, cache)


def refusal(hub: Hub, files: HubFiles = FILES) -> str:
    with pytest.raises(ModelUnavailable) as failure:
        list(hub.download("The voice", (files,), OTHERWISE))
    message = str(failure.value)
    assert message.startswith("The voice could not be downloaded because ")
    assert message.endswith(f", or {OTHERWISE}.")
    return message


def nothing_left(cache: Path) -> bool:
    """No part of a file, and nothing that could be taken for the big one."""
    return not [path for path in cache.rglob("*") if path.suffix == ".incomplete" or path.name == "model.bin"]


def test_all_bytes_are_told_and_arrive(server: HubServer, hub: Hub) -> None:
    server.pause = 0.03
    assert hub.find(FILES) is None
    events = list(hub.download("The voice", (FILES,), OTHERWISE))
    folder = hub.find(FILES)
    assert folder is not None
    assert (folder / "weights/model.bin").read_bytes() == bytes(range(256)) * 2000
    assert (folder / "config.yaml").read_text() == "a: 1\n"
    size = 512_000 + 5
    assert {(event.what, event.of) for event in events} == {("The voice", size)}
    done = [event.done for event in events]
    assert (done[0], done[-1]) == (0, size)
    assert done == sorted(done)
    assert 4 <= len(done) <= 15  # about a second, five a second
    assert sorted(server.gets) == ["config.yaml", "weights/model.bin"]


def test_what_is_cached_is_not_asked_for(server: HubServer, hub: Hub) -> None:
    list(hub.download("The voice", (FILES,), OTHERWISE))
    server.gets.clear()
    assert list(hub.download("The voice", (FILES,), OTHERWISE)) == []
    assert server.gets == []


def test_files_of_other_programs_are_found(server: HubServer, cache: Path, hub: Hub) -> None:
    from huggingface_hub import hf_hub_download

    for name in FILES.names:
        hf_hub_download(FILES.repo, name, endpoint=server.endpoint, cache_dir=cache)
    assert hub.find(FILES) is not None


def test_other_programs_find_the_files(server: HubServer, cache: Path, hub: Hub) -> None:
    from huggingface_hub import hf_hub_download

    list(hub.download("The voice", (FILES,), OTHERWISE))
    server.gets.clear()
    path = hf_hub_download(FILES.repo, "weights/model.bin", endpoint=server.endpoint, cache_dir=cache)
    assert Path(path).stat().st_size == 512_000
    assert server.gets == []


def test_optional_files_are_taken_where_they_are(server: HubServer, hub: Hub) -> None:
    (server.folder / FILES.repo / "vocabulary.txt").write_text("a")
    files = HubFiles(FILES.repo, FILES.names, 0, ("vocabulary.txt", "vocabulary.json"))
    list(hub.download("The voice", (files,), OTHERWISE))
    folder = hub.find(files)
    assert folder is not None
    assert (folder / "vocabulary.txt").read_text() == "a"
    assert not (folder / "vocabulary.json").exists()


def test_closing_ends_the_download(server: HubServer, cache: Path, hub: Hub) -> None:
    server.pause = 0.05
    download = hub.download("The voice", (FILES,), OTHERWISE)
    while next(download).done < 200_000:
        pass
    began = time.monotonic()
    download.close()
    assert time.monotonic() - began < 1
    assert nothing_left(cache)
    assert hub.find(FILES) is None
    server.pause = 0
    assert list(hub.download("The voice", (FILES,), OTHERWISE))[-1].done > 500_000
    assert hub.find(FILES) is not None


def test_many_callers_make_one_download(server: HubServer, hub: Hub) -> None:
    server.pause = 0.02
    events: list[list[Loading]] = [[] for _ in range(8)]

    def call(seen: list[Loading]) -> None:
        seen.extend(hub.download("The voice", (FILES,), OTHERWISE))
        assert hub.find(FILES) is not None

    threads = [threading.Thread(target=call, args=(seen,)) for seen in events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert sorted(server.gets) == ["config.yaml", "weights/model.bin"]
    for seen in events:
        assert [event.done for event in seen] == sorted(event.done for event in seen)
    assert sum(any(0 < event.done < event.of for event in seen) for seen in events) > 1  # the waiting ones are told too


def test_two_callers_in_one_thread_do_not_hang(server: HubServer, hub: Hub) -> None:
    first = hub.download("The voice", (FILES,), OTHERWISE)
    next(first)
    second = hub.download("The voice", (FILES,), OTHERWISE)
    assert next(second).what == "The voice"
    list(first)
    assert list(second) == []


def test_a_broken_connection_goes_on_where_it_was(server: HubServer, hub: Hub) -> None:
    server.break_after["weights/model.bin"] = 300_000
    events = list(hub.download("The voice", (FILES,), OTHERWISE))
    folder = hub.find(FILES)
    assert folder is not None
    assert (folder / "weights/model.bin").read_bytes() == bytes(range(256)) * 2000
    assert server.gets.count("weights/model.bin") == 2
    assert [event.done for event in events] == sorted(event.done for event in events)


def test_cut_short_again_and_again(server: HubServer, cache: Path, hub: Hub) -> None:
    server.break_after["weights/model.bin"] = 300_000
    server.whole.add("weights/model.bin")
    assert "cannot be reached" in refusal(hub) or "incomplete" in refusal(hub)
    assert nothing_left(cache)


def test_a_size_that_is_not_the_announced_one(server: HubServer, cache: Path, hub: Hub) -> None:
    server.sizes["weights/model.bin"] = 511_000
    assert "incomplete or damaged" in refusal(hub)
    assert nothing_left(cache)


def test_other_bytes_than_announced(server: HubServer, cache: Path, hub: Hub) -> None:
    server.damaged.add("weights/model.bin")
    assert "incomplete or damaged" in refusal(hub)
    assert nothing_left(cache)


def test_a_file_the_hub_lacks(server: HubServer, hub: Hub) -> None:
    (server.folder / FILES.repo / "weights/model.bin").unlink()
    assert "127.0.0.1 does not have its files" in refusal(hub)
    assert server.gets == []


def test_a_repository_the_hub_lacks(hub: Hub) -> None:
    assert "does not know it" in refusal(hub, HubFiles("someone/else", ("model.bin",), 1))


@pytest.mark.parametrize("status", [401, 403])
def test_gated(server: HubServer, hub: Hub, status: int) -> None:
    server.status["weights/model.bin"] = status, "GatedRepo"
    message = refusal(hub)
    assert "accepted its terms" in message
    assert "HF_TOKEN" in message


@pytest.mark.parametrize("status", [401, 403])
def test_no_access(server: HubServer, hub: Hub, status: int) -> None:
    server.status["weights/model.bin"] = status, ""
    assert "check its name and HF_TOKEN" in refusal(hub)


@pytest.mark.parametrize(("status", "cure"), [(429, "few minutes"), (500, "try again later"), (503, "try again later")])
def test_a_hub_in_trouble(server: HubServer, hub: Hub, status: int, cure: str) -> None:
    server.status["weights/model.bin"] = status, ""
    assert cure in refusal(hub)


def test_a_hub_that_chooses_where_to_write(server: HubServer, cache: Path, hub: Hub) -> None:
    server.etags["weights/model.bin"] = "../../../../out"
    assert "does not answer as a hub" in refusal(hub)
    assert not list(cache.parent.rglob("out*"))


def test_unreachable(cache: Path) -> None:
    began = time.monotonic()
    message = refusal(Hub(f"http://127.0.0.1:{free_port()}", cache))
    assert "127.0.0.1 cannot be reached; check the connection" in message
    assert time.monotonic() - began < 10


def test_a_small_disk_is_told_before_it_begins(server: HubServer, cache: Path, hub: Hub) -> None:
    server.sizes["weights/model.bin"] = 10**18
    with pytest.raises(DiskFull, match=r"The voice takes 1,000,000,000\.00 GB of disk, but only .* free in .*cache"):
        list(hub.download("The voice", (FILES,), OTHERWISE))
    assert server.gets == []
    assert not cache.exists()


def child(program: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a Python of its own, where the hub's library reads its environment anew."""
    return subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)} | environ,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )


DOWNLOAD = f"""
from engine.store.hub import Hub, HubFiles
hub = Hub()
list(hub.download("The voice", ({FILES!r},), "choose the demo model"))
print(hub.find({FILES!r}))
"""


def test_the_environment_of_the_hub_is_heeded(server: HubServer, tmp_path: Path) -> None:
    """HF_ENDPOINT, HF_HOME and HF_TOKEN, whose value goes to the hub alone and into no message."""
    token = "hf_secretsecretsecret"
    environ = {"HF_ENDPOINT": server.endpoint, "HF_HOME": str(tmp_path / "home"), "HF_TOKEN": token}
    done = child(DOWNLOAD, **environ)
    assert done.stdout.strip().startswith(str(tmp_path / "home" / "hub")), done.stderr
    assert server.authorizations == {"hub": {f"Bearer {token}"}, "cdn": {""}}
    server.status["config.yaml"] = 403, "GatedRepo"
    failed = child(DOWNLOAD, **(environ | {"HF_HOME": str(tmp_path / "other")}))
    assert "accepted its terms" in failed.stderr
    assert token not in failed.stdout + failed.stderr


def test_offline_means_offline(server: HubServer, tmp_path: Path) -> None:
    environ = {"HF_ENDPOINT": server.endpoint, "HF_HOME": str(tmp_path / "home")}
    failed = child(DOWNLOAD, HF_HUB_OFFLINE="1", **environ)
    assert "HF_HUB_OFFLINE forbids it; unset it, or choose the demo model." in failed.stderr
    assert server.authorizations["hub"] == set()
    assert child(DOWNLOAD, **environ).returncode == 0
    assert child(DOWNLOAD, HF_HUB_OFFLINE="1", **environ).returncode == 0


def test_a_disk_that_fills_up(server: HubServer, tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: the system refuses to write more either way."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    home = tmp_path / "home"
    failed = child(limit + DOWNLOAD, HF_ENDPOINT=server.endpoint, HF_HOME=str(home))
    assert "DiskFull: The disk filled up while The voice was downloaded" in failed.stderr
    assert nothing_left(home)


def test_a_cache_that_cannot_be_written(server: HubServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "set HF_HOME to a folder that can" in refusal(Hub(server.endpoint, tmp_path / "file" / "cache"))


def test_the_hash_that_names_a_blob_is_its_own(server: HubServer, hub: Hub) -> None:
    list(hub.download("The voice", (FILES,), OTHERWISE))
    folder = hub.find(FILES)
    assert folder is not None
    blob = (folder / "weights/model.bin").resolve()
    assert blob.name == hashlib.sha256(blob.read_bytes()).hexdigest()
