"""The bundled model, and small models of F5-TTS v1's and E2 TTS' configurations with random weights, saved as the package
saves."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import soundfile as sf
import torch
import yaml

from engine.ended import ended
from engine.settings import Settings
from engine.speech.device import Machine, choose
from engine.speech.loading import load
from engine.speech.model import Model
from engine.store import ModelFiles, Weights
from engine.studio import ASSETS

ARCH = {"dim": 64, "depth": 2, "heads": 2, "ff_mult": 2, "text_dim": 32, "text_mask_padding": True, "conv_layers": 2,
        "qk_norm": None, "pe_attn_head": None, "attn_backend": "torch", "attn_mask_enabled": False}  # fmt: skip
CLIP_TEXT = "Some call me nature, others call me mother nature."

CPU = choose(Machine())


@dataclass
class Tiny:
    """One random model, loaded by Timbre and by the package."""

    ours: Model
    theirs: torch.nn.Module
    files: ModelFiles


@pytest.fixture(scope="session")
def package() -> Path:
    import importlib.util

    return Path(importlib.util.find_spec("f5_tts").submodule_search_locations[0])


@pytest.fixture(scope="session")
def clip(package):
    """The package's human clip: float32 mono at 24 kHz, 5.3 s."""
    samples, rate = sf.read(package / "infer/examples/basic/basic_ref_en.wav", dtype="float32")
    assert rate == 24_000
    return samples


@pytest.fixture(scope="session")
def weights(tmp_path_factory) -> Weights:
    return Weights(Settings(workspace=tmp_path_factory.mktemp("workspace")), ASSETS)


def found(weights: Weights, name: str) -> ModelFiles:
    """The files of a model that needs no download."""
    events, files = ended(weights.fetch(weights.spec(name)))
    assert not events, "a bundled model must not be downloaded"
    return files


@pytest.fixture(scope="session")
def demo_files(weights) -> ModelFiles:
    return found(weights, "demo")


@pytest.fixture(scope="session")
def demo(demo_files) -> Model:
    return load(demo_files, CPU, lambda event: None)


def both(folder: Path, package: Path, backbone: str, arch: dict) -> Tiny:
    """A model of random weights, loaded by Timbre and by the package."""
    import f5_tts.model
    from f5_tts.infer.utils_infer import load_model
    from safetensors.torch import save_file

    network, vocab = getattr(f5_tts.model, backbone), package / "infer/examples/vocab.txt"
    size = len(vocab.read_text(encoding="utf-8").splitlines())
    torch.manual_seed(1)
    transformer = network(**arch, text_num_embeds=size, mel_dim=100)
    cfm = f5_tts.model.CFM(transformer, mel_spec_kwargs={"mel_spec_type": "vocos"})
    for parameter in cfm.parameters():
        # The package's own start is zeros in the last layer, whose flow is nothing.
        torch.nn.init.normal_(parameter, std=0.08)
    save_file({f"ema_model.{k}": v for k, v in cfm.state_dict().items()}, folder / "model.safetensors")
    (folder / "config.yaml").write_text(
        yaml.safe_dump({"model": {"backbone": backbone, "tokenizer": "pinyin", "arch": arch,
                                  "mel_spec": {"mel_spec_type": "vocos"}},
                        "timbre": {"vocoder": "griffin-lim"}})
    )  # fmt: skip
    listed = {"checkpoint": folder / "model.safetensors", "vocab": vocab, "config": folder / "config.yaml"}
    settings = Settings(workspace=folder, checkpoints={"tiny": listed})
    files = found(Weights(settings, ASSETS), "tiny")
    theirs = load_model(network, arch, str(folder / "model.safetensors"), vocab_file=str(vocab), device="cpu")
    return Tiny(load(files, CPU, lambda event: None), theirs, files)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory, package) -> Tiny:
    return both(tmp_path_factory.mktemp("tiny"), package, "DiT", ARCH)


@pytest.fixture(scope="session")
def e2(tmp_path_factory, package) -> Tiny:
    """Of E2 TTS' configuration."""
    arch = {"dim": 64, "depth": 4, "heads": 2, "ff_mult": 4, "text_mask_padding": False, "pe_attn_head": 1}
    return both(tmp_path_factory.mktemp("e2"), package, "UNetT", arch)
