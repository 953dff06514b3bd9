"""A loaded F5-TTS model, and the package's text, mel and time grid around it.

Does not know how it came into memory (engine.speech.loading), nor how it is sampled (engine.speech.sampler).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..text import Pronunciation
from ..types import Samples
from .vocoder import Vocoder

if TYPE_CHECKING:
    from torch import Tensor, dtype, nn

HOP = 256
"""Samples a frame of the mel, as in every F5-TTS configuration."""


@dataclass(frozen=True, eq=False)
class Model:
    """A loaded model with what is needed to speak with it."""

    name: str
    hash: str
    transformer: nn.Module
    """The package's DiT; time embedding, RoPE and text embedding in fp32, the rest in `dtype`."""
    vocoder: Vocoder
    vocabulary: dict[str, int]
    device: str
    dtype: dtype
    pinyin: bool
    """Text goes through the package's pinyin path; otherwise it is taken letter by letter."""
    pronunciation: Pronunciation | None
    """Of a model that is told frame by frame which phone is spoken; None for one that reads letters."""

    def tokens(self, text: str) -> list[str]:
        """The text as the model's alphabet spells it: letters, for Chinese pinyin syllables, or phones."""
        if self.pronunciation:
            return list(self.pronunciation.phones(text))
        if self.pinyin:
            from f5_tts.model.utils import convert_char_to_pinyin

            return [self._known(token) for token in convert_char_to_pinyin([text])[0]]
        return [self._known(letter) for letter in text]

    def _known(self, token: str) -> str:
        """The token; for an accented letter that the vocabulary lacks its base letter, where it has that: é as e."""
        base = unicodedata.normalize("NFD", token)[:1]
        return base if token not in self.vocabulary and base in self.vocabulary else token

    def ids(self, tokens: Sequence[str]) -> Tensor:
        """Tokens as numbers, int64 [length]; each must be in the vocabulary."""
        import torch

        return torch.tensor([self.vocabulary[token] for token in tokens], device=self.device)

    def mel(self, samples: Samples) -> Tensor:
        """The package's log-mel of a sound: fp32 [frames, 100], `frames` = samples // 256 + 1."""
        import torch
        from f5_tts.model.modules import MelSpec

        with torch.inference_mode():
            mel: Tensor = MelSpec()(torch.from_numpy(samples)[None].to(self.device))[0].T
        return mel


def time_grid(nfe: int, sway_sampling: float) -> Tensor:
    """Times of the flow, fp32 [nfe + 1] on the CPU from 0 to 1.

    Empirically pruned steps where the package has a schedule for this count, else uniform; then sway sampling,
    t + s (cos(pi t / 2) - 1 + t) (F5-TTS, arXiv:2410.06885, section 3.3). Always fp32: in half precision neighbouring
    times fall together.
    """
    import torch
    from f5_tts.model.utils import get_epss_timesteps

    t = get_epss_timesteps(nfe, device="cpu", dtype=torch.float32)
    swayed: Tensor = t + sway_sampling * (torch.cos(torch.pi / 2 * t) - 1 + t)
    return swayed


PRUNED = frozenset({5, 6, 7, 10, 12, 16})
"""Counts of steps the package has a pruned schedule for (f5_tts/model/utils.py, get_epss_timesteps)."""
