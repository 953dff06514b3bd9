"""A person's own dictionary: words, and how to say them. CSV in and out; its words replaced in a text before it is read.

Pure: knows texts; neither languages nor voices.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from .errors import BadParameter
from .sheets import quoted, unquoted

HEADER = ("word", "say")
MOST_ENTRIES = 1_000
MOST_LETTERS = 100
"""Of a word or of how it is said."""
MOST_CSV = 250_000
"""Letters of the whole."""


@lru_cache(maxsize=16)
def read_dictionary(text: str) -> Mapping[str, str]:
    """Word -> how to say it, from CSV of two columns, with or without `word,say` at its head; blank lines are nothing.

    Raises BadParameter, one sentence with the number of the line: not two cells, one of them blank or too long, a word
    that is there already, too many.
    """
    if len(text) > MOST_CSV:
        raise BadParameter(f"The dictionary is longer than {MOST_CSV:,} letters; keep the words you need.")
    entries: dict[str, str] = {}
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        for cells in lines:
            row = tuple(unquoted(cell.strip()) for cell in cells)
            if any(row) and not (lines.line_num == 1 and tuple(map(str.lower, row)) == HEADER):
                word, say = _entry(row, lines.line_num)
                if word in entries:
                    raise BadParameter(f"Line {lines.line_num} of the dictionary has “{word}” again; keep one of them.")
                entries[word] = say
                if len(entries) > MOST_ENTRIES:
                    raise BadParameter(f"The dictionary has more than {MOST_ENTRIES:,} words; keep those you need.")
    except csv.Error:
        raise BadParameter(f"Line {lines.line_num} of the dictionary is no CSV; write it as word,say.") from None
    return entries


def write_dictionary(rows: Iterable[tuple[str, str]]) -> str:
    """CSV of words and how to say them, without a head, which `read_dictionary` reads and no spreadsheet takes for formulas."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([quoted(cell) for cell in row] for row in rows)
    return out.getvalue()


def apply_dictionary(text: str, entries: Mapping[str, str]) -> str:
    """The text with each word of the dictionary as it is to be said; what comes in is not looked up again.

    Whole words, in small letters and capitals alike; one of capitals alone, as IT, only where it is written so.
    """
    if not entries:
        return text
    exact = {word: say for word, say in entries.items() if _shouted(word)}
    folded = {word.casefold(): say for word, say in entries.items() if not _shouted(word)}

    def said(match: re.Match[str]) -> str:
        word = match[0]
        return exact.get(word) or folded.get(word.casefold()) or word

    return _pattern(tuple(entries)).sub(said, text)


@lru_cache(maxsize=16)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words, the longest first."""
    longest = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(_whole, longest)))


def _whole(word: str) -> str:
    """A word that is not within another; where a script sets no spaces none can tell."""
    before = "" if _wide(word[0]) else r"(?<!\w)"
    after = "" if _wide(word[-1]) else r"(?!\w)"
    return before + (re.escape(word) if _shouted(word) else f"(?i:{re.escape(word)})") + after


def _wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def _shouted(word: str) -> bool:
    return word.isupper() and len(word) > 1


def _entry(row: tuple[str, ...], line: int) -> tuple[str, str]:
    """A row's word and how to say it. Raises BadParameter."""
    if len([cell for cell in row if cell]) != 2 or not (row[0] and row[1]):
        raise BadParameter(f"Line {line} of the dictionary must be a word and how to say it, as in gif,jiff.")
    for cell in row[:2]:
        if len(cell) > MOST_LETTERS:
            raise BadParameter(
                f"Line {line} of the dictionary has more than {MOST_LETTERS} letters in a cell; shorten it."
            )
        if not cell.isprintable() or not any(map(str.isalnum, cell)):
            raise BadParameter(f"Line {line} of the dictionary has a cell without letters; write it as word,say.")
    return row[0], row[1]
