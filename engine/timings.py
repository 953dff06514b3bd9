"""When each word of a finished sound is spoken: what is heard in it, aligned to the words it was asked to say.

Times are those of the finished file, whatever was joined, cut out or levelled on the way. Knows neither who asks nor how
times are written down.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

from .audio import decode
from .checks import check_language
from .clips import Clips
from .errors import HearingUnavailable, NotFound, TimbreError
from .hearing import align, spread
from .parts import Version, near, texts, with_words
from .repair import CONTEXT
from .restore import restore
from .settings import Settings
from .text import check, language_of
from .text.words import split
from .types import RATE, Event, Samples, Stage, Take, Timed, Transcript, Word

EARLY = 0.1, 0.08
"""Seconds by which Whisper tells a word's start and end too early, where times are known (benchmarks/timings.py): on the 70
words of two voices it was chosen on, starts are 57 ms off in the mean (95 %: 122) instead of 114 (200), ends 46 (99)
instead of 82 (174); on 71 of two other voices starts are 62 ms off and ends 57."""


class Timings:
    """Word times of takes and files; what was heard is remembered with the clips.

    Each verb's generator tells Stage and Loading as they come, and last a Transcript: the text that was asked for, every
    word of it once as `text.words.split` gives it, with times that never go backwards. A word that was not heard has the
    place between its neighbours, and probability 0.
    """

    def __init__(self, settings: Settings, clips: Clips) -> None:
        self._settings, self._clips = settings, clips

    def of_take(self, take: Take) -> Generator[Event | Transcript, None, None]:
        """The words of a take. Its `next` raises NotFound, HearingUnavailable."""
        if not take.file.is_file():
            raise NotFound("This take is no longer kept; generate it again.")
        samples = decode(take.file, most_bytes=take.file.stat().st_size, most_seconds=take.seconds + 1, least_seconds=0)
        yield (yield from self._heard(samples, take.request.text, take.request.language))

    def told(self, take: Take, cancelled: threading.Event) -> Generator[Event, None, tuple[Word, ...]]:
        """The same as part of a job: what comes of it is told as Timed, and returned; raises nothing."""
        found = Timed(take.id, error="The job was cancelled before the words' times were known; ask for them again.")
        try:
            for event in self.of_take(take):
                if cancelled.is_set():
                    break
                if isinstance(event, Transcript):
                    found = Timed(take.id, event.words)
                else:
                    yield event
        except TimbreError as error:
            found = Timed(take.id, error=str(error))
        yield found
        return found.words

    def of_file(self, file: Path, text: str = "", language: str = "") -> Generator[Event | Transcript, None, None]:
        """The words of any sound; where `text` is blank, those that a file of ours was asked to say.

        `language` is of the words, a two-letter code, blank: guessed. Raises BadInput at once; `next` raises BadClip,
        HearingUnavailable.
        """
        check_language(language)
        if not text.strip():
            made = restore(file).request
            text, language = made.text, language or made.language
        check(text, self._settings.text_characters)
        return self._of_file(file, text, language.lower())

    def near(self, was: Version, first: int, last: int, language: str) -> Generator[Event, None, Version]:
        """A take with its words' times as part of a job: heard where they are near words `first` to `last`, of the others
        those of their parts are shared among them. Its `next` raises HearingUnavailable."""
        a, b = near(was, first, last, CONTEXT)
        said = "".join(texts(was.text, was.parts)[a : b + 1])
        heard = yield from self._heard(was.sound[was.parts[a].start : was.parts[b].end], said, language)
        return with_words(was, a, b, heard.words)

    def within(self, samples: Samples, text: str, language: str) -> Generator[Event, None, tuple[Word, ...]]:
        """The words of a piece of sound as part of a job; where they cannot be heard laid over it, as not heard."""
        try:
            return (yield from self._heard(samples, text, language)).words
        except HearingUnavailable:
            pass
        return tuple(spread(split(text), Word("", 0.0, len(samples) / RATE, 0.0)))

    def _of_file(self, file: Path, text: str, language: str) -> Generator[Event | Transcript, None, None]:
        yield (yield from self._heard(self._clips.decode(file), text, language))

    def _heard(self, samples: Samples, text: str, language: str) -> Generator[Event, None, Transcript]:
        yield Stage("timing")
        language = language_of(text) or language or "en"
        try:
            heard = yield from _timing(self._clips.hear(samples, language, {}))
        except HearingUnavailable:
            raise HearingUnavailable(
                "No words could be heard in it, so their times are not known; see that Whisper works, or make it again."
            ) from None
        found = align(text, _later(heard.words, len(samples) / RATE), language)
        return Transcript(text, language, tuple(asked.word for asked in found.asked))


def _later(words: Sequence[Word], seconds: float) -> list[Word]:
    """What was heard where it is, within the sound."""
    starts = [min(word.start + EARLY[0], seconds) for word in words]
    ends = [min(word.end + EARLY[1], seconds) for word in words]
    times = zip(words, starts, ends, strict=True)
    return [replace(word, start=start, end=max(start, end)) for word, start, end in times]


def _timing(hearing: Generator[Event, None, Transcript]) -> Generator[Event, None, Transcript]:
    """The same under our stage's name."""
    while True:
        try:
            event = next(hearing)
        except StopIteration as end:
            heard: Transcript = end.value
            return heard
        yield Stage("timing") if isinstance(event, Stage) else event
