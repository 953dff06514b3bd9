"""Bundle a trained checkpoint as the model `demo`: assets/demo/{model.safetensors, config.yaml}.

    python -m training.bundle CHECKPOINT ...

Each is a model.pt of training.train, or one bundled before; of several, cooled one after the other, the mean is taken, which
has fewer wrong words than any of them (arXiv:2203.05482; benchmarks/LOG.md). The averaged weights (EMA) are kept in half precision under the names the f5-tts package saves them by. This module knows
the small model's shape and limits; it does not know how it was trained.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import torch
import yaml
from safetensors.torch import load_file, save_file
from torch import Tensor

FOLDER = Path(__file__).parents[1] / "assets" / "demo"
CONFIG = {
    "model": {
        "name": "demo",
        "tokenizer": "char",
        "backbone": "DiT",
        "arch": {
            "dim": 256,
            "depth": 8,
            "heads": 4,
            "ff_mult": 2,
            "text_dim": 256,
            "conv_layers": 4,
            "dropout": 0.0,
            "qk_norm": "rms_norm",
            "text_mask_padding": True,
            "text_embedding_average_upsampling": True,
            "attn_mask_enabled": False,
        },
        "mel_spec": {
            "target_sample_rate": 24000,
            "n_mel_channels": 100,
            "hop_length": 256,
            "win_length": 1024,
            "n_fft": 1024,
            "mel_spec_type": "vocos",
        },
    },
    # What Timbre needs to know beside the package's own keys. Seconds are the longest the model saw in training.
    "timbre": {
        "about": "A small model of our own that needs no download: plain English, a voice roughly like the clip's, of which it copies up to 4 seconds.",
        "languages": ["en"],
        "longest_reference": 4.0,
        "longest": 9.0,
        "phones": True,
        "vocoder": "griffin-lim",
    },
}


def weights(checkpoint: Path) -> dict[str, Tensor]:
    """The averaged weights by the package's names, fp32."""
    if checkpoint.suffix == ".safetensors":
        found = {name.removeprefix("ema_model."): tensor for name, tensor in load_file(checkpoint).items()}
    else:
        found = torch.load(checkpoint, map_location="cpu", weights_only=True)["ema"]
    return {name: tensor.float() for name, tensor in found.items() if tensor.is_floating_point()}


def bundle(checkpoints: Sequence[Path], folder: Path) -> None:
    """Write both files beside what training.pronunciation wrote there, of the mean of the checkpoints."""
    states = [weights(checkpoint) for checkpoint in checkpoints]
    state = {name: torch.stack([one[name] for one in states]).mean(0) for name in states[0]}
    folder.mkdir(parents=True, exist_ok=True)
    half = {
        f"ema_model.{name}": tensor if name.endswith("inv_freq") else tensor.half() for name, tensor in state.items()
    }
    save_file(half, folder / "model.safetensors")
    (folder / "model.safetensors").chmod(0o644)  # safetensors writes for the owner alone
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG, sort_keys=False, width=120), encoding="utf-8")


if __name__ == "__main__":
    bundle([Path(argument) for argument in sys.argv[1:]], FOLDER)
