"""Checkpoints as the package's own code saves them load; damaged, hostile and mismatched ones are told in a sentence."""

import ast
import os
import pickle
from types import SimpleNamespace

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from engine.errors import ModelUnavailable
from engine.settings import Settings
from engine.speech.checkpoint import weights
from engine.speech.loading import load
from engine.speech.vocoder import PARTS, load_vocoder
from engine.store import Weights
from engine.studio import ASSETS

from .conftest import ARCH, CPU, found

TOKENS = [" ", *"abcdefghijklmnopqrstuvwxyz.,?!'"]
CONFIG = {
    "model": {
        "name": "own",
        "tokenizer": "char",
        "backbone": "DiT",
        "arch": ARCH,
        "mel_spec": {"target_sample_rate": 24_000, "n_mel_channels": 100, "hop_length": 256, "mel_spec_type": "vocos"},
    },
    "ckpts": {"save_dir": "ckpts/${model.name}"},
    "timbre": {"vocoder": "griffin-lim"},
}


def changed(**keys):
    """The configuration with other keys under `model`."""
    return CONFIG | {"model": CONFIG["model"] | keys}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A trainer's checkpoint, saved by the package's Trainer: its path, the model's weights, their average."""
    from f5_tts.model import CFM, DiT, Trainer

    folder = tmp_path_factory.mktemp("trained")
    torch.manual_seed(2)
    model = CFM(DiT(**ARCH, text_num_embeds=len(TOKENS), mel_dim=100), mel_spec_kwargs={"mel_spec_type": "vocos"})
    trainer = Trainer(model, 1, 1e-4, checkpoint_path=str(folder), logger=None, accelerate_kwargs={"cpu": True})
    trainer.scheduler = torch.optim.lr_scheduler.LinearLR(trainer.optimizer)
    with torch.no_grad():
        for parameter in trainer.model.parameters():
            torch.nn.init.normal_(parameter, std=0.08)
    trainer.save_checkpoint(7)
    average = {k.removeprefix("ema_model.transformer."): v for k, v in trainer.ema_model.state_dict().items()}
    return SimpleNamespace(
        file=folder / "model_7.pt", model=model.transformer.state_dict(), average=average, cfm=model.state_dict()
    )


@pytest.fixture(scope="module")
def conversions(package):
    """The finetuning page's conversions of checkpoints; importing that module would build its page."""
    names = "prune_checkpoint", "expand_model_embeddings"
    tree = ast.parse((package / "train/finetune_gradio.py").read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if getattr(node, "name", "") in names]
    import random

    space = {"torch": torch, "save_file": save_file, "load_file": load_file, "os": os, "random": random}
    exec(compile(tree, "finetune_gradio", "exec"), space)
    return SimpleNamespace(prune=space[names[0]], expand=space[names[1]])


def listed(folder, checkpoint, *, tokens=TOKENS, config=CONFIG):
    """The files of a checkpoint that an operator lists; `tokens` and `config` may be the files' text."""
    vocab, yaml_file = folder / "vocab.txt", folder / "config.yaml"
    vocab.write_bytes(tokens if isinstance(tokens, bytes) else "".join(f"{token}\n" for token in tokens).encode())
    yaml_file.write_text(config if isinstance(config, str) else yaml.safe_dump(config))
    own = {"own": {"checkpoint": checkpoint, "vocab": vocab, "config": yaml_file}}
    return found(Weights(Settings(workspace=folder, checkpoints=own), ASSETS), "own")


def same(state, expected):
    names = {name for name in expected if not name.endswith("inv_freq") and "mel_spec" not in name}
    assert set(state) == names - {"initted", "step", "update"}
    return all(torch.equal(state[name], expected[name]) for name in state)


