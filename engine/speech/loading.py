"""A model's files -> a Model on a device. Does not know what is in the files (engine.speech.checkpoint), nor what is done
with the model.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import ModelUnavailable, TimbreError
from ..store import ModelFiles
from ..text import read_pronunciation
from ..types import Loading
from .checkpoint import model_config, require_fit, vocabulary, weights
from .device import Device
from .model import Model
from .vocoder import load_vocoder

if TYPE_CHECKING:
    from torch import dtype, nn

log = logging.getLogger("timbre")


def load(files: ModelFiles, device: Device, report: Callable[[Loading], None]) -> Model:
    """Read a model from its files onto the device. Raises ModelUnavailable naming what does not fit."""
    try:
        return _load(files, device, report)
    except TimbreError:
        raise
    except Exception as error:  # a stranger's yaml, vocabulary or pickle can be wrong in any way
        log.warning("loading %s on %s", files.spec.name, device.name, exc_info=error)
        import torch

        if isinstance(error, torch.OutOfMemoryError):
            raise ModelUnavailable(
                f"{files.spec.title} does not fit the free memory of {device.title}; stop what else uses it, or choose a "
                "smaller model."
            ) from None
        raise ModelUnavailable(
            f"{files.spec.title} could not be loaded on {device.title}: its files are damaged or do not belong together, or the "
            "device is not there; choose another model, or mend its checkpoint, vocab and config."
        ) from None


def _load(files: ModelFiles, device: Device, report: Callable[[Loading], None]) -> Model:
    report(Loading(files.spec.title, 0, files.checkpoint.stat().st_size))  # before the imports, which take longer
    import torch

    config, tokens = model_config(files), vocabulary(files)
    arch = config.arch.model_dump(exclude_unset=True)
    dtype = getattr(torch, device.dtype)
    torch.set_num_threads(device.threads)
    transformer, state = _build(arch, len(tokens)), weights(files, report)
    shapes = {name: tuple(t.shape) for name, t in transformer.state_dict().items() if not name.endswith("inv_freq")}
    require_fit(state, shapes, files)
    transformer.load_state_dict({name: tensor.float() for name, tensor in state.items()}, strict=False, assign=True)
    _cast(transformer.eval().requires_grad_(False).to(device.name), dtype)
    log.info("model %s loaded on %s in %s", files.spec.name, device.name, dtype)
    return Model(
        name=files.spec.name,
        hash=files.hash,
        transformer=transformer,
        vocoder=load_vocoder(files.vocoder, device.name),
        vocabulary=tokens,
        device=device.name,
        dtype=dtype,
        pinyin=config.tokenizer != "char",
        pronunciation=read_pronunciation(*files.spec.pronunciation) if files.spec.pronunciation else None,
    )


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
