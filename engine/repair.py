"""Some words of a finished take said again: which stretch of its sound they are, and what becomes of the take.

Only that stretch is filled anew, between what is said before and after it; all else keeps its samples to the bit. Knows
sounds, words with their times and takes; neither model nor queue, nor who hears.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .audio import limit, patch, quietest, rms
from .changes import RepairRequest
from .changing import how_made, open_take
from .checks import check_repair
from .errors import BadParameter, HearingUnavailable, ModelUnavailable
from .hearing import Asked, spread
from .listening import Listener
from .parts import Version, changed
from .plan import spoken_text
from .speech import Gap, Watermark
from .speech.model import HOP
from .text import check, language_of
from .text.words import followed, joined, place, split
from .types import RATE, Event, Partial, Restored, Samples, Word

CONTEXT = 3.0
"""Seconds before and after that the model is given: what it needs to go on in the same tone."""
REST = 0.35
"""Seconds of a pause that the context does not reach over: another sentence has a tone of its own."""
SLIP = 0.03, 0.1
"""Seconds beyond a word's heard edge where its sound is cut: as far as it may really reach, since nine of ten edges are
heard within 0.1 s of where they are, and a rest of the old word would be heard."""
MOST_LETTERS = 200
"""Of what is said in place of the words."""


@dataclass(frozen=True, eq=False)
class Repair:
    """What is to be said again in a take, and where."""

    asked: RepairRequest
    made: Restored
    """How the take was made, as its file tells."""
    was: Version
    """The take; what is below but for what is said needs its words' times."""

    @property
    def language(self) -> str:
        """Of the text, a two-letter code."""
        return language_of(self.made.request.text) or self.made.request.language or "en"

    @property
    def span(self) -> str:
        """The words to be said again, as they were written."""
        return joined(split(self.was.text)[self.asked.first : self.asked.last + 1])

    @property
    def written(self) -> str:
        """The words that are to stand in their place."""
        return " ".join(self.asked.text.split()) or self.span

    @property
    def said(self) -> str:
        """How these are spelled to be said."""
        return self.asked.say.strip() or self.written

    @property
    def text(self) -> str:
        """The take's, with these in it."""
        text = self.made.request.text
        start, end = place(text, self.asked.first, self.asked.last)
        return followed(followed(text[:start], self.written), text[end:]) if self.asked.text.strip() else text

    @property
    def told(self) -> str:
        """What was done, as a take and its file tell it."""
        changed = f", now “{self.written}”" if self.written != self.span else ""
        return f"“{self.span}”" + changed + (f", said as “{self.said}”" if self.said != self.written else "")

    @cached_property
    def edges(self) -> tuple[int, int]:
        """Between which samples all is sampled anew: the words, and what of their neighbours runs into them."""
        start = self._start(self.asked.first)
        return start, max(start, self._end(self.asked.last))

    @cached_property
    def context(self) -> tuple[int, int]:
        """The first word of the stretch that the model is given, and the one after its last."""
        words, first, past = self.was.words, self.asked.first, self.asked.last + 1
        begin, end = first, past
        while begin and self.was.words[first].start - words[begin - 1].start <= CONTEXT and self._close(begin):
            begin -= 1
        while end < len(words) and words[end].end - words[past - 1].end <= CONTEXT and self._close(end):
            end += 1
        return begin, end

    def gap(self) -> Gap:
        """What the model is to fill, and what it is given around it."""
        (start, end), (begin, past) = self.edges, self.context
        first, last = self.asked.first, self.asked.last
        origin = start - max(start - self._start(begin), 0) // HOP * HOP
        replaced = self._spoken(Word(self.span, self.was.words[first].start, self.was.words[last].end), origin)
        heard = max(word.probability for word in self.was.words[first : last + 1])
        return Gap(
            stretch=self.was.sound[origin : max(self._end(past - 1), end)],
            start=start - origin,
            end=end - origin,
            before=tuple(self._spoken(word, origin) for word in self.was.words[begin:first]),
            replaced=replace(replaced, probability=heard),
            words=self._text(self.said),
            after=tuple(self._spoken(word, origin) for word in self.was.words[last + 1 : past]),
            level=rms(self.was.sound),
        )

    def candidate(self, new: Samples) -> Version:
        """The take with this in place of the words; `new` goes on for MARGIN at both ends."""
        (start, end), first, past = self.edges, self.asked.first, self.asked.last + 1
        sound = patch(self.was.sound, start, end, limit(new, float(np.abs(self.was.sound).max()) or 1.0))
        more = len(sound) - len(self.was.sound)
        later, said = more / RATE, split(self.written)
        over = Word("", self.was.words[first].start, self.was.words[past - 1].end + later)
        words = (
            *self.was.words[:first],
            *spread(said, over),
            *(replace(word, start=word.start + later, end=word.end + later) for word in self.was.words[past:]),
        )
        parts = changed(self.was.parts, first, past - 1, len(said) - (past - first), (start, end), more)
        return Version(sound, self.text, parts, words)

    def _close(self, number: int) -> bool:
        return self.was.words[number].start - self.was.words[number - 1].end < REST

    def _start(self, number: int) -> int:
        """A quiet sample before a word, in the second half of the one before it; or the sound's first, where that is near."""
        near = self.was.words[number].start
        if not number:
            return max(round((near - CONTEXT) * RATE), 0)
        before = self.was.words[number - 1]
        return self._quietest(max((before.start + before.end) / 2, near - SLIP[1]), near - SLIP[0])

    def _end(self, number: int) -> int:
        """A quiet sample after a word, in the first half of the one after it; or the sound's last, where that is near."""
        near = self.was.words[number].end
        if number == len(self.was.words) - 1:
            return min(round((near + CONTEXT) * RATE), len(self.was.sound))
        after = self.was.words[number + 1]
        return self._quietest(near + SLIP[0], min((after.start + after.end) / 2, near + SLIP[1]))

    def _quietest(self, low: float, high: float) -> int:
        return quietest(self.was.sound, round(low * RATE), round(high * RATE))

    def _text(self, written: str) -> str:
        return spoken_text(self.made.request, written, self.language)

    def _spoken(self, word: Word, origin: int) -> Word:
        """A word as it is spoken, in seconds from a sample."""
        start, end = (max(time - origin / RATE, 0.0) for time in (word.start, word.end))
        return replace(word, text=self._text(word.text), start=start, end=end)


