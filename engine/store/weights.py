"""The models there are, and where their files lie: the operator's folder, the cache, the mirror, the hub, or bundled.

Knows names, files, sizes and licences. Does not know how a model is read (engine.speech.loading) nor what it sounds like.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import BadParameter, ModelUnavailable
from ..settings import Checkpoint, Settings
from ..types import Loading
from .cache import Cache, Damaged, HubFiles, SourceFailed
from .config import read_config
from .files import package_folder, read
from .hub import Hub
from .mirror import Mirror
from .s3 import S3
from .whisper import hub_files, join, joined, packaged

VOCOS = HubFiles("charactr/vocos-mel-24khz", ("config.yaml", "pytorch_model.bin"), 54_400_000)


@dataclass(frozen=True)
class ModelSpec:
    """A model that a request may name."""

    name: str
    title: str
    about: str
    licence: str
    languages: tuple[str, ...]
    """Two-letter codes of what it was trained on; empty: not known."""
    checkpoint: HubFiles | Path
    """One file on the hub, or one on this machine."""
    vocab: Path
    config: Path
    vocoder: Literal["vocos", "griffin-lim"] = "vocos"
    longest_reference: float = 12.0
    """Seconds of reference it takes; 12 as in F5-TTS."""
    longest: float = 22.0
    """Seconds of reference and speech together it takes in one go; 22 as in F5-TTS."""
    phones: bool = False
    """It is told frame by frame which phone is spoken; `pronunciation` says how words and phones sound and how long phones last."""
    english: tuple[Path, Path, Path] | None = None
    """How English words sound and how long they last, for the lengths of what a model that reads letters says; None: not known."""
    sha256: str = ""
    """Of the checkpoint, where it is known."""
    broken: str = ""
    """Why it cannot be used, a sentence; blank where it can."""

    @property
    def pronunciation(self) -> tuple[Path, Path, Path] | None:
        """Its lexicon, its lengths of phones and their sounds, beside its config; None for a model that reads letters."""
        beside = self.config.with_name
        return (beside("lexicon.txt"), beside("lengths.txt"), beside("sounds.txt")) if self.phones else None

    @property
    def hub_files(self) -> tuple[HubFiles, ...]:
        """What of it comes from the hub."""
        checkpoint = (self.checkpoint,) if isinstance(self.checkpoint, HubFiles) else ()
        return (*checkpoint, VOCOS) if self.vocoder == "vocos" else checkpoint


@dataclass(frozen=True)
class ModelFiles:
    """A model's files, all on this machine."""

    spec: ModelSpec
    checkpoint: Path
    vocab: Path
    config: Path
    vocoder: Path | None
    """Folder of Vocos with config.yaml and pytorch_model.bin; None: Griffin-Lim."""
    hash: str
    """SHA-256 of the checkpoint."""


