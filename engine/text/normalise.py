"""Written text as the words a model should be given to speak. Knows the order of the steps, not what they do."""

from __future__ import annotations

import re
import unicodedata
from functools import partial

from .characters import clean, tidy
from .chinese import read as read_chinese
from .english import read as read_english
from .numbers import read as read_numbers

MOST_PASSES = 4
"""A rule may make what another one reads, as in «0:.Aa»: a second pass finds it. No text is known to need a third."""
# Chinese within another language keeps Chinese figures.
_CHINESE = re.compile(r"[\d.,:/%]{0,16}[\u3400-\u9fff][\u3400-\u9fff\d.,:/%]*")


def normalise(text: str, language: str) -> str:
    """`text` as it is to be spoken in `language`, a two-letter code; paragraphs stand apart by one blank line.

    In English («en») figures, money, dates, times, telephone numbers, abbreviations, units, symbols, addresses and
    words in capitals become plain words; in Chinese («zh») figures do and no other character changes; elsewhere
    numbers do, where num2words has the language, and else stand digit by digit. Pictures and decoration are dropped.
    What comes out comes out the same again. Raises BadText for a number of more than 60 digits.
    """
    text = clean(text)
    for _ in range(MOST_PASSES):
        parts = (tidy(_read(part, language)) for part in text.split("\n\n"))
        # A paragraph of signs alone would be spoken as noise.
        before, text = text, "\n\n".join(part for part in parts if any(map(str.isalnum, part)))
        text = unicodedata.normalize("NFC", text)
        if text == before:
            break
    return text


def _read(paragraph: str, language: str) -> str:
    if language == "zh":
        return read_chinese(paragraph)
    if language == "ja":
        return read_numbers(paragraph, language)
    paragraph = _CHINESE.sub(lambda match: read_chinese(match[0]), paragraph)
    return (read_english if language == "en" else partial(read_numbers, language=language))(paragraph)
