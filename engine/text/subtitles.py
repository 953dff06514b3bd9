"""Timed words of a text -> subtitles and tables of them: SRT, VTT, ASS, CSV, JSON.

Every word stands in each file once, as it was written, but for what a player would take for a mark. Knows text and
times; not how these were found.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

from ..sheets import quoted
from ..types import Word

LINE = 42
"""Letters of a line, as Netflix has it for Latin scripts; a Chinese character is as wide as two."""
LONGEST = 6.0
"""Seconds of a subtitle, unless one word takes longer."""
SHORTEST = 5 / 6
"""Seconds it stays at least, where the next one leaves it the time; as above."""
READING = 17.0
"""Letters a second that are read at ease: a subtitle of more stays longer, where the next one leaves it the time."""
GAP = 0.08
"""Seconds without text before the next one, or a change would not be seen; two frames of a film."""
CLAUSE_ENDS = (",", ";", ":", "—", "–", "，", "；", "：", "、")
_BREAK = re.compile(r"\\(?=[Nnh])|(?<=:\d\d)(?=[,.]\d)")
"""What ASS reads as a line's end or a space, and within what some take for the times of another subtitle."""
BRACES = str.maketrans({"{": "｛", "}": "｝"})
"""They hold orders to the player, in SRT too to some, and cannot be written otherwise: these only look alike."""
TAGS = str.maketrans({"<": "＜", ">": "＞"})
"""The same in SRT, and in its “-->”."""


Line = tuple[tuple[str, Word], ...]
"""Words with their text as it is shown, which ends in a space where one follows."""


@dataclass(frozen=True)
class Cue:
    """A subtitle: one or two lines, and the seconds it is shown."""

    lines: tuple[Line, ...]
    start: float
    end: float

    @property
    def texts(self) -> list[str]:
        """The lines as text."""
        return [_shown(line) for line in self.lines]


def subtitles(format: str, text: str, words: Iterable[Word]) -> str:
    """The content of a file in one of `SUBTITLE_FORMATS`.

    `words` stand in `text` in their order, and their times never go backwards. Raises KeyError for an unknown format,
    ValueError for a word that does not stand there.
    """
    shown = [replace(word, text=_printable(word.text)) for word in words]
    return WRITERS[format](_printable(text), [word for word in shown if word.text])


def cues(text: str, words: Sequence[Word]) -> tuple[Cue, ...]:
    """Subtitles of at most two lines, none across a sentence's end, never two at a time.

    A long sentence is cut into few and even ones, rather at a comma or a pause. While nobody speaks the screen is empty,
    but for the time that reading takes.
    """
    if not words:
        return ()
    layout = _Layout(text, words)
    bounds = [bound for first, last in layout.sentences() for bound in _cut(layout, first, last)]
    following = [*(words[first].start for first, _ in bounds[1:]), float("inf")]
    return tuple(layout.cue(first, last, until) for (first, last), until in zip(bounds, following, strict=True))


class _Layout:
    """Words in their text, and the columns where each would begin and end if all were one line."""

    def __init__(self, text: str, words: Sequence[Word]) -> None:
        self.text, self.words = text, words
        self.places: list[int] = []
        self.columns: list[int] = []
        self.ends: list[int] = []
        at = column = 0
        for word in words:
            start = text.index(word.text, at)
            self.places.append(start)
            self.columns.append(column + (start > at))
            at, column = start + len(word.text), self.columns[-1] + _columns(word.text)
            self.ends.append(column)

    def sentences(self) -> list[tuple[int, int]]:
        """The first word of each, and the one behind its last."""
        from sentencex import segment

        at, firsts = 0, {0, len(self.words)}
        for line in self.text.splitlines(keepends=True):
            for sentence in segment("en", line):  # they know the full stops of all scripts
                at += len(sentence)
                firsts.add(bisect_right(self.places, at - 1))
        return list(pairwise(sorted(firsts)))

    def line(self, first: int, last: int) -> Line:
        """The words with the spaces after them."""
        following = [*self.columns[first + 1 : last], self.ends[last - 1]]
        spaced = zip(self.words[first:last], self.ends[first:last], following, strict=True)
        return tuple((word.text + " " * (start > end), word) for word, end, start in spaced)

    def width(self, first: int, last: int) -> int:
        """Columns of the words in one line."""
        return self.ends[last - 1] - self.columns[first]

    def fits(self, first: int, last: int) -> bool:
        """Two lines and the longest time are enough for the words."""
        second = bisect_right(self.ends, self.columns[first] + LINE, first, last)
        lines = second == last or (second > first and self.width(second, last) <= LINE)
        return lines and self.words[last - 1].end - self.words[first].start <= LONGEST

    def lines(self, first: int, last: int) -> tuple[Line, ...]:
        """The words in one line, or in two as even as can be."""
        middles = [m for m in range(first + 1, last) if max(self.width(first, m), self.width(m, last)) <= LINE]
        if self.width(first, last) <= LINE or not middles:
            return (self.line(first, last),)
        middle = min(middles, key=lambda m: abs(self.width(first, m) - self.width(m, last)))
        return self.line(first, middle), self.line(middle, last)

    def cue(self, first: int, last: int, until: float) -> Cue:
        """The words as a subtitle; the next one begins at `until`."""
        start, end = self.words[first].start, self.words[last - 1].end
        read = start + max(SHORTEST, self.width(first, last) / READING)
        return Cue(self.lines(first, last), start, max(end, min(read, until - GAP)))


