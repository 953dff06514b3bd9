"""A model's files -> a Model on a device. Does not know what is in the files (engine.speech.checkpoint), nor what is done
with the model.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from ..errors import ModelUnavailable, TimbreError
from ..store import ModelFiles
from ..text import read_pronunciation
from ..types import Loading
from .checkpoint import UNetTConfig, model_config, require_fit, vocabulary, weights
from .device import Device, room
from .dit import DiT, dit_shapes
from .graphs import Graphs, Recorder
from .memory import free_bytes
from .model import Model
from .network import Transformer
from .precision import kept
from .unett import UNetT, unett_shapes
from .vocoder import load_vocoder

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
    torch.set_num_threads(device.threads)
    dtype = getattr(torch, device.dtype) if device.is_gpu else kept(getattr(torch, device.dtype))
    state = weights(files, report)
    transformer: Transformer
    if isinstance(config, UNetTConfig):
        require_fit(state, unett_shapes(config.arch, len(tokens)), files)
        transformer = UNetT(config.arch, state, device.name, dtype)
    else:
        require_fit(state, dit_shapes(config.arch, len(tokens)), files)
        graphs = Graphs(Recorder(device.name)) if device.graphs else None
        transformer = DiT(config.arch, state, device.name, dtype, graphs)
    log.info("model %s loaded on %s in %s", files.spec.name, device.name, dtype)
    return Model(
        name=files.spec.name,
        hash=files.hash,
        transformer=transformer,
        vocoder=load_vocoder(files.vocoder, device.name),
        vocabulary=tokens,
        device=device.name,
        pinyin=config.tokenizer != "char",
        pronunciation=read_pronunciation(*files.spec.pronunciation) if files.spec.pronunciation else None,
        room=lambda: room(device, free_bytes(device.name), transformer.frame_bytes),
    )