def read(request: RepairRequest) -> Restored:
    """How the take was made that is to be mended, all of the request checked that can be before anything slow begins.

    Raises BadInput.
    """
    check_repair(request)
    for words in filter(str.strip, (request.text, request.say)):
        check(words, MOST_LETTERS)
    return how_made(request.file, request.clip)


def open_repair(request: RepairRequest, made: Restored) -> Repair:
    """The repair that is asked for, of the words of the take that the request has, maybe none. Raises BadInput where they
    are not the take's."""
    was = open_take(request.file, made, request.words)
    count = sum(part.words for part in was.parts)
    if request.last >= count:
        raise BadParameter(f"The take has {count} words, counted from 0; choose among those.")
    asked = replace(request, first=int(request.first), last=int(request.last))  # 1.0 is a whole number too
    repair = Repair(asked, made, was)
    check(repair.said, MOST_LETTERS)
    return repair


def mend(
    repair: Repair, events: Iterable[Event], listener: Listener | None, watermark: Watermark | None
) -> Generator[Event, None, list[Version]]:
    """The events of `infill`; what it fills in, marked, becomes candidates, those that were heard rightly first.

    Raises Unavailable.
    """
    found: list[tuple[float, int, Version]] = []
    for event in events:
        if not isinstance(event, Partial):
            yield event
            continue
        new = watermark.mark(event.samples) if watermark else event.samples
        fault, candidate = 0.0, repair.candidate(new)
        if listener:
            fault, candidate = yield from _heard(repair, candidate, listener)
        found.append((fault, event.chunk, candidate))
    return [candidate for *_, candidate in sorted(found, key=lambda one: one[:2])]


def _heard(repair: Repair, candidate: Version, listener: Listener) -> Generator[Event, None, tuple[float, Version]]:
    """How wrong the new stretch is, less how surely its new words were heard, and the candidate with that in it."""
    begin, past = repair.context
    first, after = repair.asked.first, repair.asked.last + 1
    more = len(candidate.words) - len(repair.was.words)
    before, behind = (joined(word.text for word in repair.was.words[a:b]) for a, b in ((begin, first), (after, past)))
    texts = [joined([before, words, behind]) for words in (repair.said, repair.written)]
    start, end = candidate.words[begin].start, candidate.words[past + more - 1].end
    stretch = candidate.sound[round(start * RATE) : round(end * RATE)]
    try:
        spoken = yield from listener.hear(stretch, *texts)
    except (HearingUnavailable, ModelUnavailable):
        return float("inf"), candidate
    asked = spoken.check.words.asked[first - begin : len(spoken.check.words.asked) - (past - after)]
    least = min((_sure(one) for one in asked), default=0.0)
    new = _timed(asked, candidate.words[first : after + more], start, least)
    words = *candidate.words[:first], *new, *candidate.words[after + more :]
    return spoken.check.fault - least, replace(candidate, words=words)


def _sure(asked: Asked) -> float:
    return asked.word.probability * (asked.kind in ("same", "alike"))


def _timed(asked: Sequence[Asked], new: Sequence[Word], origin: float, least: float) -> list[Word]:
    """The new words when they were heard, in a stretch that begins at `origin` seconds, within the time that all of them
    have. A spelling by ear may have more words, or fewer: they keep their places, as sure as the least of what was heard."""
    if len(asked) != len(new):
        return [replace(word, probability=least) for word in new]
    low, high = new[0].start - origin, new[-1].end - origin

    def when(time: float) -> float:
        return origin + min(max(time, low), high)

    return [
        Word(word.text, when(one.word.start), when(one.word.end), _sure(one))
        for word, one in zip(new, asked, strict=True)
    ]
