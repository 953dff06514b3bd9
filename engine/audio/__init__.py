"""Sound as numpy arrays: decoded, cut, joined, levelled, drawn, encoded. No torch, and nothing of models or voices."""

from .decode import content_hash, decode
from .edges import moved, remove_silence, silences, trim
from .encode import encode
from .join import Joiner, join, joined, starts
from .loudness import acx, finish, finished_blocks, gain_to, limit, rms, scale_to
from .mark import voice_mark
from .metadata import read_metadata
from .patch import MARGIN, patch, quietest
from .picture import spectrogram
from .tape import Tape

__all__ = [
    "MARGIN",
    "Joiner",
    "Tape",
    "acx",
    "content_hash",
    "decode",
    "encode",
    "finish",
    "finished_blocks",
    "gain_to",
    "join",
    "joined",
    "limit",
    "moved",
    "patch",
    "quietest",
    "read_metadata",
    "remove_silence",
    "rms",
    "scale_to",
    "silences",
    "spectrogram",
    "starts",
    "trim",
    "voice_mark",
]
