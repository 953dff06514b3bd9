"""Words in capitals: initials, which are spelled, words that are shouted, and Roman numerals.

Initials stand apart, «U S A»: a model of characters would have to know how each of them is said.
"""

from __future__ import annotations

import re

from ..numbers import cardinal, ordinal
from .rules import STARTERS, Rule, rule

SHOUTED = frozenset(
    "a about add again ah all also am an and any are as ask at away back bad be bed been best big both boy but buy by "
    "bye call can car cat come cool could cry cut dad day did do does dog done don't down dry each eat end even ever "
    "every eye far fast few find fire first fly for free from fun get girl give go god gone good got great ha had has "
    "hate have he hear hell hello help her here hey hi high him his hit hot how huge i if in into is it its job just "
    "keep kill know last late leave left let life like live long look lot love low mad made make man many may me men "
    "mom more most move much must my name need never new next nice no non not now of off oh old on once one only open or "
    "our out over own past pay play please pull push put read real red right run sad said same saw say see set she show "
    "shut sir sit so some soon sorry stay stop such sun take talk tell ten than that the their them then there they "
    "this those time to today too top try turn two ugh under until up upon use very wait want war was way we well went "
    "were what when where which who whole why will win wish with word work world wow wrong yeah year yes yet you your".split()
)  # fmt: skip
"""Short words that people put in capitals; any other word of two or three letters in capitals is taken for initials."""
SPELLED = frozenset("ACLU AI API CEO CIA EPA ETA EU EULA FAQ IAEA ICU IRA ISO IPO IRS LA NAACP RAF ROI SUV UAE UAW UCLA UFO UK UN UNHCR USA USB VIP".split())  # fmt: skip
"""Initials that could be said as a word, and are not."""
KINGS = "Alexander|Benedict|Catherine|Charles|Christian|Clement|Edward|Elizabeth|Ferdinand|Francis|Frederick|George|Gregory|Henry|Innocent|James|John|Leo|Leopold|Louis|Mary|Napoleon|Nicholas|Otto|Paul|Peter|Philip|Pius|Richard|Robert|Rudolf|Urban|Victor|Wilhelm|William"  # fmt: skip
PARTS = "Act|Appendix|Article|Book|Chapter|Class|Episode|Level|Part|Phase|Scene|Section|Stage|Title|Type|Volume|War"  # fmt: skip

_UPPER = "A-ZÀ-ÖØ-Þ"
_WORD = rf"[{_UPPER}]+(?:'[{_UPPER}]+)?"
_RUN = rf"(?<![\w'])[{_UPPER}]+(?:'[{_UPPER}]+)?(?:[ ,.!?;:\"-]{{1,3}}{_WORD})*(?:(?<=[{_UPPER}]{{2}})'?s)?(?![\w])"
_ONSET = "(?:b[lr]?|c[hlr]?|d[rw]?|f[lr]?|g[hlnr]?|h|j|k[nr]?|l|m|n|p[hlrs]?|qu|r|s[chklmnptw]?|s[cpt]r|spl|sch|t[hrw]|thr|t|v|w[hr]?|x|y|z)?"  # fmt: skip
_CODA = "(?:b|c[hkt]?|ck[s]|d[s]?|ff?t?|g[hs]?|ght|h|k[s]?|l[dfklmpst]?|lth|ll[s]?|m[bps]?|n[cdgkstx]?|nch|n[dgkt]s|p[st]?|r[bcdfgklmnpst]?|rch|rld|r[dkmnt]s|rth|rst|s[hkpst]?|t[chs]?|tch|t[ht]|v|w[nls]?|x|z|zz)?"  # fmt: skip
_SAYABLE = re.compile(rf"{_ONSET}(?:[aeiouy]+[^aeiouy]{{1,3}})*?[aeiouy]+{_CODA}")
_ROMAN = re.compile(r"(X{0,3})(IX|IV|V?I{0,3})")


def _roman(numeral: str) -> int:
    """1 to 39, or 0 for what is no Roman numeral."""
    match = _ROMAN.fullmatch(numeral)
    ones = {"": 0, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9}
    return 10 * len(match[1]) + ones[match[2]] if match else 0


def _king(match: re.Match[str]) -> str:
    return f"{match[1]} the {ordinal(str(_roman(match[2])))}" if _roman(match[2]) else match[0]


def _part(match: re.Match[str]) -> str:
    return f"{match[1]} {cardinal(str(_roman(match[2])))}" if _roman(match[2]) else match[0]


def _sayable(word: str) -> bool:
    return _SAYABLE.fullmatch(word.lower().replace("'", "")) is not None


def _run(match: re.Match[str]) -> str:
    """Neighbouring words in capitals: shouted when one of them is a word that people shout, else each by itself."""
    found = [word for word in re.findall(_WORD, match[0]) if len(word) > 1]
    shouted = len(found) > 1 and any(
        word.lower() in SHOUTED or (len(word) > 4 and _sayable(word)) for word in found if word not in SPELLED
    )
    text = re.sub(rf"\bA(?= [{_UPPER}]{{2}})", "a", match[0]) if shouted else match[0]
    return re.sub(rf"({_WORD})('?s)?(?!\w)", lambda word: _said(word[1], shouted) + (word[2] or ""), text)


def _said(word: str, shouted: bool) -> str:
    if len(word) == 1:
        return word
    if word == "OK":
        return "okay"
    if word in SPELLED or not _sayable(word) or (len(word) < 4 and not shouted and word.lower() not in SHOUTED):
        return " ".join(word.replace("'", ""))
    return word.lower() if shouted or word.lower() in SHOUTED else word.capitalize()


RULES: tuple[Rule, ...] = (
    rule(rf"\b((?:King|Queen|Pope|Emperor|Tsar|Czar) (?:{KINGS})) ([IVX]+)\b", _king, re.IGNORECASE),
    rule(rf"\b((?:{KINGS}|{KINGS.upper()})) ([IVX]{{2,}}|V)\b(?!\.\w)", _king),
    rule(rf"\b({PARTS}|{PARTS.upper()}) ([IVX]+)\b", _part),
    rule(rf"\b((?!(?:{STARTERS})\b)[A-Z][a-z]+) ([IVX]{{2,}})\b", _part),
    rule(_RUN, _run),
)
