"""Every word spoken: what was said is heard, what went wrong is said again, and the best of it is kept.

Knows pieces of speech, how to have them spoken and how to have them heard; neither model, nor queue, nor file. The same
request gives the same take again: another try draws its noise from the seed, the piece and the number of the try.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .audio import join, silences
from .audio.edges import KEPT
from .errors import HearingUnavailable, ModelUnavailable
from .hearing import Alignment, Check, Transcriber, check
from .settings import Settings
from .takes import Draft, timed
from .text import chunk as pieces_of
from .text import language_of
from .text.words import split
from .types import RATE, Chunk, CloneRequest, Event, Loading, Partial, Reference, Samples, Stage, Word
from .voice.speaker import embed

Speak = Callable[[Sequence[Chunk], str], Generator[Event, None, None]]
"""Speaks pieces whose numbers count from 0, as a stage's work: Steps, and a Partial for each."""
LONG = 60
"""Words from which a text is checked unless it is said otherwise: some 25 seconds of speech, that nobody listens through
to find the wrong word."""
PACES = 0.87, 1.12, 0.77
"""Paces of the tries that have another length: a word is most often lost for want of time."""
SPLIT_WORDS = 4
"""A piece of fewer words is not cut in two."""
ROOM = 0.25
"""Seconds of silence around a piece when it is heard: Whisper is deaf to a word that fills the whole sound."""
NOTHING = np.zeros(0, np.float32)
UNHEARD = Check(Alignment((), ()), 0, 1.0)
"""Of a piece that could not be heard: nothing is held against it."""
TIMING_ERROR = 0.15
"""Seconds by which a word's heard edge may lie inside a silence."""


@dataclass(frozen=True, eq=False)
class Spoken:
    """One try at a piece: its sound and what was found in it."""

    samples: Samples
    check: Check
    cut: tuple[str, ...] = ()
    """Words that were heard at its edges beside those asked for, and were cut off."""


def wanted(request: CloneRequest, can_hear: bool) -> bool:
    """Whether what is spoken is to be heard: as asked, and where nothing is said, in long texts where that can be done.

    Raises HearingUnavailable where it is asked for and cannot be done.
    """
    if request.check == "":
        return can_hear and len(split(request.text)) >= LONG
    if request.check != "off" and not can_hear:
        raise HearingUnavailable("Words cannot be heard here, so they cannot be checked; turn the check off.")
    return request.check != "off"


@dataclass(frozen=True, eq=False)
class Listener:
    """Hears pieces of speech and finds what is wrong in them."""

    transcriber: Transcriber
    reference: Reference
    language: str
    """Of the text, a two-letter code."""
    timings: dict[str, float]

    def __call__(self, text: str, samples: Samples) -> Generator[Event, None, Spoken]:
        """Yield progress, return the piece with what was found; words added at its edges are cut off where that helps.

        Raises HearingUnavailable, ModelUnavailable.
        """
        spoken = yield from self.hear(samples, text)
        shorter, gone = cut_edges(samples, spoken.check)
        if gone:
            again = yield from self.hear(shorter, text)
            if again.check.fault < spoken.check.fault:
                return replace(again, cut=gone)
        return spoken

    def hear(self, samples: Samples, *texts: str) -> Generator[Event, None, Spoken]:
        """The same, nothing cut off; where it may be written in several ways, it is held against the likest."""
        yield Stage("checking")
        with timed(self.timings, "checking"):
            heard = yield from self._transcribed(samples)
            seconds = len(samples) / RATE
            checks = [check(text, heard, self.reference.text, seconds, self.language) for text in texts]
        found = min(checks, key=lambda check: check.fault)
        return Spoken(samples, replace(found, likeness=float(_voice(samples) @ self._voice)))

    def _transcribed(self, samples: Samples) -> Generator[Event, None, tuple[Word, ...]]:
        hearing = self.transcriber.transcribe(np.pad(samples, round(ROOM * RATE)), self.language)
        while True:
            try:
                event = next(hearing)
            except StopIteration as end:
                words: tuple[Word, ...] = end.value.words
                return tuple(replace(w, start=max(w.start - ROOM, 0.0), end=max(w.end - ROOM, 0.0)) for w in words)
            yield event if isinstance(event, Loading) else Stage("checking")

    @cached_property
    def _voice(self) -> NDArray[np.float32]:
        return _voice(self.reference.samples)


def say(
    draft: Draft, speak: Speak, transcriber: Transcriber | None, settings: Settings
) -> Generator[Event, None, None]:
    """Speak the draft's chunks; a Partial for each, in order, and what was found and done goes into its notes.

    Without a `transcriber` each is spoken once.
    """
    request, reference = draft.request, draft.reference
    if transcriber is None:
        yield from speak(draft.chunks, "speaking")
        return
    language = language_of(request.text) or reference.language or "en"
    listen = Listener(transcriber, reference, language, draft.timings)
    attempts = settings.check_most if request.check == "until right" else settings.check_attempts
    draft.notes += yield from choose(draft.chunks, speak, listen, attempts)


