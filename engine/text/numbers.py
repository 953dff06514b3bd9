"""Figures as words, in the languages num2words has. Knows numbers, not what they count."""

from __future__ import annotations

import re
from functools import lru_cache, partial

LONGEST = 15
"""Figures with more digits than this are read digit by digit: nobody follows quintillions."""
POINT = frozenset({"en", "ja", "ko", "th", "he"})
"""Languages that write 1,234.5; those num2words has beside them write 1.234,5."""
PERCENT = {"de": "Prozent", "fr": "pour cent", "es": "por ciento", "it": "per cento", "pt": "por cento", "nl": "procent", "pl": "procent", "ru": "процентов", "sv": "procent"}  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.,])-(?=\d)|\d+(?:[.,]\d+)*")


def read(text: str, language: str) -> str:
    """`text` with its numbers in the words of `language`; where num2words lacks it, their digits stand apart."""
    text = re.sub(r"(?<=\d)\s?%", f" {PERCENT.get(language, '%')}", text)
    return _NUMBER.sub(partial(_spoken, language=language), re.sub(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)", " ", text))


def _spoken(match: re.Match[str], language: str) -> str:
    figure = match[0]
    point, comma = (".", ",") if language in POINT else (",", ".")
    if figure == "-":
        return words("-1", language).removesuffix(words("1", language))
    if re.fullmatch(rf"\d{{1,3}}(?:\{comma}\d{{3}})+(?:\{point}\d+)?", figure):
        figure = figure.replace(comma, "")
    parts = re.split(r"[.,]", figure)
    return words(".".join(parts), language) if len(parts) <= 2 else ", ".join(words(part, language) for part in parts)


@lru_cache(4096)
def words(figure: str, language: str) -> str:
    """`figure`, digits with at most one point and a minus, as words; digit by digit where long or led by a zero."""
    from num2words import CONVERTER_CLASSES, num2words

    whole = figure.lstrip("-").split(".")[0]
    if language not in CONVERTER_CLASSES or len(figure) > LONGEST or (len(whole) > 1 and whole[0] == "0"):
        return digits(figure, language)
    return str(num2words(figure, lang=language))


@lru_cache(4096)
def digits(figure: str, language: str = "en") -> str:
    """The digits of `figure`, one word each; figures where num2words lacks the language."""
    from num2words import CONVERTER_CLASSES, num2words

    known = language in CONVERTER_CLASSES
    return " ".join(num2words(int(digit), lang=language) if known else digit for digit in re.findall(r"\d", figure))


@lru_cache(4096)
def cardinal(figure: str) -> str:
    """`figure`, as «1,234.50», in English; every digit after the point is read."""
    whole, _, fraction = figure.replace(",", "").partition(".")
    spoken = words(whole, "en") if whole else ""
    return f"{spoken} point {digits(fraction)}".strip() if fraction else spoken


def ordinal(figure: str) -> str:
    """«21» as «twenty-first»."""
    from num2words import num2words

    figure = figure.replace(",", "")
    return str(num2words(int(figure), to="ordinal")) if len(figure) <= LONGEST else f"{digits(figure)}th"


def year(figure: str) -> str:
    """«1905» as «nineteen oh-five»."""
    from num2words import num2words

    return str(num2words(int(figure), to="year"))


def plural(word: str) -> str:
    """«sixty» as «sixties», «six» as «sixes»."""
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}es" if word.endswith(("x", "s")) else f"{word}s"