class Weights:
    """The registry of models and of Whisper's, and the way to their files. No state of its own.

    `assets` is the folder that holds demo/. `endpoint` and `cache` stand in for the hub and for the folders its files
    and Whisper's are kept in; they default to HF_ENDPOINT, HF_HOME and the platform's cache folder.
    """

    def __init__(
        self, settings: Settings, assets: Path, endpoint: str | None = None, cache: Path | None = None
    ) -> None:
        self._settings, self._folder = settings, cache
        self._cache = Cache(cache, settings.caches)
        self._hub = Hub(endpoint)
        self._mirror = Mirror(S3(settings), settings.bucket) if settings.mirror else None
        demo = Checkpoint(**{key: assets / "demo" / name for key, name in DEMO_FILES.items()})
        bundled = [_of_checkpoint("demo", demo, title="Demo", licence="MIT")] if demo.checkpoint.is_file() else []
        own = [_of_checkpoint(name, checkpoint) for name, checkpoint in settings.checkpoints.items()]
        english = bundled[0].pronunciation if bundled else None
        self._specs = {spec.name: replace(spec, english=english) for spec in (*_published(), *bundled, *own)}

    def specs(self) -> tuple[ModelSpec, ...]:
        """All models: the published ones, the bundled demo, the operator's own; an own name replaces a given one."""
        return tuple(self._specs.values())

    def spec(self, name: str) -> ModelSpec:
        """The model of that name. Raises BadParameter listing the names there are."""
        if name not in self._specs:
            raise BadParameter(f"There is no model named {name[:60]!r}; choose one of {', '.join(self._specs)}.")
        return self._specs[name]

    def default(self, has_gpu: bool) -> ModelSpec:
        """What a request gets that names no model: the operator's choice; F5-TTS v1 Base on a GPU or where it is
        here already; else the demo. Raises BadParameter where the operator's choice does not exist."""
        if self._settings.model:
            return self.spec(self._settings.model)
        best = self.spec("F5TTS_v1_Base")
        return best if has_gpu or self.ready(best) else self._specs.get("demo", best)

    def ready(self, spec: ModelSpec) -> bool:
        """All its files are on this machine; the network is not asked."""
        return not spec.broken and not _missing(spec) and not self.download_bytes(spec)

    def download_bytes(self, spec: ModelSpec) -> int:
        """About how many bytes are to be downloaded before it can speak."""
        return sum(files.bytes for files in spec.hub_files if self._find(files) is None)

    def fetch(self, spec: ModelSpec) -> Generator[Loading, None, ModelFiles]:
        """Find the model's files, download those that are not here, and return where all are.

        Yields the bytes of the download; closing the generator ends it. Raises ModelUnavailable or DiskFull.
        """
        if spec.broken:
            raise ModelUnavailable(spec.broken)
        if missing := _missing(spec):
            raise ModelUnavailable(
                f"{spec.title} lacks its file {missing}; correct TIMBRE_CHECKPOINTS or install Timbre again, "
                "or choose another model."
            )
        yield from self._get(spec.title, spec.hub_files, "choose the demo model, which needs none")
        checkpoint, vocoder = spec.checkpoint, self._find(VOCOS) if spec.vocoder == "vocos" else None
        if isinstance(checkpoint, HubFiles):
            folder = self._find(checkpoint)
            assert folder is not None  # just fetched
            checkpoint = folder / checkpoint.names[0]
        sha256 = _sha256(checkpoint.resolve(), checkpoint.stat().st_mtime_ns)
        if spec.sha256 not in ("", sha256):
            raise ModelUnavailable(
                f"The weights of {spec.title} are not the published ones; delete {checkpoint} and fetch them again."
            )
        return ModelFiles(spec, checkpoint, spec.vocab, spec.config, vocoder, sha256)

    @property
    def mirror(self) -> str:
        """How the mirror in the bucket does: on, or a sentence of what went wrong last; blank where there is none."""
        return (self._mirror.trouble or "on") if self._mirror else ""

    def whisper_ready(self, name: str) -> bool:
        """The Whisper model's files are on this machine; the network is not asked."""
        return self._whisper_folder(name) is not None or (name == "base" and packaged() is not None)

    def whisper(self, name: str) -> Generator[Loading, None, Path]:
        """The folder of a Whisper model: a faster-whisper name, owner/name on the hub, or a folder.

        Yields the bytes of the download or unpacking; closing the generator ends it. Raises ModelUnavailable or
        DiskFull.
        """
        if folder := self._whisper_folder(name):
            return folder
        if name == "base" and (parts := packaged()):
            yield from join(parts, self._unpacked)
            return self._unpacked
        if name == "none":
            raise ModelUnavailable("Whisper is turned off here (TIMBRE_WHISPER is none); type the words of the clip.")
        files = hub_files(name)
        if files is None:
            raise ModelUnavailable(
                f"TIMBRE_WHISPER is {name[:200]!r}, which is neither a model's name nor a folder that holds one; "
                "correct it, or type the words of the clip."
            )
        yield from self._get(f"Whisper {name}", (files,), "type the words of the clip")
        folder = self._find(files)
        assert folder is not None  # just fetched
        return folder

    @property
    def _unpacked(self) -> Path:
        """Where Whisper base of the packages is put together."""
        from platformdirs import user_cache_path

        return (self._folder or user_cache_path("timbre")) / "whisper-base"

    def _whisper_folder(self, name: str) -> Path | None:
        """Where a Whisper model lies ready to be read."""
        own = os.path.expanduser(name)
        if os.path.isfile(os.path.join(own, "model.bin")):  # pathlib raises where a name is too long to be one
            return Path(own)
        if name == "base" and joined(self._unpacked):
            return self._unpacked
        files = hub_files(name)
        return self._find(files) if files else None

    def _find(self, files: HubFiles) -> Path | None:
        """The folder that holds `files`: in the operator's, laid out as the repository or in a folder of the
        repository's name, or in the hub's cache."""
        if own := self._settings.weights:
            for folder in (own / files.repo.rpartition("/")[2], own):
                if all((folder / name).is_file() for name in files.names):
                    return folder
        return self._cache.find(files)

    def _get(self, what: str, wanted: tuple[HubFiles, ...], otherwise: str) -> Generator[Loading, None, None]:
        """Bring here what of `wanted` is nowhere here: from the mirror, which is only a cache, else from the hub."""
        damaged = False
        if self._mirror and (missing := self._missing(wanted)):
            try:
                yield from self._cache.fetch(what, missing, self._mirror)
                self._mirror.trouble = ""
            except SourceFailed as error:
                damaged = isinstance(error, Damaged)
                self._mirror.failed(what, error)
        if missing := self._missing(wanted):
            try:
                yield from self._cache.fetch(what, missing, self._hub)
            except SourceFailed as error:
                raise ModelUnavailable(f"{what} could not be downloaded because {error}, or {otherwise}.") from error
        for files in wanted if self._mirror else ():
            if self._mirror and (folder := self._cache.find(files)):
                self._mirror.offer(what, files, folder, replace=damaged)

    def _missing(self, wanted: tuple[HubFiles, ...]) -> tuple[HubFiles, ...]:
        return tuple(files for files in wanted if self._find(files) is None)


