"""A loaded F5-TTS model, and the package's text and mel around it.

Does not know how it came into memory (engine.speech.loading), nor how it is sampled (engine.speech.sampler).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

from ..store.files import package_folder
from ..text import Pronunciation
from ..types import Samples
from .network import BANDS
from .vocoder import Vocoder

if TYPE_CHECKING:
    from torch import Tensor

    from .network import Transformer

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
    room: Callable[[], int]
    """Frames that one call is to hold now where there are several chunks to do; 0: a chunk at a time."""

    def tokens(self, text: str) -> list[str]:
        """The text as the model's alphabet spells it: letters, for Chinese pinyin syllables, or phones."""
        if self.pronunciation:
            return list(self.pronunciation.phones(text))
        if self.pinyin:
            return [self._known(token) for token in _package_utils().convert_char_to_pinyin([text])[0]]
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
        """The log-mel that F5-TTS and Vocos were trained on: fp32 [frames, 100], `frames` = samples // 256 + 1."""
        import torch
        from torchaudio.transforms import MelSpectrogram

        with torch.inference_mode():
            spectrogram = MelSpectrogram(24_000, n_fft=1024, hop_length=HOP, n_mels=BANDS, power=1).to(self.device)
            mel: Tensor = spectrogram(torch.from_numpy(samples).to(self.device)).clamp(min=1e-5).log().T
        return mel


@cache
def _package_utils() -> Any:
    """f5_tts.model.utils by itself: as a part of its package it brings along what training needs, five seconds of it."""
    package = package_folder("f5_tts")
    assert package is not None  # requirements.txt names it
    spec = spec_from_file_location("f5_tts_model_utils", package / "model" / "utils.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
