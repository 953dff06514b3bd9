"""A model's files -> a Model: its configuration, vocabulary and weights, each checked and told by name where it is wrong.

Does not know where the files came from (engine.store.weights finds them), nor what is done with the model.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ModelUnavailable, TimbreError
from ..store import ModelFiles
from ..text import read_pronunciation
from ..types import Loading
from .device import Device
from .model import Model
from .vocoder import load_vocoder

if TYPE_CHECKING:
    from torch import Tensor, dtype, nn

log = logging.getLogger("timbre")


def load(files: ModelFiles, device: Device, report: Callable[[Loading], None]) -> Model:
    """Read a model from its files onto the device. Raises ModelUnavailable naming what does not fit."""
    try:
        return _load(files, device, report)
    except TimbreError:
        raise
    except Exception as error:  # a stranger's yaml, vocabulary or pickle can be wrong in any way
        log.warning("loading %s on %s", files.spec.name, device.name, exc_info=error)
        raise ModelUnavailable(
            f"{files.spec.title} could not be loaded on {device.title}: its files are damaged or do not belong together, or the "
            "device is not there; choose another model, or mend its checkpoint, vocab and config."
        ) from None


def _load(files: ModelFiles, device: Device, report: Callable[[Loading], None]) -> Model:
    size = files.checkpoint.stat().st_size
    report(Loading(files.spec.title, 0, size))  # before the imports, which take longer than the reading
    import torch

    config = _read_config(files)
    arch = config["model"]["arch"]
    vocabulary = _read_vocabulary(files.vocab)
    dtype = getattr(torch, device.dtype)
    torch.set_num_threads(device.threads)
    transformer = _build(arch, len(vocabulary))
    _fill(transformer, _read_state(files, report), files)
    _cast(transformer.eval().requires_grad_(False).to(device.name), dtype)
    log.info("model %s loaded on %s in %s", files.spec.name, device.name, dtype)
    return Model(
        name=files.spec.name,
        hash=files.hash,
        transformer=transformer,
        vocoder=load_vocoder(files.vocoder, device.name),
        vocabulary=vocabulary,
        device=device.name,
        dtype=dtype,
        pinyin=config["model"].get("tokenizer") != "char",
        pronunciation=read_pronunciation(*files.spec.pronunciation) if files.spec.pronunciation else None,
    )


def _read_config(files: ModelFiles) -> dict[str, Any]:
    import yaml

    config: dict[str, Any] = yaml.safe_load(files.config.read_text(encoding="utf-8"))
    model = config.get("model", {})
    if model.get("backbone") != "DiT" or model.get("mel_spec", {}).get("mel_spec_type") != "vocos":
        raise ModelUnavailable(
            f"The model {files.spec.name} is not a DiT on the Vocos mel, which is all Timbre can speak with; "
            "list another checkpoint in TIMBRE_CHECKPOINTS."
        )
    return config


def _read_vocabulary(file: Path) -> dict[str, int]:
    """Token -> number; a line's token may be a space, so only the line end is cut, as the package does."""
    lines = file.read_text(encoding="utf-8").split("\n")
    return {line: number for number, line in enumerate(lines[:-1] if lines[-1] == "" else lines)}


def _build(arch: dict[str, Any], tokens: int) -> nn.Module:
    """The package's DiT without weights: initialising 337 M numbers only to overwrite them takes seconds."""
    import torch
    from f5_tts.model import DiT
    from f5_tts.model.modules import precompute_freqs_cis
    from x_transformers.x_transformers import RotaryEmbedding

    with torch.device("meta"):
        transformer: nn.Module = DiT(**arch, text_num_embeds=tokens, mel_dim=100)
    parts: Any = transformer
    parts.rotary_embed = RotaryEmbedding(arch.get("dim_head", 64))
    if hasattr(parts.text_embed, "freqs_cis"):
        parts.text_embed.freqs_cis = precompute_freqs_cis(
            arch.get("text_dim") or 100, parts.text_embed.precompute_max_pos
        )
    for block in parts.transformer_blocks:
        # The v1 configuration leaves attention unmasked, so in a batch a shorter chunk attends to padding.
        block.attn.processor.attn_mask_enabled = True
    return transformer


def _read_state(files: ModelFiles, report: Callable[[Loading], None]) -> dict[str, Tensor]:
    """The averaged weights by the transformer's own names, in fp32, read tensor by tensor so that progress shows."""
    import torch
    from safetensors import safe_open

    size, done, told, state = files.checkpoint.stat().st_size, 0, 0, {}
    if files.checkpoint.suffix == ".safetensors":
        with safe_open(files.checkpoint, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118 - not a mapping
                state[name] = tensors.get_tensor(name)
                done += state[name].nbytes
                if done - told > size / 50:
                    told = done
                    report(Loading(files.spec.title, min(done, size), size))
    else:
        state = torch.load(files.checkpoint, map_location="cpu", weights_only=True)
        state = state.get("ema_model_state_dict") or state.get("model_state_dict") or state
    report(Loading(files.spec.title, size, size))
    prefixes = ("ema_model.transformer.", "transformer.")
    return {
        name.removeprefix(prefix): tensor.float()
        for name, tensor in state.items()
        for prefix in prefixes
        if name.startswith(prefix) and not name.endswith("inv_freq")  # computed anew in fp32
    }


def _fill(transformer: nn.Module, state: dict[str, Tensor], files: ModelFiles) -> None:
    """Put the weights in, or say which do not fit."""
    expected = {
        name: tuple(tensor.shape) for name, tensor in transformer.state_dict().items() if not name.endswith("inv_freq")
    }
    found = {name: tuple(tensor.shape) for name, tensor in state.items()}
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if wrong:
        name = wrong[0]
        raise ModelUnavailable(
            f"The weights of {files.spec.title} do not fit their configuration: {name} should be "
            f"{expected.get(name, 'absent')} and is {found.get(name, 'absent')}; check its vocab and config."
        )
    transformer.load_state_dict(state, strict=False, assign=True)


def _cast(transformer: Any, dtype: dtype) -> None:
    """Matrices and attention in `dtype`; what half precision would spoil (time, RoPE, text, once a chunk) stays fp32."""
    for part in (
        transformer.input_embed,
        transformer.transformer_blocks,
        transformer.norm_out,
        transformer.proj_out,
        transformer.long_skip_connection,
    ):
        if part is not None:
            part.to(dtype)
