"""The parts of a take: which words each has, where it lies in the sound; all laid anew, or one put in its place.

Pure: knows texts, sounds and words with their times; neither files, nor who spoke the parts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import accumulate, chain, pairwise

from .audio import join, quietest, starts
from .changes import Place
from .errors import BadText
from .hearing import spread
from .text import pairs
from .text.words import followed, split
from .text.words import starts as word_starts
from .types import RATE, Part, Samples, Take, Word

LOSSY = RATE // 10
"""Samples by which a file may be longer or shorter than it was told to be, as lossy formats are."""


@dataclass(frozen=True, eq=False)
class Version:
    """A take as it is to be; `words` are all of its text's with their times, or none."""

    sound: Samples = field(repr=False)
    text: str
    parts: tuple[Part, ...]
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Piece:
    """A part of a take as a person knows it: what it says, its seconds in the take, and those of the pause after it."""

    text: str
    start: float
    end: float
    pause: float


def pieces(take: Take) -> tuple[Piece, ...]:
    """The parts of a take, in order."""
    text, parts = take.request.text, known(take.parts, take.request.text, round(take.seconds * RATE))
    told = zip(texts(text, parts), parts, _pauses(parts), strict=True)
    return tuple(
        Piece(said.rstrip(), part.start / RATE, part.end / RATE, round(pause / RATE, 3)) for said, part, pause in told
    )


def known(parts: Sequence[Part], text: str, length: int) -> tuple[Part, ...]:
    """The parts of a take that says `text` in so many samples: one, where none are told or they are of another."""
    if not parts or abs(parts[-1].end - length) > LOSSY or parts[-1].start >= length:
        return (Part(len(split(text)), 0, length),)
    return (*parts[:-1], replace(parts[-1], end=length))


def near(was: Version, first: int, last: int, seconds: float) -> tuple[int, int]:
    """The first and the last of the parts that say words `first` to `last`, or lie within so many seconds of those."""
    a, b = _sharing(was.parts, first, last)
    low, high = was.parts[a].start - seconds * RATE, was.parts[b].end + seconds * RATE
    reached = [number for number, part in enumerate(was.parts) if part.end > low and part.start < high]
    return reached[0], reached[-1]


def with_words(was: Version, first: int, last: int, heard: Sequence[Word]) -> Version:
    """The take with its words' times: those of parts `first` to `last` as they are `heard` in these, from their start; the
    others are laid over their parts, as not heard."""
    laid = [
        spread(split(said), Word("", part.start / RATE, part.end / RATE, 0.0))
        for said, part in zip(texts(was.text, was.parts), was.parts, strict=True)
    ]
    begin, end = was.parts[first].start, was.parts[last].end
    laid[first : last + 1] = [_within(Part(len(heard), begin, end), heard, begin)]
    return replace(was, words=tuple(chain.from_iterable(laid)))


def parts_of(
    sound: Samples, text: str, language: str, chunks: Sequence[str], begins: Sequence[int], ends: Sequence[int]
) -> tuple[Part, ...]:
    """The parts of a sound that says `text`, of whose chunks, as they were spoken, each begins and ends at a sample.

    Where two overlap, the quietest place parts them. What has no word of the text goes with the part before it.
    """
    begins, ends = [*begins], [*ends]
    for number in range(1, len(begins)):
        if begins[number] < ends[number - 1]:
            begins[number] = ends[number - 1] = quietest(sound, begins[number], ends[number - 1])
    parts: list[Part] = []
    for words, begin, end in zip(_counted(text, language, chunks), begins, ends, strict=True):
        if parts and not (words and parts[-1].words):
            parts[-1] = Part(parts[-1].words + words, parts[-1].start, end)
        else:
            parts.append(Part(words, begin, end))
    return tuple(parts)


def texts(text: str, parts: Sequence[Part]) -> list[str]:
    """The text of each part, with the space or break that follows it."""
    begins = [*word_starts(text), len(text)]
    return [text[begins[first] : begins[past]] for first, past in pairwise(_firsts(parts))]


def lay(was: Version, places: Sequence[Place]) -> Version:
    """The parts as `places` have them: each once, and one at least not muted.

    Those that follow each other as before, after the same pause, keep all samples; elsewhere 10 ms are cross-faded, or
    faded at a pause.
    """
    runs = _runs(was.parts, places)
    stretches = [was.sound[was.parts[first].start : was.parts[past - 1].end] for first, past, _ in runs]
    silent = [pause / RATE for *_, pause in runs[:-1]]
    laid: list[Part] = []
    for (first, past, _), begin in zip(runs, starts([*map(len, stretches)], 0.0, silent), strict=True):
        later = begin - was.parts[first].start
        if laid:
            laid[-1] = replace(laid[-1], end=min(laid[-1].end, begin))
        laid += [Part(part.words, part.start + later, part.end + later) for part in was.parts[first:past]]
    order = [number for first, past, _ in runs for number in range(first, past)]
    text = _ordered(texts(was.text, was.parts), order)
    return Version(join(stretches, 0.0, silent), text, tuple(laid), tuple(_moved(was.parts, was.words, order, laid)))