@pytest.mark.parametrize(
    "layout",
    ["trainer", "ema pt", "ema safetensors", "model pt", "model safetensors", "cfm", "transformer", "old format", "more tokens pt", "more tokens safetensors"],
)  # fmt: skip
def test_what_the_package_saves_loads(trained, conversions, tmp_path, layout):
    file, expected, tokens = tmp_path / "own.pt", trained.average, TOKENS
    kind, _, ending = layout.partition(" ")
    if kind == "trainer":
        file = trained.file
    elif kind in ("ema", "model"):
        told = conversions.prune(
            str(trained.file), str(tmp_path / f"own.{ending}"), kind == "ema", ending == "safetensors"
        )
        assert told.startswith("New checkpoint saved"), told
        file, expected = tmp_path / f"own.{ending}", trained.average if kind == "ema" else trained.model
    elif kind == "cfm":
        torch.save({"model_state_dict": trained.cfm, "update": 7}, file)
        expected = trained.model
    elif kind == "transformer":
        torch.save(trained.model, file)
        expected = trained.model
    elif kind == "old":
        average = torch.load(trained.file, weights_only=True)["ema_model_state_dict"]
        torch.save({"ema_model_state_dict": average, "step": 7}, file, _use_new_zipfile_serialization=False)
    else:
        ending = layout.split()[-1]
        conversions.prune(str(trained.file), str(tmp_path / f"pruned.{ending}"), True, ending == "safetensors")
        file, tokens = tmp_path / f"own.{ending}", [*TOKENS, "ä", "ö"]
        conversions.expand(str(tmp_path / f"pruned.{ending}"), str(file), num_new_tokens=2)
    files = listed(tmp_path, file, tokens=tokens)
    state = weights(files, lambda event: None)
    if kind == "more":
        grown = state.pop("text_embed.text_embed.weight")
        assert len(grown) == len(tokens) + 1
        expected = {name: tensor for name, tensor in expected.items() if name != "text_embed.text_embed.weight"}
    assert same(state, expected)
    assert not torch.equal(trained.average["proj_out.weight"], trained.model["proj_out.weight"])
    assert load(files, CPU, lambda event: None).vocabulary["a"] == 1


