"""Every word spoken: what was said is heard, what went wrong is said again, and the best of it is kept.

Knows pieces of speech, how to have them spoken and how to have them heard; neither model, nor queue, nor file. The same
request gives the same take again: another try draws its noise from the seed, the piece and the number of the try.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
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
from .types import Chunk, CloneRequest, Event, Partial, Samples, Stage

Speak = Callable[[Sequence[Chunk], str], Generator[Event, None, None]]
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
