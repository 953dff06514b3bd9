"""Text in pieces that a model can speak in one go. Knows sizes in bytes, not how long they sound."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from ..types import Chunk

Splitter = Callable[[str], list[str]]


def chunk(text: str, limit: int) -> tuple[Chunk, ...]:
    """`text`, as `normalise` gives it, in pieces of at most `limit` UTF-8 bytes; ValueError where that is below 4.

    Paragraphs are kept apart; within one, text is cut between sentences where these fit, else between clauses, else
    words, else letters, into as few pieces as that allows and those as even as they can be.

    Nothing is lost: walking through `text`, each chunk stands where the one before it ended, after a paragraph break
    where that one `ends_paragraph`, else after a single space if there is one (there is none between Chinese sentences
    and where a word was cut).
    """
    if limit < 4:
        raise ValueError(f"A chunk must hold at least the 4 bytes of one character, not {limit}.")
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    pieces = [[part.strip() for part in _split(paragraph, limit, LEVELS)] for paragraph in paragraphs]
    ends = [(part, number == len(parts)) for parts in pieces for number, part in enumerate(parts, 1)]
    return tuple(Chunk(n, part, end and n < len(ends) - 1) for n, (part, end) in enumerate(ends))


def _split(text: str, limit: int, levels: Sequence[Splitter]) -> list[str]:
    """`text` cut by the first level, what is still too long by the finer ones, and neighbours joined again."""
    if _size(text.rstrip()) <= limit:
        return [text]
    coarse, *finer = levels
    return _pack([part for piece in coarse(text) for part in _split(piece, limit, finer)], limit)


def _pack(parts: list[str], limit: int) -> list[str]:
    """Neighbours joined up to the smallest size that needs no more chunks than `limit` does: these come out even."""
    sizes = [(_size(part), _size(part.rstrip())) for part in parts]
    fewest = len(_bounds(sizes, limit))
    low, high = max(bare for _, bare in sizes), limit
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if len(_bounds(sizes, middle)) <= fewest else (middle + 1, high)
    starts = _bounds(sizes, high)
    return ["".join(parts[start:end]) for start, end in zip(starts, [*starts[1:], len(parts)], strict=True)]


def _bounds(sizes: list[tuple[int, int]], most: int) -> list[int]:
    """Where chunks of at most `most` bytes begin; a size is given with and without the space at its end."""
    starts, filled = [0], 0
    for number, (size, bare) in enumerate(sizes):
        if filled and filled + bare > most:
            starts.append(number)
            filled = 0
        filled += size
    return starts


def _size(text: str) -> int:
    return len(text.encode())


def _sentences(text: str) -> list[str]:
    from sentencex import segment

    # English rules serve: they know the full stops of all scripts, and abbreviations are words by now.
    return list(segment("en", text))


def _clauses(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?,;:] )|(?<=[。！？，；：、])", text) if part]


def _words(text: str) -> list[str]:
    return [part for part in re.split(r"(?<= )", text) if part]


def _letters(text: str) -> list[str]:
    """Letters with the marks that combine with them."""
    letters: list[str] = []
    for character in text:
        if letters and unicodedata.combining(character):
            letters[-1] += character
        else:
            letters.append(character)
    return letters


LEVELS: tuple[Splitter, ...] = (_sentences, _clauses, _words, _letters, list)
