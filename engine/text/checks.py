"""What cannot be spoken, refused in one sentence each. Knows letters, not how a model turns text into tokens."""

from __future__ import annotations

from collections.abc import Container, Iterable

from ..errors import BadText
from .characters import clean

NAMED = 10
"""Missing letters named in a refusal; the rest are counted."""


def check(text: str, most: int) -> None:
    """Raises BadText unless `text` has something to say, at most `most` characters of it and no endless number."""
    if not text.strip():
        raise BadText("There is nothing to say; write a sentence, then generate.")
    if len(text) > most:
        raise BadText(f"The text has {len(text):,} characters and {most:,} are allowed; shorten it or say it in parts.")
    if not any(letter.isalnum() for letter in clean(text)):
        raise BadText("The text holds only symbols, nothing that can be spoken; add some words.")


def missing_letters(tokens: Iterable[str], vocabulary: Container[str]) -> tuple[str, ...]:
    """The distinct tokens, characters or pinyin syllables, that `vocabulary` lacks, in order of appearance."""
    return tuple(dict.fromkeys(token for token in tokens if token not in vocabulary))


def require_letters(tokens: Iterable[str], vocabulary: Container[str], model: str) -> None:
    """Raises BadText naming at most ten of the tokens that the vocabulary of `model` lacks."""
    missing = missing_letters(tokens, vocabulary)
    if missing:
        named = " ".join(token if token.isprintable() else ascii(token).strip("'") for token in missing[:NAMED])
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        raise BadText(f"The model {model} was never taught to read {named}{more}; write the text without, or choose another model.")  # fmt: skip
