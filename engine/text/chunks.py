"""Text in pieces that a model can speak in one go. Knows sizes in bytes, not how long they sound."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from ..types import Chunk

Splitter = Callable[[str], list[str]]
OPENING = 20
"""Bytes of a short first chunk at least, 1.3 s of English speech; shorter ones are spoken badly. At most half the limit."""


def chunk(text: str, limit: int) -> tuple[Chunk, ...]:
    """`text`, as `normalise` gives it, in pieces of at most `limit` UTF-8 bytes; ValueError where that is below 4.

    Paragraphs are kept apart; within one, text is cut between sentences where these fit, else between clauses, else
    words, else letters, into as few pieces as that allows and those as even as they can be. Where there is more than one
    piece the first is short, if a sentence or a clause ends early: what comes first can be heard while the rest is made.

    Nothing is lost: walking through `text`, each chunk stands where the one before it ended, after a paragraph break
    where that one `ends_paragraph`, else after a single space if there is one (there is none between Chinese sentences
    and where a word was cut).
    """
    if limit < 4:
        raise ValueError(f"A chunk must hold at least the 4 bytes of one character, not {limit}.")
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    if len(paragraphs) > 1 or _size(text) > limit:
        head, rest = _opening(paragraphs[0], limit)
        split = [[part for part in (head, *_split(rest, limit, LEVELS)) if part]]
        split += [_split(paragraph, limit, LEVELS) for paragraph in paragraphs[1:]]
    else:
        split = [paragraphs]
    pieces = [[part.strip() for part in parts] for parts in split]
    ends = [(part, number == len(parts)) for parts in pieces for number, part in enumerate(parts, 1)]
    return tuple(Chunk(n, part, end and n < len(ends) - 1) for n, (part, end) in enumerate(ends))


def _opening(text: str, limit: int) -> tuple[str, str]:
    """A short first piece of `text`, nothing where nothing ends early, and the rest."""
    for level in LEVELS[:2]:
        head = ""
        for part in level(text):
            head += part
            if _size(head.rstrip()) >= OPENING:
                break
        if OPENING <= _size(head.rstrip()) <= limit // 2:
            return head, text[len(head) :]
    return "", text


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
