"""How long a text takes in the pace of a reference, as F5-TTS reckons it: by UTF-8 bytes; and of English how far that is off.

Formulas of f5_tts/infer/utils_infer.py 1.1.22, lines 404 and 489-505. The package takes any reference at its word, so
one letter over 12 seconds asks for minutes of speech a word; here the pace is held within what people can speak.
"""

from __future__ import annotations

from ..types import RATE
from .pronunciation import Pronunciation

FRAMES_PER_SECOND = RATE / 256
"""Mel frames a second: a hop is 256 samples."""
PACE = 1.0, 50.0
"""Fewest and most frames a byte of text takes: 94 and 2 bytes a second; English speech has about 15."""
SHORT, SHORT_SPEED = 10, 0.3
"""A text of fewer bytes is spoken at this speed whatever was asked, as in F5-TTS, which would swallow it otherwise."""
PACES = 0.6, 1.6
"""How far from its bytes' a text's length may be reckoned."""
LEAST_LIMIT = 10
"""Bytes of a chunk below which no reference pushes the limit."""


def frames(reference_frames: int, reference_text: str, text: str, speed: float) -> int:
    """Mel frames `text` takes after a reference of `reference_frames` that says `reference_text`; at least 1.

    `speed` is above 0; 2 halves the frames. The reference's own frames are not counted in.
    """
    size = len(text.encode())
    pace = _pace(reference_frames, reference_text)
    return max(int(pace * size / (SHORT_SPEED if size < SHORT else speed)), 1)


def limit(reference_seconds: float, reference_text: str, longest: float, speed: float) -> int:
    """UTF-8 bytes of a chunk that fit, with the reference before them, in `longest` seconds; at least 10.

    F5-TTS takes 22 seconds for `longest`; at least one second is left to the chunk.
    """
    bytes_per_second = FRAMES_PER_SECOND / _pace(reference_seconds * FRAMES_PER_SECOND, reference_text)
    return max(int(bytes_per_second * max(1.0, longest - reference_seconds) * speed), LEAST_LIMIT)


def pace(english: Pronunciation | None, reference_text: str, text: str) -> float:
    """How much sooner English is said than its bytes tell, by its phones and pauses against the reference's.

    1 where a word of either is not known, so in any other language, and for a text so short that F5-TTS stretches it. Of
    sentences by one speaker the error in length is 12 % so, 16 % by bytes, 18 % by syllables (benchmarks/LOG.md).
    """
    short = min(len(text.strip().encode()), len(reference_text.strip().encode())) < SHORT
    if english is None or short or not (english.knows(text) and english.knows(reference_text)):
        return 1.0

    def density(said: str) -> float:
        return len(said.encode()) / english.length(english.phones(said).strip())

    return min(max(density(text) / density(reference_text), PACES[0]), PACES[1])


def _pace(reference_frames: float, reference_text: str) -> float:
    """Frames a byte of the reference's text takes, within `PACE`."""
    slowest, fastest = PACE[1], PACE[0]
    return min(max(reference_frames / max(len(reference_text.encode()), 1), fastest), slowest)
