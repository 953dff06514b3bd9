"""Downloads from a hub on loopback: bytes told, cancelled, refused, broken off, and done once."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import DiskFull
from engine.store.cache import Cache, HubFiles, SourceFailed
from engine.store.hub import Hub
from engine.types import Loading
from tests.servers import HubServer, free_port, hub_server

ROOT = Path(__file__).parents[2]
FILES = HubFiles("someone/voice", ("config.yaml", "weights/model.bin"), 500_000)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HubServer]:
    folder = tmp_path / "hub" / FILES.repo
    (folder / "weights").mkdir(parents=True)
    (folder / "config.yaml").write_text("a: 1\n")
    (folder / "weights" / "model.bin").write_bytes(bytes(range(256)) * 2000)
    with hub_server(tmp_path / "hub") as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def cache(folder: Path) -> Cache:
    return Cache(folder)


@pytest.fixture
def hub(server: HubServer) -> Hub:
    return Hub(server.endpoint)


def download(cache: Cache, hub: Hub, files: HubFiles = FILES) -> list[Loading]:
    return list(cache.fetch("The voice", (files,), hub))


def refusal(cache: Cache, hub: Hub, files: HubFiles = FILES) -> str:
    with pytest.raises(SourceFailed) as failure:
        download(cache, hub, files)
    message = str(failure.value)
    assert re.fullmatch(r"[^;]+; [^;]+[^.]", message)  # why; cure
    return message


def parts(folder: Path) -> list[Path]:
    """What is left of files that did not arrive whole; none can be taken for one that did."""
    assert not list(folder.rglob("model.bin"))
    return list(folder.rglob("*.incomplete"))


def whole(cache: Cache) -> Path:
    """All files are there, and are what they should be."""
    found = cache.find(FILES)
    assert found is not None
    assert (found / "weights/model.bin").read_bytes() == bytes(range(256)) * 2000
    assert (found / "config.yaml").read_text() == "a: 1\n"
    return found


def test_all_bytes_are_told_and_arrive(server: HubServer, cache: Cache, hub: Hub) -> None:
    server.pause = 0.03
    assert cache.find(FILES) is None
    begun = time.monotonic()
    events = download(cache, hub)
    seconds = time.monotonic() - begun  # about one
    whole(cache)
    size = 512_000 + 5
    assert {(event.what, event.of) for event in events} == {("The voice", size)}
    done = [event.done for event in events]
    assert (done[0], done[-1]) == (0, size)
    assert done == sorted(done)
    assert 4 <= len(done) <= 5 * seconds + 3  # five a second
    rates = [event.rate for event in events[1:-1]]
    assert all(0 < rate < 512_000 / (0.03 * 31) * 1.1 for rate in rates)  # 32 pieces, a pause after each
    assert max(rates) > 0.9 * 512_000 / seconds
    assert sorted(server.gets) == ["config.yaml", "weights/model.bin"]


def test_what_is_cached_is_not_asked_for(server: HubServer, cache: Cache, hub: Hub) -> None:
    download(cache, hub)
    server.gets.clear()
    assert download(cache, hub) == []
    assert server.gets == []


def test_files_of_other_programs_are_found(server: HubServer, folder: Path, cache: Cache, hub: Hub) -> None:
    from huggingface_hub import hf_hub_download

    for name in FILES.names:
        hf_hub_download(FILES.repo, name, endpoint=server.endpoint, cache_dir=folder)
    assert cache.find(FILES) is not None


def test_other_programs_find_the_files(server: HubServer, folder: Path, cache: Cache, hub: Hub) -> None:
    from huggingface_hub import hf_hub_download

    download(cache, hub)
    server.gets.clear()
    path = hf_hub_download(FILES.repo, "weights/model.bin", endpoint=server.endpoint, cache_dir=folder)
    assert Path(path).stat().st_size == 512_000
    assert server.gets == []


def test_optional_files_are_taken_where_they_are(server: HubServer, cache: Cache, hub: Hub) -> None:
    (server.folder / FILES.repo / "vocabulary.txt").write_text("a")
    files = HubFiles(FILES.repo, FILES.names, 0, ("vocabulary.txt", "vocabulary.json"))
    download(cache, hub, files)
    found = cache.find(files)
    assert found is not None
    assert (found / "vocabulary.txt").read_text() == "a"
    assert not (found / "vocabulary.json").exists()


def test_a_closed_download_goes_on_where_it_was(server: HubServer, folder: Path, cache: Cache, hub: Hub) -> None:
    server.pause = 0.05
    events = cache.fetch("The voice", (FILES,), hub)
    while next(events).done < 200_000:
        pass
    began = time.monotonic()
    events.close()
    assert time.monotonic() - began < 1
    (part,) = parts(folder)
    assert cache.find(FILES) is None
    server.pause, have = 0, part.stat().st_size
    after = download(cache, hub)
    assert (after[0].done, after[-1].done) == (have, 512_000)
    assert server.ranges[-1] == f"bytes={have}-"
    whole(cache)


def test_what_was_left_is_not_trusted(folder: Path, cache: Cache, hub: Hub, server: HubServer) -> None:
    """Other bytes than the file's, as a broken disk leaves them: told once, then downloaded anew."""
    server.break_after["weights/model.bin"] = 300_000
    events = cache.fetch("The voice", (FILES,), hub)
    while next(events).done < 16_000:
        pass
    events.close()
    (part,) = parts(folder)
    part.write_bytes(b"x" * part.stat().st_size)
    server.break_after.clear()
    assert "damaged" in refusal(cache, hub)
    assert parts(folder) == []
    download(cache, hub)
    whole(cache)


