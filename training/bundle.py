"""Bundle a trained checkpoint as the model `demo`: assets/demo/{model.safetensors, config.yaml}.

    python -m training.bundle CHECKPOINT

The averaged weights (EMA) are kept in half precision under the names the f5-tts package saves them by. This module knows
the small model's shape and limits; it does not know how it was trained.
"""

import sys
from pathlib import Path

import torch
import yaml
from safetensors.torch import save_file

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


def bundle(checkpoint: Path, folder: Path) -> None:
    """Write both files beside what training.pronunciation wrote there; the checkpoint holds a state dict of the package's CFM under `ema`."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)["ema"]
    folder.mkdir(parents=True, exist_ok=True)
    half = {
        f"ema_model.{name}": tensor.float() if name.endswith("inv_freq") else tensor.half()
        for name, tensor in state.items()
        if tensor.is_floating_point()
    }
    save_file(half, folder / "model.safetensors")
    (folder / "model.safetensors").chmod(0o644)  # safetensors writes for the owner alone
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG, sort_keys=False, width=120), encoding="utf-8")


if __name__ == "__main__":
    bundle(Path(sys.argv[1]), FOLDER)
