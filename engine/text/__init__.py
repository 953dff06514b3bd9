"""Text as values: what to say, in what pieces, for how long. Pure functions on str; knows no sound and no model."""

from .checks import check, missing_letters, require_letters
from .chunks import chunk
from .durations import frames, limit, pace
from .languages import LANGUAGES, language_name, language_of
from .normalise import normalise
from .pairs import Pair, pairs
from .pronunciation import Pronunciation, read_pronunciation
from .respelling import respellings
from .subtitles import SUBTITLE_FORMATS, subtitles

__all__ = [
    "LANGUAGES",
    "SUBTITLE_FORMATS",
    "Pair",
    "Pronunciation",
    "check",
    "chunk",
    "frames",
    "language_name",
    "language_of",
    "limit",
    "missing_letters",
    "normalise",
    "pace",
    "pairs",
    "read_pronunciation",
    "require_letters",
    "respellings",
    "subtitles",
]