class Runs:
    """What a pickle runs when it is read."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


def refused(told, folder, checkpoint, **files):
    """Finding or loading the files raises one sentence that names what is wrong."""
    with pytest.raises(ModelUnavailable, match=told) as caught:
        load(listed(folder, checkpoint, **files), CPU, lambda event: None)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("inside", ["alone", "beside weights"])
def test_a_checkpoint_that_runs_code_is_refused_and_not_run(trained, tmp_path, inside):
    marker = tmp_path / "ran"
    torch.save(
        Runs(marker) if inside == "alone" else {"model_state_dict": trained.cfm, "x": Runs(marker)}, tmp_path / "own.pt"
    )
    refused("could run as code", tmp_path, tmp_path / "own.pt")
    (tmp_path / "own.pt").write_bytes(pickle.dumps(Runs(marker)))
    refused("could run as code", tmp_path, tmp_path / "own.pt")
    assert not marker.exists()


@pytest.mark.parametrize("kind", ["pt", "safetensors"])
@pytest.mark.parametrize("damage", ["half", "empty", "text", "of another thing"])
def test_a_damaged_checkpoint_is_told(trained, tmp_path, kind, damage):
    file = tmp_path / f"own.{kind}"
    whole = trained.file.read_bytes()
    if kind == "safetensors":
        save_file(trained.cfm, file)
        whole = file.read_bytes()
    if damage == "of another thing":
        torch.save([torch.zeros(3)], file) if kind == "pt" else save_file({"x": torch.zeros(3)}, file)
        refused("damaged or no checkpoint" if kind == "pt" else "should be", tmp_path, file)
        return
    file.write_bytes({"half": whole[: len(whole) // 2], "empty": b"", "text": b"<html>Not found</html>\n"}[damage])
    refused("damaged", tmp_path, file)


MERGES = "a: &a {x: 1}\n" + "".join(
    f"{b}: &{b} {{<<: [*{a}, *{a}]}}\n" for a, b in zip("abcdefghijklmno", "bcdefghijklmnop", strict=True)
)
DEEP = "model: " + "[" * 5000


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (changed(mel_spec={"mel_spec_type": "bigvgan"}), r"model.mel_spec.mel_spec_type .*'vocos'"),
        (changed(mel_spec=CONFIG["model"]["mel_spec"] | {"hop_length": 320}), r"model.mel_spec.hop_length .*256"),
        (changed(backbone="MMDiT"), "'MMDiT' .*'DiT', 'UNetT'"),
        (changed(tokenizer="byte"), r"model.tokenizer .*'pinyin'"),
        (changed(arch=ARCH | {"surprise": 1}), r"model.arch.surprise "),
        (changed(arch=ARCH | {"depth": 10**9}), r"model.arch.depth .*256"),
        (changed(arch=ARCH | {"dim": "__import__('os')"}), r"model.arch.dim "),
        (changed(arch={}), r"model.arch.dim .*field required"),
        ({"timbre": CONFIG["timbre"]}, r"model .*field required"),
        (changed(arch=ARCH | {"dim": 128}), r"should be \(.*128.*\) and is \(.*64.*\); put the one"),
        (changed(arch=ARCH | {"depth": 3}), r"transformer_blocks.2.* and is absent"),
        (changed(backbone="UNetT", arch={"dim": 64, "heads": 2}), "are no UNetT's and its configuration .* says UNetT"),
        (changed(arch=ARCH | {"dim": 65}), r"could not be loaded|should be"),
        ("model: !!python/object/apply:os.mkdir [ran]", "no yaml of plain values"),
        (MERGES, "no yaml of plain values"),
        (DEEP, "no yaml of plain values"),
        ("a: " + "1" * 5000, "no yaml of plain values"),
        ("# long\n" * 20_000 + yaml.safe_dump(CONFIG), "no yaml of plain values"),
        ("just words", "no yaml of plain values"),
        ("", "no yaml of plain values"),
        ("\x00\x01", "no yaml of plain values"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else "",
)
def test_a_wrong_configuration_is_told_by_name(trained, tmp_path, monkeypatch, config, told):
    monkeypatch.chdir(tmp_path)
    refused(told, tmp_path, trained.file, config=config)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("tokens", "told"),
    [
        (TOKENS[:-2], r"trained with 32 tokens and its vocabulary .*vocab.txt has 30"),
        ([*TOKENS, "ä"], r"trained with 32 tokens and its vocabulary .*vocab.txt has 33"),
        (b"", "no list of tokens"),
        (b"\xff\xfe\x00\x01", "no list of tokens"),
        (b"x" * 1000, "no list of tokens"),
    ],
)
def test_a_wrong_vocabulary_is_told(trained, tmp_path, tokens, told):
    refused(told, tmp_path, trained.file, tokens=tokens)


def test_a_vocabulary_with_other_line_ends_and_a_mark_is_the_same(trained, tmp_path):
    text = "\ufeff" + "\r\n".join(TOKENS) + "\r\n"
    model = load(listed(tmp_path, trained.file, tokens=text.encode()), CPU, lambda event: None)
    assert model.vocabulary == {token: number for number, token in enumerate(TOKENS)}


def vocos(folder, **classes):
    """A Vocos of random weights, small, in the layout of the hub's."""
    from vocos import Vocos

    inits = {
        "feature_extractor": {"sample_rate": 24_000, "n_fft": 1024, "hop_length": 256, "n_mels": 100, "padding": "center"},
        "backbone": {"input_channels": 100, "dim": 16, "intermediate_dim": 32, "num_layers": 1},
        "head": {"dim": 16, "n_fft": 1024, "hop_length": 256, "padding": "center"},
    }  # fmt: skip
    config = {part: {"class_path": PARTS[part], "init_args": args} for part, args in inits.items()}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    torch.save(Vocos.from_hparams(str(folder / "config.yaml")).state_dict(), folder / "pytorch_model.bin")
    for part, name in classes.items():
        config[part]["class_path"] = name
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return folder


def test_vocos_loads_and_sounds_as_long_as_its_mel(tmp_path):
    samples = load_vocoder(vocos(tmp_path), "cpu").decode(torch.randn(20, 100))
    assert abs(len(samples) - 20 * 256) <= 256


def test_a_vocoder_whose_configuration_names_another_class_is_refused_and_not_made(tmp_path):
    folder = vocos(tmp_path, head="os.system")
    with pytest.raises(ModelUnavailable, match="not the one of F5-TTS"):
        load_vocoder(folder, "cpu")


def test_a_vocoder_cut_short_is_told(tmp_path):
    file = vocos(tmp_path) / "pytorch_model.bin"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ModelUnavailable, match="damaged"):
        load_vocoder(tmp_path, "cpu")
