"""Signs that are said as words, and brackets, which are said as pauses."""

from __future__ import annotations

import re

from .rules import Rule, rule

_OPERATORS = {"=": "equals", "<": "is less than", ">": "is greater than", "≤": "is at most", "≥": "is at least", "≠": "is not equal to", "≈": "is about"}  # fmt: skip
_WORDS = {"&": "and", "@": "at", "%": "percent", "×": "times", "÷": "divided by", "±": "plus or minus", "√": "the square root of", "²": "squared", "³": "cubed", "°": "degrees", "§": "section", "+": "plus"}  # fmt: skip

LINES: tuple[Rule, ...] = (rule(r"([$€£¥₩₹₽₺₿₦₪₱₫₴¢&@%×÷±√°§=<>~^*+#|_/\\()\[\]{};:])\1{2,}", " "),)
"""Lines drawn with signs."""
RULES: tuple[Rule, ...] = (
    rule(r"\b([CF])#", r"\1 sharp"),
    rule(r"#(?=\d)", "number "),
    rule(r"#(?=\w)", "hashtag "),
    rule(r"~(?= ?\d)", "about "),
    rule(r"\bw/o\b", "without"),
    rule(r"\bw/(?=\s|\w)", "with "),
    rule(r"(?<=\d) ?x ?(?=\d)", " by "),
    rule(r"[-=]{1,3}>", ","),
    rule(r"(?<=\d) ?\* ?(?=\d)", " times "),
    rule(r"(?<=\w) ?\^ ?(?=\d)", " to the power of "),
    *(rule(rf"(?<=[\w)]) ?(?:{re.escape(sign)})+ ?(?=[\w(.-])", f" {word} ") for sign, word in _OPERATORS.items()),
    rule(r"(?<=\d):(?=\d)", " to "),
    rule(r"(?<=\w) ?/ ?(?=(?:month|year|week|day|hour|minute|second|person|night|head)\b)", " per "),
    rule(r"(?<=[^\W\d_])/(?=[^\W\d_])", " "),
    rule(r"(?<=\w) ?/ ?(?=\w)", " slash "),
    *(rule(rf"[{sign}]", f" {word} ") for sign, word in _WORDS.items()),
    rule(r"[()\[\]{}|]", ", "),
    rule(r"[=<>≤≥≠≈*^#~/\\`_¡¿]", " "),
)
SPACES: tuple[Rule, ...] = (rule(r"(?<=[a-z]{2})([.!?;:])(?=[A-Z][a-z])", r"\1 "),)
"""Between sentences where it was forgotten."""
