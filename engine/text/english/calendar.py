"""Dates and times of day."""

from __future__ import annotations

import re

from ..numbers import cardinal, ordinal, plural, year
from .rules import ALONE, Rule, choice, rule, stop

MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
SHORT = {name[:3]: name for name in MONTHS} | {"Sept": "September"}
NAMED = {name: name for name in MONTHS} | SHORT
NAMED |= {name.upper(): spoken for name, spoken in NAMED.items()}
_MONTH = rf"({choice(NAMED)})\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR_FIRST = r"\d{4}([/.-])\d\d?\1\d\d?"
_YEAR_LAST = r"\d\d?([/.])\d\d?\2(?:\d{4}|\d\d)|\d\d?-\d\d?-\d{4}"
_YEAR = r"(?:,? (\d{4}))?(?![\w/:%-]|[.,]\d)"


def _of(in_year: str | None) -> str:
    return f", {year(in_year)}" if in_year else ""


def _month_first(match: re.Match[str]) -> str:
    month, day, last, in_year = match.groups()
    if not 1 <= int(day) <= 31:
        return match[0]
    until = f" to {ordinal(last)}" if last else ""
    return f"{NAMED[month]} {ordinal(day)}{until}{_of(in_year)}"


def _day_first(match: re.Match[str]) -> str:
    day, month, in_year = match.groups()
    if not 1 <= int(day) <= 31:
        return match[0]
    return f"the {ordinal(day)} of {NAMED[month]}{_of(in_year)}"


def _month_of_year(match: re.Match[str]) -> str:
    return f"{NAMED[match[1]]} {year(match[2])}"


def _figures(match: re.Match[str]) -> str:
    """A date in figures: year first, else month first as Americans write, day first where only that is a date."""
    first, second, third = (int(part) for part in re.findall(r"\d+", match[0]))
    if first > 31:
        in_year, month, day = first, second, third
    else:
        in_year, month, day = third, first, second
        if month > 12 or "." in match[0]:
            month, day = day, month
    in_year += 0 if in_year > 99 else 2000 if in_year < 50 else 1900
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    return f"{MONTHS[month - 1]} {ordinal(str(day))}{_of(str(in_year))}"


def _time(match: re.Match[str]) -> str:
    hour, minute, second, half = match.groups()
    if int(hour) > 24 or int(minute or 0) > 59 or int(second or 0) > 59:
        return match[0]
    spoken = cardinal(str(int(hour)))
    if minute and (minute != "00" or second):
        spoken += f" oh {cardinal(minute[1])}" if minute[0] == "0" else f" {cardinal(minute)}"
    elif not half:
        spoken += " o'clock" if 1 <= int(hour) <= 12 else " hundred"
    if second:
        spoken += f" and {cardinal(str(int(second)))} second{'s' * (int(second) != 1)}"
    return f"{spoken} {half.upper()} M{stop(match)}" if half else spoken


def _decade(match: re.Match[str]) -> str:
    spoken = year(match[1]) if len(match[1]) == 4 else cardinal(match[1])
    *before, last = spoken.split()
    return " ".join([*before, plural(last)])


DATES: tuple[Rule, ...] = (
    rule(rf"\b{_MONTH} {_DAY}(?:-{_DAY})?{_YEAR}", _month_first),
    rule(rf"(?:\b[Tt]he )?{ALONE}{_DAY}(?: of)? {_MONTH}{_YEAR}(?<![.])", _day_first),
    rule(rf"\b{_MONTH},? (\d{{4}})(?![\w/:%-]|[.,]\d)", _month_of_year),
    rule(rf"{ALONE}(?<!-)(?:{_YEAR_FIRST}|{_YEAR_LAST})(?![\w/-]|[.,]\d)", _figures),
    rule(r"(?<![\w.,:/-])'?((?:1[1-9]|20)\d0|[1-9]0)'?s\b", _decade),
)
TIMES: tuple[Rule, ...] = (
    rule(rf"{ALONE}(\d\d?)(?::([0-5]\d)(?::([0-5]\d))?)? ?([ap])\.? ?m\b\.?", _time, re.IGNORECASE),
    rule(rf"{ALONE}(\d\d?):([0-5]\d)(?::([0-5]\d))?()(?![\w:]|\.\d)", _time),
)
