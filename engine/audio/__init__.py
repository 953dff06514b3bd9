"""Sound as numpy arrays: decoded, cut, joined, levelled, drawn, encoded. No torch, and nothing of models or voices."""

from .decode import content_hash, decode
from .edges import remove_silence, silences, trim
from .encode import encode
from .join import join
from .loudness import acx, finish, rms, scale_to
from .mark import voice_mark
from .metadata import read_metadata
from .picture import spectrogram

__all__ = [
    "acx",
    "content_hash",
    "decode",
    "encode",
    "finish",
    "join",
    "read_metadata",
    "remove_silence",
    "rms",
    "scale_to",
    "silences",
    "spectrogram",
    "trim",
    "voice_mark",
]
