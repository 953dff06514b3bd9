"""Log-mel to sound: Vocos where its weights are, Griffin-Lim, which needs none, for the bundled model.

Knows the package's mel (100 bands, hop 256, natural log of magnitude at 24 kHz); not what it says.
"""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ModelUnavailable
from ..store import read_config

if TYPE_CHECKING:
    from torch import Tensor


PARTS = {
    "feature_extractor": "vocos.feature_extractors.MelSpectrogramFeatures",
    "backbone": "vocos.models.VocosBackbone",
    "head": "vocos.heads.ISTFTHead",
}
"""What Vocos for this mel is made of. Its configuration names classes, any of which would be imported and called."""
SILENCE = -11.5129
"""The mel's floor, log 1e-5 (f5_tts/model/modules.py)."""


class Vocoder(Protocol):
    """Turns a mel into samples."""

    def decode(self, mel: Tensor) -> Tensor:
        """Log-mel fp32 [frames, 100] -> samples fp32 [about frames * 256] at 24 kHz."""
        ...


def load_vocoder(folder: Path | None, device: str) -> Vocoder:
    """Vocos from a folder with config.yaml and pytorch_model.bin, or Griffin-Lim for None."""
    return GriffinLim(device) if folder is None else VocosVocoder(folder, device)


class VocosVocoder:
    """Vocos (arXiv:2306.00814) as F5-TTS was trained for, in fp32."""

    def __init__(self, folder: Path, device: str) -> None:
        import torch
        from vocos import Vocos

        config = read_config(folder / "config.yaml")
        try:
            for part, name in PARTS.items():
                if config[part]["class_path"] != name:
                    raise ValueError(part)
            self._vocos: Any = Vocos.from_hparams(str(folder / "config.yaml"))
            state = torch.load(folder / "pytorch_model.bin", map_location="cpu", weights_only=True)
            self._vocos.load_state_dict(state)
        except (OSError, RuntimeError, EOFError, ValueError, LookupError, TypeError, UnpicklingError) as error:
            raise ModelUnavailable(
                f"The vocoder in {folder} is damaged, or is not the one of F5-TTS (Vocos, 24 kHz); delete it, and it is fetched again."
            ) from error
        self._vocos.eval().to(device)

    def decode(self, mel: Tensor) -> Tensor:
        """See Vocoder."""
        import torch

        with torch.inference_mode():
            samples: Tensor = self._vocos.decode(mel.T[None])[0]
        return samples


class GriffinLim:
    """Phase by iteration (Griffin and Lim, 1984; fast variant of Perraudin et al., 2013), magnitudes by mel inversion."""

    def __init__(self, device: str) -> None:
        import torch
        import torchaudio

        self._bands = torchaudio.functional.melscale_fbanks(513, 0, 12_000, 100, 24_000).to(device)  # [513, 100]
        self._inverse = torch.linalg.pinv(self._bands.T)
        # No random phase to begin with: a seed must give the same sound again.
        self._phase = torchaudio.transforms.GriffinLim(
            n_fft=1024, hop_length=256, win_length=1024, power=1.0, n_iter=48, momentum=0.99, rand_init=False
        ).to(device)

    def decode(self, mel: Tensor) -> Tensor:
        """See Vocoder."""
        import torch

        with torch.inference_mode():
            # An inverse STFT of 1,024 needs four frames; what is filled up is silence, and cut off again.
            frames = len(mel)
            target = torch.nn.functional.pad(mel.T, (0, max(0, 4 - frames)), value=SILENCE).exp()
            magnitudes = (self._inverse @ target).clamp(min=1e-5)
            for _ in range(30):  # multiplicative updates keep the magnitudes non-negative (Lee and Seung, 2000)
                magnitudes *= (self._bands @ target) / (self._bands @ (self._bands.T @ magnitudes) + 1e-8)
            samples: Tensor = self._phase(magnitudes)
        return samples[: frames * 256]
