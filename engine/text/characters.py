"""Characters any language may do without, taken out or made plain. Knows nothing of words, numbers or languages."""

from __future__ import annotations

import re
import unicodedata

from ..errors import BadText

MOST_DIGITS = 60
"""A longer row of digits is refused: read one by one, these take half a minute already."""
MOST_MARKS = 3
"""Combining marks a letter keeps; no script stacks more, only mischief does."""

PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛‹›′´`ʼ＇", "'"),
        **dict.fromkeys("“”„‟«»″〝〞『』「」＂", '"'),
        **dict.fromkeys("‐‑‒−﹣－", "-"),
        **dict.fromkeys("–—―", "—"),
        **dict.fromkeys("•‣◦▪▫●○■□◆◇★☆・", "•"),
        **dict.fromkeys("（）［］｛｝【】〔〕〈〉；：︰﹔", "，"),
        **dict.fromkeys("\u2028\u2029\u0085\v\f\r", "\n"),
        "…": "...", "‥": "..", "％": "%", "＆": "&", "＋": "+", "＝": "=", "＃": "#", "＠": "@", "／": "/", "～": "~", "〜": "~", "，": "，", "．": ".", "⁄": "/", "∕": "/", "℃": "°C", "℉": "°F", "№": "No. ", "μ": "µ", "\t": " ",
    }
)  # fmt: skip
SYMBOLS = frozenset("$€£¥₩₹₽₺₿₦₪₱₫₴¢°+<=>|~±×÷≈≤≥≠√^")
"""Kept of the Unicode categories S and C, with the commonest currencies; every other symbol is a picture or a decoration."""
LOOKS = ("<font>", "<wide>", "<circle>", "<super>", "<sub>", "<fraction>", "<compat> 0066")
"""Decompositions of letters and figures that only look otherwise: 𝓗, Ａ, ①, ², ½, ﬁ."""
POWERS = frozenset("²³")


def clean(text: str) -> str:
    """`text` in NFC, plain in its punctuation, paragraphs parted by one blank line, without what is never spoken.

    Raises BadText for a row of more than 60 digits.
    """
    text = re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", text.replace("\r\n", "\n"))  # colours of a terminal
    text = unicodedata.normalize("NFC", text).translate(PLAIN)
    text = unicodedata.normalize("NFC", "".join(map(_plain, text))).translate(PLAIN)
    text = _fewer_marks(text)
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n[^\S\n]*\n\s*", text))
    text = "\n\n".join(filter(None, paragraphs))
    _refuse_endless_numbers(text)
    return text


def _plain(character: str) -> str:
    """What stands for `character`; nothing where it is not spoken."""
    if character.isascii():
        return character if character.isprintable() or character == "\n" else ""
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if character not in POWERS and unicodedata.decomposition(character).startswith(LOOKS) and character not in "！？，":
        plain = unicodedata.normalize("NFKC", character)
        return f" {plain.replace('⁄', '/')}" if category == "No" and "⁄" in plain else plain
    if category == "Zs":
        return " "
    picture = category[0] == "S" and character not in SYMBOLS
    return (
        "" if picture or category[0] == "C" or "\ufe00" <= character <= "\ufe0f" or character == "\u20e3" else character
    )


def _fewer_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _refuse_endless_numbers(text: str) -> None:
    endless = re.search(rf"\d{{{MOST_DIGITS + 1},}}", text)
    if endless:
        raise BadText(f"The number {endless[0][:12]}... has {len(endless[0]):,} digits and nobody could follow more than {MOST_DIGITS}; shorten it or write it in words.")  # fmt: skip


PAUSES = (
    (r"(?<!\w)-+(?!\w)|—+", ","),  # a dash between words; one within a word is part of it
    (r"(?<!\w)-+|-+(?!\w)|--+", " "),
    (r" ?• ?", ", "),
    (r"\*+|_+|[{}|\\<^`]", " "),
    (r"\.{2,}", "..."),
    (r"[!?]*\?[!?]*", "?"),
    (r"!+", "!"),
    (r"[！？]*？[！？]*", "？"),
    (r"！+", "！"),
    (r"。+", "。"),
    (r"''+", "'"),
    (r'"(?:\s*")+', '"'),
    (r"\s+(?=[,.;:!?，。！？、])", ""),
    (r"[,;:]+(?=[,.;:!?])|(?<=[.!?;:]),+", ""),
    (r"[，、]+(?=[，。！？、])|(?<=[。！？])，+", ""),
    (r"(?<=[^\W\d_]),(?=[^\W\d_])", ", "),
    (r"^[\s,;:.，、。-]+|[\s,，、]+$", ""),
    (r"\s+", " "),
)
_PAUSES = tuple((re.compile(pattern), plain) for pattern, plain in PAUSES)


def tidy(paragraph: str) -> str:
    """One paragraph with the punctuation of a plain text: one sign where several stood, none at the beginning."""
    for pattern, plain in _PAUSES:
        paragraph = pattern.sub(plain, paragraph)
    return paragraph