def _cut(layout: _Layout, first: int, last: int) -> list[tuple[int, int]]:
    """A sentence in parts that fit: the cheapest way through it."""
    ways = {first: (0.0, first)}
    for end in range(first + 1, last + 1):
        ways[end] = (ways[end - 1][0] + _cost(layout, end - 1, end, last), end - 1)  # a word alone must do
        start = end - 2
        while start >= first and layout.fits(start, end):
            ways[end] = min(ways[end], (ways[start][0] + _cost(layout, start, end, last), start))
            start -= 1
    bounds, end = [], last
    while end > first:
        bounds.append((ways[end][1], end))
        end = ways[end][1]
    return bounds[::-1]


def _cost(layout: _Layout, start: int, end: int, last: int) -> float:
    """Of one part: 1, more the fuller it is, and up to 1 more where its end is no place to cut a sentence."""
    cost = 1 + (layout.width(start, end) / (2 * LINE)) ** 2
    if end == last:
        return cost
    before, after = layout.words[end - 1], layout.words[end]
    return cost + (0.2 if before.text.endswith(CLAUSE_ENDS) else 1.0) - 0.4 * min(after.start - before.end, 0.5)


def _columns(word: str) -> int:
    """How wide it is; a mark that combines with a letter has no width."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in word)


def _shown(line: Line) -> str:
    return "".join(text for text, _ in line).rstrip()


def _printable(text: str) -> str:
    """Without control characters and halves of characters, which no file can hold; lines stay."""
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))


def _written(format: str, events: Iterable[tuple[float, float, str]]) -> str:
    """The file of texts that are marked up for pysubs2, as in ASS."""
    from pysubs2 import Color, SSAEvent, SSAFile

    file = SSAFile()
    file.info |= {"Title": "Timbre", "PlayResX": "1280", "PlayResY": "720"}
    style = file.styles["Default"]
    style.fontsize, style.secondarycolor = 44, Color(150, 160, 156)  # a word is grey until it is spoken
    file.events = [SSAEvent(start=round(1000 * start), end=round(1000 * end), text=text) for start, end, text in events]
    return file.to_string(format, header_notice="") if format == "ass" else file.to_string(format)


def _plain(*texts: str) -> str:
    """Texts, a line each, as ASS shows them, and all else through pysubs2."""
    # A word joiner shows nothing, and parts what is beside it.
    return r"\N".join(_BREAK.sub("\\g<0>\u2060", text).translate(BRACES) for text in texts)


def _srt(text: str, words: Sequence[Word]) -> str:
    return _written("srt", ((c.start, c.end, _plain(*c.texts).translate(TAGS)) for c in cues(text, words)))


def _vtt(text: str, words: Sequence[Word]) -> str:
    found = cues(text, words)
    return _written("vtt", ((c.start, c.end, escape(_plain(*c.texts), quote=False)) for c in found))


def _words_srt(_: str, words: Sequence[Word]) -> str:
    return _written("srt", ((word.start, word.end, _plain(word.text).translate(TAGS)) for word in words))


def _ass(text: str, words: Sequence[Word]) -> str:
    """Each word lights up as it is spoken: its length, and that of the pause before it, in hundredths of a second."""
    events = []
    for cue in cues(text, words):
        at, lines = round(100 * cue.start), []
        for line in cue.lines:
            lit = ""
            for shown, word in line:
                start, end = round(100 * word.start), round(100 * word.end)
                lit += f"{{\\k{start - at}}}" * (start > at) + f"{{\\k{end - start}}}" + _plain(shown)
                at = end
            lines.append(lit.rstrip())
        events.append((cue.start, cue.end, r"\N".join(lines)))
    return _written("ass", events)


def _csv(_: str, words: Sequence[Word]) -> str:
    """The earlier worker's table; a cell that a spreadsheet would run is made text by an apostrophe."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(("word", "start_time", "end_time"))
    for word in words:
        rows.writerow((quoted(word.text), f"{word.start:.3f}", f"{word.end:.3f}"))
    return file.getvalue()


def _json(text: str, words: Sequence[Word]) -> str:
    """Words and sentences with their times; a word that is not `heard` has the place between its neighbours."""
    layout = _Layout(text, words)
    sentences = [
        {
            "text": _shown(layout.line(first, last)),
            "start": round(words[first].start, 3),
            "end": round(words[last - 1].end, 3),
        }
        for first, last in layout.sentences()
    ]
    told = [
        {"text": w.text, "start": round(w.start, 3), "end": round(w.end, 3), "heard": w.probability > 0} for w in words
    ]
    return json.dumps({"text": text, "words": told, "sentences": sentences}, ensure_ascii=False)


WRITERS: Mapping[str, Callable[[str, Sequence[Word]], str]] = {
    "srt": _srt,
    "vtt": _vtt,
    "words.srt": _words_srt,
    "ass": _ass,
    "csv": _csv,
    "json": _json,
}
SUBTITLE_FORMATS: tuple[str, ...] = tuple(WRITERS)
"""Also the ends of their files' names. Sentences in two lines: srt, vtt; word by word: the others, and both in json."""
