"""Text as values: what to say, in what pieces, for how long. Pure functions on str; knows no sound and no model."""

from .checks import check, missing_letters, require_letters
from .chunks import chunk
from .durations import frames, limit
from .languages import language_of
from .normalise import normalise

__all__ = ["check", "chunk", "frames", "language_of", "limit", "missing_letters", "normalise", "require_letters"]
