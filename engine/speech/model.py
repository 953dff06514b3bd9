"""A loaded F5-TTS model, and the package's text and mel around it.

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
    from torch import Tensor

    from .sampler import Transformer

HOP = 256
"""Samples a frame of the mel, as in every F5-TTS configuration."""


@dataclass(frozen=True, eq=False)
class Model:
    """A loaded model with what is needed to speak with it."""

    name: str
    hash: str
    transformer: Transformer
    vocoder: Vocoder
    vocabulary: dict[str, int]
    device: str
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
