"""Text as values: what to say, in what pieces, for how long. Pure functions on str; knows no sound and no model."""

from .checks import check, missing_letters, require_letters
from .chunks import chunk
from .durations import frames, limit
from .languages import language_of
from .normalise import normalise
from .pronunciation import Pronunciation, read_pronunciation

__all__ = [
    "Pronunciation",
    "check",
    "chunk",
    "frames",
    "language_of",
    "limit",
    "missing_letters",
    "normalise",
    "read_pronunciation",
    "require_letters",
]