def test_many_callers_make_one_download(server: HubServer, cache: Cache, hub: Hub) -> None:
    server.pause = 0.03
    events: list[list[Loading]] = [[] for _ in range(8)]

    def call(seen: list[Loading]) -> None:
        seen.extend(cache.fetch("The voice", (FILES,), hub))
        whole(cache)

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


def test_two_callers_in_one_thread_do_not_hang(server: HubServer, cache: Cache, hub: Hub) -> None:
    server.pause = 0.01
    first, second = (cache.fetch("The voice", (FILES,), hub) for _ in range(2))
    while next(first).done < 100_000:
        pass
    assert next(second).what == next(second).what == "The voice"  # it waits, and can be closed
    list(first)
    assert list(second)[-1].done == 512_000
    assert sorted(server.gets) == ["config.yaml", "weights/model.bin"]


def test_a_broken_connection_goes_on_where_it_was(server: HubServer, cache: Cache, hub: Hub) -> None:
    server.break_after["weights/model.bin"] = 300_000
    events = download(cache, hub)
    whole(cache)
    assert server.gets.count("weights/model.bin") == 2
    assert [event.done for event in events] == sorted(event.done for event in events)


def test_cut_short_again_and_again(server: HubServer, folder: Path, cache: Cache, hub: Hub) -> None:
    server.break_after["weights/model.bin"] = 300_000
    server.whole.add("weights/model.bin")
    assert "cannot be reached" in refusal(cache, Hub(server.endpoint, attempts=2))
    (part,) = parts(folder)
    assert part.stat().st_size == 300_000  # nothing of it is asked for again once the line holds
    server.whole.clear()
    download(cache, hub)
    whole(cache)


def test_a_size_that_is_not_the_announced_one(server: HubServer, folder: Path, cache: Cache, hub: Hub) -> None:
    server.sizes["weights/model.bin"] = 511_000
    assert "incomplete or damaged" in refusal(cache, hub)
    assert parts(folder) == []


def test_other_bytes_than_announced(server: HubServer, folder: Path, cache: Cache, hub: Hub) -> None:
    server.damaged.add("weights/model.bin")
    assert "incomplete or damaged" in refusal(cache, hub)
    assert parts(folder) == []


def test_a_small_file_is_checked_by_gits_hash(server: HubServer, folder: Path, cache: Cache, hub: Hub) -> None:
    server.damaged.add("config.yaml")
    assert "incomplete or damaged" in refusal(cache, hub)
    assert cache.find(FILES) is None


def test_a_stalled_line_is_told(server: HubServer, cache: Cache) -> None:
    """No byte for so long: each attempt is given up, and at last the download."""
    server.stalled.add("weights/model.bin")
    began = time.monotonic()
    with pytest.raises(SourceFailed, match="cannot be reached; check the connection"):
        download(cache, Hub(server.endpoint, patience=(1.0, 0.2), attempts=2))
    assert time.monotonic() - began < 3


