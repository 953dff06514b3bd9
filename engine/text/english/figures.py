"""Numbers that stand for themselves: ranges, ordinals, years, counts, and groups read digit by digit."""

from __future__ import annotations

import re

from ..numbers import cardinal, digits, ordinal, year
from ..phones import PHONE, groups
from .rules import NUMBER, Rule, rule

_LETTER = r"[^\W\d_]"
_END = r"\d+(?:[.,:]\d+)*"


def _group(match: re.Match[str]) -> str:
    return ("plus " if match[0][0] == "+" else "") + ", ".join(map(digits, groups(match[0])))


def _version(match: re.Match[str]) -> str:
    return " point ".join(map(cardinal, match[0].split(".")))


GROUPS: tuple[Rule, ...] = (
    rule(r"(?<=\d) ?— ?(?=[$€£¥]?\d)", "-"),
    rule(r"(?<=[\dkKmMbB]) ?- ?(?=[$€£¥]\d)", " to "),
    rule(PHONE.pattern, _group, PHONE.flags),
    rule(
        r"(?i:\b(call|calls|called|calling|dial|phone|ring) )(\d{3})(?![\w.,-]*\d)",
        lambda match: f"{match[1]} {digits(match[2])}",
    ),
)
RANGES: tuple[Rule, ...] = (
    rule(rf"(?<=\d) - (?={_END} ?=)", " minus "),
    rule(rf"(?<![\w.,:/-])({_END}%?)(?: - |-)(?=[$€£¥]?{_END}(?![\d-]))", r"\1 to "),
    rule(r"(?<![\w.,)\"'-])-(?=\.?\d)", "minus "),
)
RULES: tuple[Rule, ...] = (
    rule(r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th|ST|ND|RD|TH)\b", lambda match: ordinal(match[1])),
    rule(rf"(?<={_LETTER})-(?=\d)|(?<={_LETTER})(?=\d)|(?<=\d)(?={_LETTER})", " "),
    rule(r"(?<![\w.,:/])(1[1-9]\d\d|20\d\d)(?![\w:/]|[.,]\d)", lambda match: year(match[1])),
    rule(r"\d+(?:\.\d+){2,}", _version),
    rule(r"(?<=\d),(?=\d)(?!\d{3}(?!\d))", ", "),
    rule(NUMBER, lambda match: cardinal(match[0])),
)
