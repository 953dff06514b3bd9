"""When each word of a take of the bundled model is spoken: it was told, phone by phone."""

import re
from functools import cache

from engine.speech.synthesis import speech_frames
from engine.text import read_pronunciation
from engine.types import RATE, Word

HOP = 256
SPOKEN = re.compile(r"[^ ,.;:!?]+")
"""The phones of a word; pauses and marks are between words."""


@cache
def pronunciation(assets):
    return read_pronunciation(*(assets / "demo" / f"{name}.txt" for name in ("lexicon", "lengths", "sounds")))


def known(take, assets):
    """Its words as they were spoken, with their true times in the finished file, joins counted in."""
    says, request = pronunciation(assets), take.request
    reference = round(take.reference_seconds * RATE) // HOP
    words, at = [], 0
    sizes = [
        HOP * speech_frames(says, reference, request.reference_text, chunk, request.speed) for chunk in take.chunks
    ]
    for number, (chunk, size) in enumerate(zip(take.chunks, sizes, strict=True)):
        phones = says.phones(chunk)
        edges = says.edges(phones, size // HOP) * HOP
        spoken, written = [*SPOKEN.finditer(phones)], chunk.split()
        assert len(spoken) == len(written), "take sentences of plain words"
        words += [
            Word(text, (at + edges[match.start()]) / RATE, (at + edges[match.end()]) / RATE)
            for text, match in zip(written, spoken, strict=True)
        ]
        following = sizes[number + 1] if number + 1 < len(sizes) else 0
        at += size - min(round(request.cross_fade * RATE), size // 2, following // 2)
    return words
