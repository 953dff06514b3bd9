"""A sound's words with their times, heard by faster-whisper.

The one module that knows faster-whisper. It does not know where the model lies (it is told), nor what the words are for.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Protocol

from ..errors import BadParameter, HearingUnavailable, ModelUnavailable
from ..idle import IdleClock
from ..types import Event, Loading, Samples, Stage, Transcript, Word

log = logging.getLogger("timbre")


class Transcriber(Protocol):
    """Hears what is said."""

    @property
    def loaded(self) -> bool:
        """True while the model is in memory."""
        ...

    def transcribe(self, samples: Samples, language: str) -> Generator[Event, None, Transcript]:
        """Yield progress, return what was heard, maybe nothing; `language` blank: detected. Raises HearingUnavailable.

        Between two events little is done, so that closing the generator soon ends it.
        """
        ...

    def unload(self) -> None:
        """Drop the model when nobody uses it."""
        ...


class Whisper:
    """faster-whisper, loaded at the first use and dropped when idle. State: the model and a timer, behind one lock.

    `fetch` yields Loading while it finds or downloads the model and returns its folder.
    """

    def __init__(
        self, fetch: Callable[[], Generator[Loading, None, Path]], device: str, compute_type: str, idle_seconds: float
    ) -> None:
        self._fetch, self._device, self._compute_type = fetch, device, compute_type
        self._lock = threading.Lock()
        self._model: Any = None
        self._idle = IdleClock(idle_seconds, self.unload)

    @property
    def loaded(self) -> bool:
        """True while the model is in memory."""
        return self._model is not None

    def transcribe(self, samples: Samples, language: str = "") -> Generator[Event, None, Transcript]:
        """See Transcriber. One transcription at a time."""
        while not self._lock.acquire(timeout=0.25):  # somebody else's clip is heard
            yield Stage("transcribing")
        try:
            self._idle.stop()
            if self._model is None:
                try:
                    folder = yield from self._fetch()
                except ModelUnavailable as error:
                    raise HearingUnavailable(str(error)) from None
                self._model = self._load(folder)
            return (yield from self._hear(samples, language))
        finally:
            self._idle.start()
            self._lock.release()

    def unload(self) -> None:
        """Drop the model; where a clip is being heard, nothing: the idle clock runs again afterwards."""
        if self._lock.acquire(blocking=False):
            self._idle.stop()
            self._model = None
            self._lock.release()

    def _load(self, folder: Path) -> Any:
        from ctranslate2 import get_cuda_device_count
        from faster_whisper import WhisperModel

        device = self._device if self._device != "auto" else "cuda" if get_cuda_device_count() else "cpu"
        compute_type = self._compute_type or ("float16" if device == "cuda" else "int8")
        try:
            model = WhisperModel(str(folder), device=device, compute_type=compute_type)
        except (RuntimeError, ValueError, OSError) as error:
            log.warning("loading Whisper from %s: %s", folder, error)
            raise HearingUnavailable(
                "Whisper could not be loaded to hear the clip; type what is said in it, or mend TIMBRE_WHISPER."
            ) from None
        log.info("Whisper loaded")
        return model

    def _hear(self, samples: Samples, language: str) -> Generator[Event, None, Transcript]:
        import soxr

        sound = soxr.resample(samples, 24_000, 16_000)
        try:
            segments, info = self._model.transcribe(
                sound,
                language=language or None,
                beam_size=5,
                vad_filter=True,
                word_timestamps=True,
                # Without the words before as a prompt one slip does not repeat itself for the rest of the clip.
                condition_on_previous_text=False,
            )
            words: list[Word] = []
            for segment in segments:  # each is heard when it is asked for
                words += [
                    Word(w.word.strip(), float(w.start), float(w.end), float(w.probability))
                    for w in segment.words or ()
                    if w.word.strip()
                ]
                yield Stage("transcribing")
        except ValueError as error:
            if "language" in str(error):
                raise BadParameter(
                    f"Whisper knows no language “{language}”; leave it blank or give a code such as en."
                ) from None
            raise _failed(error) from None
        except RuntimeError as error:
            raise _failed(error) from None
        separator = "" if info.language in ("zh", "ja", "th", "lo", "my", "yue") else " "
        return Transcript(separator.join(word.text for word in words), info.language, tuple(words))


def _failed(error: Exception) -> HearingUnavailable:
    log.warning("Whisper failed: %s", error)
    return HearingUnavailable("The words of the clip could not be heard; type what is said in it and try again.")
