"""A request and its reference -> the chunks to speak, and how much work they are.

Knows text, lengths and what a step costs; not how long that takes on this machine (engine.pace), nor who speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from .dictionary import apply_dictionary, read_dictionary
from .errors import ModelUnavailable
from .speech import EPSS, speech_frames
from .speech.model import HOP
from .store import ModelSpec, read_config
from .text import check, chunk, language_name, language_of, limit, normalise, pace, read_pronunciation
from .types import RATE, Chunk, CloneRequest

TYPICAL = "People speak at about this pace, and they rest for a moment where a sentence comes to its end. "
"""Stands for words of a clip that nobody has typed or heard yet."""
BYTES_PER_SECOND = 15
"""Of English speech."""
CALL = 3.8e8
"""Over the square of the frames that `_attention` gives: frames whose cost each call of the model has beside its own, for
its many small operations. They are 360 of the demo model (24 ms on two Zen 4 cores), 23 of F5-TTS v1 Base."""


@dataclass(frozen=True)
class Work:
    """How much is to be done, in units that take equally long on one machine."""

    speech_seconds: float
    steps: float
    """Frames through the model, all steps and both guidance passes counted, each by what its attention adds."""


def spoken_chunks(
    request: CloneRequest, spec: ModelSpec, seconds: float, words: str, language: str, most: int
) -> tuple[Chunk, ...]:
    """The request's text in pieces for a reference of `seconds` that says `words`. Raises BadText above `most` letters."""
    language = language_of(request.text) or language or "en"
    text = spoken_text(request, request.text, language)
    check(text, most)
    return paced(chunk(text, limit(seconds, words, spec.longest, request.speed)), spec, words, language)


def paced(chunks: tuple[Chunk, ...], spec: ModelSpec, words: str, language: str) -> tuple[Chunk, ...]:
    """The chunks, in `language`, with their pace after a reference that says `words`."""
    if spec.phones or spec.english is None or language != "en":  # what is told its phones is given their lengths
        return chunks
    english = read_pronunciation(*spec.english)
    return tuple(replace(one, pace=pace(english, words, one.text)) for one in chunks)


def spoken_text(request: CloneRequest, text: str, language: str) -> str:
    """`text`, all or some of the request's, in `language` as a model is given it, the person's own dictionary first."""
    return normalise(apply_dictionary(text, read_dictionary(request.dictionary)), language)


def work_of(request: CloneRequest, spec: ModelSpec, seconds: float, words: str, chunks: Sequence[Chunk]) -> Work:
    """What the chunks cost after a reference of `seconds` that says `words`.

    A frame costs 2 (4 + 2 ff) d² L and, for attention, 4 N d L multiplications in N frames: one is to the other as
    N to (2 + ff) d.
    """
    pronunciation = read_pronunciation(*spec.pronunciation) if spec.pronunciation else None
    before, even = round(seconds * RATE / HOP), _attention(spec.config)
    after = [
        round(speech_frames(pronunciation, before, words, chunk.text, request.speed) / chunk.pace) for chunk in chunks
    ]
    passes = 2 if request.cfg_strength > 0 else 1
    whole = sum((before + frames) * (1 + (before + frames) / even) * passes + CALL / even**2 for frames in after)
    return Work(sum(after) * HOP / RATE, whole * request.nfe)


def typical_words(seconds: float) -> str:
    """Words as many as are spoken in so long."""
    size = max(round(seconds * BYTES_PER_SECOND), 1)
    return (TYPICAL * (size // len(TYPICAL) + 1))[:size]


def notes(request: CloneRequest, spec: ModelSpec, spoken: str) -> tuple[str, ...]:
    """What a person should know of what was asked, a sentence each; `spoken` is the language of the clip, or blank."""
    told, language, taught = [], language_of(request.text), " and ".join(map(language_name, spec.languages))
    if request.nfe not in EPSS:
        told.append(f"{request.nfe} steps have no pruned schedule (EPSS) and were taken uniformly.")
    if language and spec.languages and language not in spec.languages:
        told.append(
            f"The text seems to be in {language_name(language)}; {spec.title} was trained on {taught} and may mispronounce or refuse it."
        )
    if spoken and spec.languages and spoken not in spec.languages:
        told.append(
            f"The clip is in {language_name(spoken)}, which {spec.title} was not trained on; the voice is copied, its words less surely."
        )
    elif spoken and language and spoken != language:
        told.append(f"The clip is in {language_name(spoken)}, the text in {language_name(language)}; expect an accent.")
    return tuple(told)


@lru_cache(maxsize=16)
def _attention(config: Path) -> float:
    """Frames at which attention costs as much as the rest; F5-TTS' where a config does not tell."""
    try:
        arch = read_config(config)["model"]["arch"]
        return float((2 + arch["ff_mult"]) * arch["dim"])
    except (ModelUnavailable, KeyError, TypeError):  # loading tells what is wrong with it
        return 4096.0