def put(was: Version, number: int, new: Samples, said: Sequence[Word]) -> Version:
    """The same with another sound of one part; all else keeps its samples but for 10 ms that are cross-faded with it.

    `said` are the part's words with their times in `new`, or none.
    """
    part, firsts = was.parts[number], _firsts(was.parts)
    stretches = [was.sound[: part.start], new, was.sound[part.end :]]
    _, start, end = starts([*map(len, stretches)], 0.0, [0.0, 0.0])
    first, past = firsts[number], firsts[number + 1]
    parts = changed(was.parts, first, past - 1, 0, (start, part.end), end - part.end)
    words = _moved(was.parts, was.words, range(len(parts)), parts)
    words[first:past] = _within(parts[number], said, start)
    return Version(join(stretches, 0.0, [0.0, 0.0]), was.text, parts, tuple(words))


def words_heard(take: Take, places: Iterable[Place]) -> list[int]:
    """Which of a take's words are heard where its parts lie as `places` have them: their numbers, in the order they are."""
    firsts = _firsts(take.parts)
    return [n for place in places if not place.muted for n in range(firsts[place.part], firsts[place.part + 1])]


def words_laid(take: Take, words: Sequence[Word], places: Iterable[Place], laid: Take) -> tuple[Word, ...]:
    """The words of a take as they are in another, where its parts lie as `places` have them."""
    order = [place.part for place in places if not place.muted]
    return tuple(_moved(take.parts, words, order, laid.parts))


def places_after(take: Take, places: Iterable[Place], first: int, last: int) -> tuple[Place, ...]:
    """The places once words `first` to `last` of a take were said again: the parts that share them are one from then on."""
    a, b = _sharing(take.parts, first, last)
    kept = [place for place in places if not a <= place.part < b]
    return tuple(replace(place, part=place.part - (b - a) * (place.part >= b)) for place in kept)


def changed(
    parts: Sequence[Part], first: int, last: int, more: int, edges: tuple[int, int], later: int
) -> tuple[Part, ...]:
    """The parts once words `first` to `last` are others, `more` in number, between two samples, with `later` samples more.

    Parts that share what was changed are one from then on.
    """
    a, b = _sharing(parts, first, last)
    start, end = min(parts[a].start, edges[0]), max(parts[b].end, edges[1]) + later
    return (
        *(replace(part, end=min(part.end, edges[0])) for part in parts[:a]),
        Part(sum(part.words for part in parts[a : b + 1]) + more, start, end),
        *(Part(part.words, max(part.start, edges[1]) + later, part.end + later) for part in parts[b + 1 :]),
    )


def _sharing(parts: Sequence[Part], first: int, last: int) -> tuple[int, int]:
    """The numbers of the parts that have the first and the last of some words."""
    firsts = _firsts(parts)
    return bisect_right(firsts, first) - 1, bisect_right(firsts, last) - 1


def _firsts(parts: Sequence[Part]) -> list[int]:
    """The number of each part's first word, and of all words."""
    return [0, *accumulate(part.words for part in parts)]


def _pauses(parts: Sequence[Part]) -> list[int]:
    """Samples of silence after each part; 0 after the last."""
    return [*(after.start - part.end for part, after in pairwise(parts)), 0]


def _counted(text: str, language: str, chunks: Sequence[str]) -> list[int]:
    """How many words of a text each of its chunks has, as they were spoken: “$5” is two words there."""
    spoken = [number for number, chunk in enumerate(chunks) for _ in split(chunk)]
    counts, at = [0] * len(chunks), 0
    try:
        runs = pairs(text, " ".join(chunks), language) if len(chunks) > 1 else ()
    except BadText:  # a number that only a dictionary made sayable
        runs = ()
    for run in runs:
        counts[spoken[min(at, len(spoken) - 1)]] += len(run.ours)
        at += len(run.theirs)
    return counts if runs else [len(split(text)), *counts[1:]]


def _runs(parts: Sequence[Part], places: Iterable[Place]) -> list[tuple[int, int, int]]:
    """The parts that are heard, in one where they follow each other as before: first, one after the last, pause after."""
    before, runs = _pauses(parts), list[tuple[int, int, int]]()
    for place in places:
        if place.muted:
            continue
        number = place.part
        pause = before[number] if place.pause is None else round(place.pause * RATE)
        first, past, silence = runs[-1] if runs else (0, -1, 0)
        if number == past and silence == before[past - 1]:
            runs[-1] = first, number + 1, pause
        else:
            runs.append((number, number + 1, pause))
    return runs


def _ordered(said: Sequence[str], order: Sequence[int]) -> str:
    """Texts in an order; none runs into another so that two words would be one."""
    return reduce(followed, (said[number] for number in order)).rstrip()


def _moved(parts: Sequence[Part], words: Sequence[Word], order: Iterable[int], laid: Iterable[Part]) -> list[Word]:
    """The words of parts in an order, where these are laid now."""
    found, firsts = list[Word](), _firsts(parts)
    for number, part in zip(order, laid, strict=True):
        later = part.start - parts[number].start
        found += _within(part, words[firsts[number] : firsts[number + 1]], later)
    return found


def _within(part: Part, words: Iterable[Word], later: int) -> list[Word]:
    """Words so many samples later, none beyond the part's edges."""
    edges = part.start / RATE, part.end / RATE
    moved = ((word, word.start + later / RATE, word.end + later / RATE) for word in words)
    return [replace(w, start=min(max(a, edges[0]), edges[1]), end=min(max(b, edges[0]), edges[1])) for w, a, b in moved]
