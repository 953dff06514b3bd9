"""Every word spoken: what was said is heard, what went wrong is said again, and the best of it is kept.

Knows pieces of speech, how to have them spoken and how to have them heard; neither model, nor queue, nor file. The same
request gives the same take again: another try draws its noise from the seed, the piece and the number of the try.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np

from .audio import join
from .errors import HearingUnavailable, ModelUnavailable
from .hearing import Alignment, Check, Transcriber
from .listening import Listener, Spoken
from .settings import Settings
from .takes import Draft
from .text import chunk as pieces_of
from .text import language_of
from .text.words import split
from .types import Chunk, CloneRequest, Event, Partial, Samples, StageName, Step

Speak = Callable[[Sequence[Chunk], StageName], Generator[Event, None, None]]
"""Speaks pieces whose numbers count from 0, as a stage's work: Steps, and a Partial for each."""
LONG = 60
"""Words from which a text is checked unless it is said otherwise: some 25 seconds of speech, that nobody listens through
to find the wrong word."""
PACES = 0.87, 1.12, 0.77
"""Paces of the tries that have another length: a word is most often lost for want of time."""
SPLIT_WORDS = 4
"""A piece of fewer words is not cut in two."""
NOTHING = np.zeros(0, np.float32)
UNHEARD = Check(Alignment((), ()), 0, 1.0)
"""Of a piece that could not be heard: nothing is held against it."""


def wanted(request: CloneRequest, can_hear: bool) -> bool:
    """Whether what is spoken is to be heard: as asked, and where nothing is said, in long texts where that can be done.

    Raises HearingUnavailable where it is asked for and cannot be done.
    """
    if request.check == "":
        return can_hear and len(split(request.text)) >= LONG
    if request.check != "off" and not can_hear:
        raise HearingUnavailable("Words cannot be heard here, so they cannot be checked; turn the check off.")
    return request.check != "off"


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

    A Partial is yielded for each chunk in order, once it is settled. What fails is said again before more is spoken:
    somebody may be listening already, and would wait for it.
    """
    tries = _Tries(chunks, speak, listen)
    while rest := [chunk for chunk in chunks if chunk.number not in tries.best]:
        failed = yield from tries.round(rest, 0)
        for attempt in range(1, attempts + 1):
            if not failed:
                break
            failed = yield from tries.round(failed, attempt)
        yield from tries.tell(settled=True)
    return _told(tries.best, tries.faults) if not tries.deaf else (tries.deaf,)


class _Tries:
    """State: the best try of each chunk, the first of each that failed, and how many chunks were told."""

    def __init__(self, chunks: Sequence[Chunk], speak: Speak, listen: Listener) -> None:
        self._chunks, self._speak, self._listen = chunks, speak, listen
        self.best: dict[int, Spoken] = {}
        self.faults: dict[int, Check] = {}
        self._next, self.deaf = 0, ""

    def round(self, todo: Sequence[Chunk], attempt: int) -> Generator[Event, None, list[Chunk]]:
        """Speak and hear the chunks once; return those that failed. The first time it ends after a batch in which any did."""
        failed, ahead = list[Chunk](), 0
        with closing(_spoken(todo, attempt, len(self._chunks), self._speak)) as events:
            for event in events:
                if not isinstance(event, Partial):
                    ahead = event.together if isinstance(event, Step) else ahead
                    yield event
                    continue
                chunk, ahead = self._chunks[event.chunk - 1], ahead - 1
                yield from self._hear(chunk, attempt, event.samples)
                if not self.best[chunk.number].check.passes:
                    failed.append(chunk)
                yield from self.tell()
                if failed and not attempt and not ahead:
                    break
        return failed

    def _hear(self, chunk: Chunk, attempt: int, samples: Samples) -> Generator[Event, None, None]:
        spoken, number = Spoken(samples, UNHEARD), chunk.number
        try:
            if not self.deaf:
                spoken = yield from self._listen(chunk.text, samples)
        except (HearingUnavailable, ModelUnavailable) as error:
            self.deaf = f"The words could not be checked: {error}"
        if not attempt and not spoken.check.passes:
            self.faults[number] = spoken.check
        if number not in self.best or spoken.check.fault < self.best[number].check.fault:
            self.best[number] = spoken

    def tell(self, settled: bool = False) -> Iterator[Partial]:
        """A Partial for each chunk whose turn it is and that is right, or `settled` as it is."""
        while (best := self.best.get(self._next)) and (settled or best.check.passes):
            yield Partial(self._next + 1, len(self._chunks), best.samples)
            self.best[self._next] = replace(best, samples=NOTHING)  # of hours of speech only the rest stays in memory
            self._next += 1


def _spoken(todo: Sequence[Chunk], attempt: int, of: int, speak: Speak) -> Generator[Event, None, None]:
    """One round over some of the `of` chunks; its events bear the numbers of the chunks, whatever they were cut into."""
    tries = [(chunk, piece) for chunk in todo for piece in another(chunk, attempt)]
    numbered = [replace(piece, number=number) for number, (_, piece) in enumerate(tries)]
    count = {chunk.number: sum(one is chunk for one, _ in tries) for chunk in todo}
    sounds: defaultdict[int, dict[int, Samples]] = defaultdict(dict)
    with closing(speak(numbered, "repairing" if attempt else "speaking")) as events:
        for event in events:
            if isinstance(event, Step):
                yield replace(event, chunk=tries[event.chunk - 1][0].number + 1, chunks=of)
            elif isinstance(event, Partial):
                number = tries[event.chunk - 1][0].number
                sounds[number][event.chunk] = event.samples
                if len(sounds[number]) == count[number]:
                    pieces = [samples for _, samples in sorted(sounds.pop(number).items())]
                    yield Partial(number + 1, of, join(pieces, 0.0, [0.0] * (len(pieces) - 1)))
            else:
                yield event


def another(chunk: Chunk, attempt: int) -> tuple[Chunk, ...]:
    """How a chunk is spoken at a try: other noise, then another length, then cut in two, and so on; 0 is as it stands."""
    key = f"{chunk.number}/{attempt}" if attempt else ""
    way = (attempt - 1) % 3 if attempt else 0
    if way == 1:
        return (replace(chunk, key=key, pace=chunk.pace * PACES[(attempt - 1) // 3 % len(PACES)]),)
    if way == 2 and len(split(chunk.text)) >= SPLIT_WORDS:
        halves = pieces_of(chunk.text, max(len(chunk.text.encode()) * 6 // 10, 4))
        return tuple(replace(half, key=f"{key}/{half.number}", pace=chunk.pace) for half in halves)
    return (replace(chunk, key=key),)


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