def test_a_file_the_hub_lacks(server: HubServer, cache: Cache, hub: Hub) -> None:
    (server.folder / FILES.repo / "weights/model.bin").unlink()
    assert "127.0.0.1 does not have its files" in refusal(cache, hub)
    assert server.gets == []


def test_a_repository_the_hub_lacks(cache: Cache, hub: Hub) -> None:
    assert "does not know it" in refusal(cache, hub, HubFiles("someone/else", ("model.bin",), 1))


@pytest.mark.parametrize("status", [401, 403])
def test_gated(server: HubServer, cache: Cache, hub: Hub, status: int) -> None:
    server.status["weights/model.bin"] = status, "GatedRepo"
    message = refusal(cache, hub)
    assert "accepted its terms" in message
    assert "HF_TOKEN" in message


@pytest.mark.parametrize("status", [401, 403])
def test_no_access(server: HubServer, cache: Cache, hub: Hub, status: int) -> None:
    server.status["weights/model.bin"] = status, ""
    assert "check its name and HF_TOKEN" in refusal(cache, hub)


@pytest.mark.parametrize(("status", "cure"), [(429, "few minutes"), (500, "try again later"), (503, "try again later")])
def test_a_hub_in_trouble(server: HubServer, cache: Cache, hub: Hub, status: int, cure: str) -> None:
    server.status["weights/model.bin"] = status, ""
    assert cure in refusal(cache, hub)


def test_a_hub_that_chooses_where_to_write(server: HubServer, folder: Path, cache: Cache, hub: Hub) -> None:
    server.etags["weights/model.bin"] = "../../../../out"
    assert "does not answer as a hub" in refusal(cache, hub)
    assert not list(folder.parent.rglob("out*"))


def test_unreachable(cache: Cache) -> None:
    began = time.monotonic()
    message = refusal(cache, Hub(f"http://127.0.0.1:{free_port()}"))
    assert "127.0.0.1 cannot be reached; check the connection" in message
    assert time.monotonic() - began < 10


def test_a_small_disk_is_told_before_it_begins(server: HubServer, folder: Path, cache: Cache, hub: Hub) -> None:
    server.sizes["weights/model.bin"] = 10**18
    with pytest.raises(DiskFull, match=r"The voice takes 1,000,000,000\.00 GB of disk, but only .* free in .*cache"):
        download(cache, hub)
    assert server.gets == []
    assert not folder.exists()


def environment(**environ: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)} | environ


