"""What is said in a sound, and when. The one package that knows faster-whisper."""

from .align import Alignment, Asked, Extra, align, spread
from .check import Check, check
from .whisper import Transcriber, Whisper

__all__ = ["Alignment", "Asked", "Check", "Extra", "Transcriber", "Whisper", "align", "check", "spread"]