def choose(
    chunks: Sequence[Chunk], speak: Speak, listen: Listener, attempts: int
) -> Generator[Event, None, tuple[str, ...]]:
    """Speak the chunks, those that fail again up to `attempts` times; return what was found and done, as sentences.

    A Partial is yielded for each chunk in order, once it is settled.
    """
    best: dict[int, Spoken] = {}
    faults: dict[int, Check] = {}
    """The first try of each chunk that failed."""
    told, deaf = 0, ""
    for attempt in range(attempts + 1):
        todo = [chunk for chunk in chunks if attempt == 0 or not best[chunk.number].check.passes]
        if not todo:
            break
        if attempt:
            yield Stage("repairing")
        for event in _spoken(todo, attempt, speak):
            if not isinstance(event, Partial):
                yield event
                continue
            number = event.chunk - 1
            spoken = Spoken(event.samples, UNHEARD)
            try:
                if not deaf:
                    spoken = yield from listen(chunks[number].text, event.samples)
            except (HearingUnavailable, ModelUnavailable) as error:
                deaf = f"The words could not be checked: {error}"
            if not attempt and not spoken.check.passes:
                faults[number] = spoken.check
            if number not in best or spoken.check.fault < best[number].check.fault:
                best[number] = spoken
            while told in best and best[told].check.passes:
                yield Partial(told + 1, len(chunks), best[told].samples)
                best[told] = replace(best[told], samples=NOTHING)  # of hours of speech only the rest stays in memory
                told += 1
    for number in range(told, len(chunks)):
        yield Partial(number + 1, len(chunks), best[number].samples)
    return _told(best, faults) if not deaf else (deaf,)


def _spoken(todo: Sequence[Chunk], attempt: int, speak: Speak) -> Generator[Event, None, None]:
    """One round over some chunks; its Partials bear the numbers of the chunks, whatever they were cut into."""
    tries = [(chunk, piece) for chunk in todo for piece in another(chunk, attempt)]
    numbered = [replace(piece, number=number) for number, (_, piece) in enumerate(tries)]
    count = {chunk.number: sum(one is chunk for one, _ in tries) for chunk in todo}
    sounds: defaultdict[int, dict[int, Samples]] = defaultdict(dict)
    for event in speak(numbered, "repairing" if attempt else "speaking"):
        if not isinstance(event, Partial):
            yield event
            continue
        number = tries[event.chunk - 1][0].number
        sounds[number][event.chunk] = event.samples
        if len(sounds[number]) == count[number]:
            pieces = [samples for _, samples in sorted(sounds.pop(number).items())]
            yield Partial(number + 1, event.chunks, join(pieces, 0.0, [0.0] * (len(pieces) - 1)))


def another(chunk: Chunk, attempt: int) -> tuple[Chunk, ...]:
    """How a chunk is spoken at a try: other noise, then another length, then cut in two, and so on; 0 is as it stands."""
    key = f"{chunk.number}/{attempt}" if attempt else ""
    way = (attempt - 1) % 3 if attempt else 0
    if way == 1:
        return (replace(chunk, key=key, pace=PACES[(attempt - 1) // 3 % len(PACES)]),)
    if way == 2 and len(split(chunk.text)) >= SPLIT_WORDS:
        halves = pieces_of(chunk.text, max(len(chunk.text.encode()) * 6 // 10, 4))
        return tuple(replace(half, key=f"{key}/{half.number}") for half in halves)
    return (replace(chunk, key=key),)


def cut_edges(samples: Samples, found: Check) -> tuple[Samples, tuple[str, ...]]:
    """The sound without the words heard before the first or after the last that was asked for, and those words.

    Cut in the silence between; where there is none nothing is cut, since that would be heard.
    """
    asked = [one.word for one in found.words.asked if one.kind in ("same", "alike")]
    before = [extra.word for extra in found.words.extras if extra.before == 0]
    after = [extra.word for extra in found.words.extras if extra.before == len(found.words.asked)]
    quiet = silences(samples, 0.05)
    start, end, gone = 0.0, len(samples) / RATE, []
    if asked and before and (pause := _pause(quiet, before[-1], asked[0])):
        start, gone = max(pause[1] - KEPT, pause[0]), [word.text for word in before]
    if asked and after and (pause := _pause(quiet, asked[-1], after[0])):
        end, gone = min(pause[0] + KEPT, pause[1]), gone + [word.text for word in after]
    return samples[round(start * RATE) : round(end * RATE)], tuple(gone)


def _pause(quiet: Sequence[tuple[float, float]], before: Word, after: Word) -> tuple[float, float] | None:
    """The longest silence between two words; None where they run into each other."""
    between = [
        (start, end) for start, end in quiet if end > before.end - TIMING_ERROR and start < after.start + TIMING_ERROR
    ]
    return max(between, key=lambda pause: pause[1] - pause[0], default=None)


def _voice(samples: Samples) -> NDArray[np.float32]:
    """A unit vector of the whole sound's voice."""
    mean = embed(samples).mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9))


def _listed(reasons: Sequence[str]) -> str:
    """At most three of them."""
    return "; ".join([*reasons[:3], *(["and more"] if len(reasons) > 3 else [])])


def _told(best: dict[int, Spoken], faults: dict[int, Check]) -> tuple[str, ...]:
    """What was found and done, a sentence each."""
    right = [check.reason for number, check in faults.items() if best[number].check.passes]
    wrong = [spoken.check.reason for spoken in best.values() if not spoken.check.passes]
    notes = []
    if right:
        notes.append(f"{_parts(right)} made again: {_listed(right)}.")
    if cut := [word for spoken in best.values() for word in spoken.cut]:
        notes.append(f"Words beside the text were cut off: {', '.join(cut[:5])}.")
    if wrong:
        notes.append(f"{_parts(wrong)} still not right, listen to it: {_listed(wrong)}.")
    return (*notes, *(() if wrong else ("Checked: every word was heard.",)))


def _parts(several: Sequence[object]) -> str:
    return "1 part" if len(several) == 1 else f"{len(several)} parts"