DEMO_FILES = {"checkpoint": "model.safetensors", "vocab": "vocab.txt", "config": "config.yaml"}


def _published() -> tuple[ModelSpec, ...]:
    """The models of the F5-TTS authors; vocabulary and configuration come with the f5_tts package."""
    package = package_folder("f5_tts") or Path("f5_tts")

    def base(name: str, title: str, about: str, checkpoint: str, repo: str = "SWivid/F5-TTS") -> ModelSpec:
        files = HubFiles(repo, (f"{name}/{checkpoint}",), 1_350_000_000)
        vocab, config = package / "infer" / "examples" / "vocab.txt", package / "configs" / f"{name}.yaml"
        return ModelSpec(name, title, about, "CC-BY-NC-4.0", ("en", "zh"), files, vocab, config)

    best = "The best model, for English and Chinese; its weights are not for commercial use."
    first = "The first release, for English and Chinese; its weights are not for commercial use."
    other = "E2 TTS as F5-TTS' makers trained it, for English and Chinese; its weights are not for commercial use."
    return (
        base("F5TTS_v1_Base", "F5-TTS v1 Base", best, "model_1250000.safetensors"),
        base("F5TTS_Base", "F5-TTS Base", first, "model_1200000.safetensors"),
        base("E2TTS_Base", "E2 TTS Base", other, "model_1200000.safetensors", "SWivid/E2-TTS"),
    )


class TimbreKeys(BaseModel):
    """What a model's yaml may say under `timbre`; see ModelSpec. The defaults fit F5-TTS' own models."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str = "A checkpoint of this server's operator."
    licence: str = ""
    languages: tuple[str, ...] = ()
    vocoder: Literal["vocos", "griffin-lim"] = "vocos"
    longest_reference: float = Field(ModelSpec.longest_reference, gt=0, allow_inf_nan=False)
    longest: float = Field(ModelSpec.longest, gt=0, allow_inf_nan=False)
    phones: bool = False


def _of_checkpoint(name: str, files: Checkpoint, title: str = "", licence: str = "") -> ModelSpec:
    """A model on this machine; broken where its yaml cannot be read or has a wrong value under `timbre`."""
    broken, told = "", TimbreKeys()
    try:
        told = TimbreKeys.model_validate(read_config(files.config).get("timbre") or {})
    except ModelUnavailable as error:
        broken = str(error) if files.config.is_file() else ""  # `fetch` tells which file is missing
    except ValidationError as error:
        key = ".".join(str(part) for part in error.errors()[0]["loc"])
        broken = (
            f"The configuration {files.config} has a wrong value at timbre.{key} "
            f"({error.errors()[0]['msg'].lower()}); correct it, or choose another model."
        )
    keys = told.model_dump() | {"licence": told.licence or licence, "broken": broken}
    return ModelSpec(
        name=name, title=title or name, checkpoint=files.checkpoint, vocab=files.vocab, config=files.config, **keys
    )


def _missing(spec: ModelSpec) -> Path | None:
    """The first of the files that must already be on this machine and are not."""
    local = [
        path
        for path in (spec.checkpoint, spec.vocab, spec.config, *(spec.pronunciation or ()))
        if isinstance(path, Path)
    ]
    return next((path for path in local if not path.is_file()), None)


@functools.lru_cache(maxsize=8)
def _sha256(path: Path, modified: int) -> str:
    """SHA-256 of a file; the hub's cache has it as the file's name, which saves reading a gigabyte."""
    if re.fullmatch(r"[0-9a-f]{64}", path.name):
        return path.name
    digest = hashlib.sha256()
    for piece in read(path):
        digest.update(piece)
    return digest.hexdigest()
