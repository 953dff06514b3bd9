"""Words that are written short and said in full."""

from __future__ import annotations

import re

from .rules import STARTERS, Rule, choice, rule, stop

TITLES = {
    "Dr": "doctor", "Mr": "mister", "Mrs": "missus", "Ms": "miz", "Prof": "professor", "Gen": "general",
    "Col": "colonel", "Capt": "captain", "Lt": "lieutenant", "Sgt": "sergeant", "Rev": "reverend", "Hon": "honorable",
    "Gov": "governor", "Sen": "senator", "Rep": "representative", "Pres": "president", "St": "saint", "Mt": "mount",
    "Ft": "fort",
}  # fmt: skip
"""Before a name, with a full stop or, as in Britain, without."""
ROADS = {"St": "street", "Ave": "avenue", "Rd": "road", "Blvd": "boulevard", "Dr": "drive", "Ln": "lane", "Ct": "court", "Pl": "place", "Sq": "square", "Hwy": "highway"}  # fmt: skip
"""After a name."""
COUNTED = {"No": "number",
    "no": "number", "Nos": "numbers", "Fig": "figure", "Figs": "figures", "p": "page", "pp": "pages", "Vol": "volume", "vol": "volume", "Ch": "chapter", "ch": "chapter", "Sec": "section", "Eq": "equation", "Ext": "extension", "ext": "extension", "Apt": "apartment", "c": "circa", "ca": "circa"}  # fmt: skip
"""Before a number."""
WORDS = {
    "e.g.": "for example", "eg.": "for example", "i.e.": "that is", "ie.": "that is", "etc.": "et cetera",
    "vs.": "versus", "vs": "versus", "approx.": "approximately", "dept.": "department", "govt.": "government",
    "corp.": "corporation", "inc.": "incorporated", "ltd.": "limited", "bros.": "brothers", "assn.": "association",
    "jr.": "junior", "sr.": "senior", "ave.": "avenue", "blvd.": "boulevard", "rd.": "road", "hwy.": "highway",
    "apt.": "apartment", "bldg.": "building", "misc.": "miscellaneous", "incl.": "including", "max.": "maximum",
    "min.": "minimum", "cf.": "compare", "viz.": "namely", "a.k.a.": "also known as", "aka": "also known as",
    "et al.": "et al", "est.": "established", "tel.": "telephone", "dr.": "doctor",
}  # fmt: skip
_ROAD = rf"({choice(ROADS)})"
_BARE = ["Dr", "Mr", "Mrs", "Ms", "St", "Mt", "Prof"]
"""Titles that are sure without a full stop; those and these may stand in capitals."""
_TITLE = rf"({choice([*TITLES, *map(str.upper, _BARE)])})\.|({choice([*_BARE, *map(str.upper, _BARE)])})(?!\w)"


def _title(match: re.Match[str]) -> str:
    return TITLES[(match[1] or match[2]).capitalize()]


def _road(match: re.Match[str]) -> str:
    return f"{match[1]} {ROADS[match[2]]}{stop(match)}"


def _word(match: re.Match[str]) -> str:
    return WORDS[match[1].lower()] + stop(match)


def _initials(match: re.Match[str]) -> str:
    return " ".join(match[0].replace(".", "").upper()) + stop(match)


RULES: tuple[Rule, ...] = (
    rule(rf"(\d+(?:st|nd|rd|th)?(?: [A-Z][a-z]+){{1,3}}) {_ROAD}\b\.?", _road),
    rule(rf"\b((?!(?:{STARTERS})\b)[A-Z][a-z]+) {_ROAD}\b\.(?! [A-Z])", _road),
    rule(rf"\b(?:{_TITLE})(?= (?:and|or) (?:[A-Z]|the\b))", _title),
    rule(rf"\b(?:{_TITLE}) ?(?=[A-Z])", lambda match: f"{_title(match)} "),
    rule(rf"\b({choice(COUNTED)})\. ?(?=\d|[IVX]+\b)", lambda match: f"{COUNTED[match[1]]} "),
    rule(r"\bPh\.? ?D(?:\.|\b)", lambda match: f"P H D{stop(match)}"),
    rule(rf"(?<![\w.])({choice(WORDS)})(?!\w)", _word, re.IGNORECASE),
    rule(r"(?<![\w.])(?:[A-Za-z]\.){2,}(?!\w)", _initials),
    rule(r"(?<![\w.])(?:[A-Z]\.)+(?=[A-Z][a-z])", lambda match: f"{' '.join(match[0].replace('.', ''))} "),
    rule(rf"(?<=[a-z] )([A-Z])\. (?=(?!(?:{STARTERS})\b)[A-Z][a-z])", r"\1 "),
)
