"""What is said in a sound, and when. The one package that knows faster-whisper."""

from .whisper import Transcriber, Whisper

__all__ = ["Transcriber", "Whisper"]