def child(program: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a Python of its own, where the hub's library reads its environment anew."""
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment(**environ),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


DOWNLOAD = f"""
from engine.store.cache import Cache, HubFiles
from engine.store.hub import Hub
cache = Cache()
for event in cache.fetch("The voice", ({FILES!r},), Hub()):
    print(event.done, flush=True)
print(cache.find({FILES!r}))
"""


def start(program: str, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program], env=environment(**environ), cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_two_processes_at_once_download_once(server: HubServer, tmp_path: Path) -> None:
    server.pause = 0.5
    environ = {"HF_ENDPOINT": server.endpoint, "HF_HOME": str(tmp_path / "home")}
    processes = [start(DOWNLOAD, **environ) for _ in range(2)]
    for process in processes:
        assert process.stdout
        while not 0 < int(process.stdout.readline()) < 512_005:  # the one that waits tells how far the other is
            pass
    server.pause = 0
    for process in processes:
        assert process.communicate(timeout=60)[0].split()[-1].startswith(str(tmp_path / "home" / "hub"))
    whole(Cache(tmp_path / "home" / "hub"))
    assert sorted(server.gets) == ["config.yaml", "weights/model.bin"]


def test_a_kill_in_the_middle_leaves_nothing_loadable_and_the_next_goes_on(server: HubServer, tmp_path: Path) -> None:
    server.pause = 0.05
    home = tmp_path / "home"
    environ = {"HF_ENDPOINT": server.endpoint, "HF_HOME": str(home)}
    process = start(DOWNLOAD, **environ)
    assert process.stdout
    while int(process.stdout.readline()) < 100_000:
        pass
    process.kill()
    process.communicate()
    (part,) = parts(home)
    assert Cache(home / "hub").find(FILES) is None
    server.pause, have = 0, part.stat().st_size
    done = child(DOWNLOAD, **environ)
    assert done.stdout.split()[0] == str(have), done.stderr
    assert server.ranges[-1] == f"bytes={have}-"
    whole(Cache(home / "hub"))


def test_the_environment_of_the_hub_is_heeded(server: HubServer, tmp_path: Path) -> None:
    """HF_ENDPOINT, HF_HOME and HF_TOKEN, whose value goes to the hub alone and into no message."""
    token = "hf_secretsecretsecret"
    environ = {"HF_ENDPOINT": server.endpoint, "HF_HOME": str(tmp_path / "home"), "HF_TOKEN": token}
    done = child(DOWNLOAD, **environ)
    assert done.stdout.split()[-1].startswith(str(tmp_path / "home" / "hub")), done.stderr
    assert server.authorizations == {"hub": {f"Bearer {token}"}, "cdn": {""}}
    server.status["config.yaml"] = 403, "GatedRepo"
    failed = child(DOWNLOAD, **(environ | {"HF_HOME": str(tmp_path / "other")}))
    assert "accepted its terms" in failed.stderr
    assert token not in failed.stdout + failed.stderr


def test_offline_means_offline(server: HubServer, hub: Hub, tmp_path: Path) -> None:
    environ = {"HF_ENDPOINT": server.endpoint, "HF_HOME": str(tmp_path / "home")}
    failed = child(DOWNLOAD, HF_HUB_OFFLINE="1", **environ)
    assert "HF_HUB_OFFLINE forbids it; unset it" in failed.stderr
    assert server.authorizations["hub"] == set()
    download(Cache(tmp_path / "home" / "hub"), hub)
    assert child(DOWNLOAD, HF_HUB_OFFLINE="1", **environ).returncode == 0


def test_a_disk_that_fills_up(server: HubServer, tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: the system refuses to write more either way."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    home = tmp_path / "home"
    failed = child(limit + DOWNLOAD, HF_ENDPOINT=server.endpoint, HF_HOME=str(home))
    assert "DiskFull: The disk filled up while The voice was downloaded" in failed.stderr
    assert parts(home) == []


def test_a_cache_that_cannot_be_written(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "set HF_HOME to a folder that can" in refusal(Cache(tmp_path / "file" / "cache"), hub)


def test_the_hash_that_names_a_blob_is_its_own(server: HubServer, cache: Cache, hub: Hub) -> None:
    download(cache, hub)
    found = cache.find(FILES)
    assert found is not None
    blob = (found / "weights/model.bin").resolve()
    assert blob.name == hashlib.sha256(blob.read_bytes()).hexdigest()


# where a download goes


def test_the_roomiest_place_is_taken(server: HubServer, tmp_path: Path, hub: Hub) -> None:
    """A small file system of its own, which the files do not fit into; and a big one."""
    small = Path("/dev/shm") / f"timbre-test-{os.getpid()}"
    places = (tmp_path / "a", tmp_path / "b") if not small.parent.is_dir() else (small, tmp_path / "big")
    by_room = sorted(places, key=lambda place: -shutil.disk_usage(place.parent).free)
    cache = Cache(places[0], places[1:])
    try:
        download(cache, hub)
        assert by_room[0] in whole(cache).parents
    finally:
        shutil.rmtree(small, ignore_errors=True)


def test_of_equal_places_the_first_is_taken_and_all_are_looked_in(tmp_path: Path, hub: Hub) -> None:
    places = tmp_path / "a", tmp_path / "b"
    download(Cache(*places[:1], places[1:]), hub)
    assert places[0] in whole(Cache(places[1], places[:1])).parents
    assert not places[1].exists()


def test_an_older_commit_is_still_found(server: HubServer, cache: Cache, hub: Hub, folder: Path) -> None:
    """Another file of the repository was downloaded after its next commit; the hub need not be asked again."""
    download(cache, hub)
    main = folder / "models--someone--voice" / "refs" / "main"
    main.write_text("ab" * 20)
    (main.parents[1] / "snapshots" / ("ab" * 20)).mkdir()
    whole(cache)
