"""Web and e-mail addresses, read sign by sign."""

from __future__ import annotations

import re

from .rules import Rule, rule

SIGNS = {".": "dot", "/": "slash", "-": "dash", "_": "underscore", "@": "at", ":": "colon", "?": "question mark", "=": "equals", "&": "and", "%": "percent", "#": "hash", "~": "tilde", "+": "plus"}  # fmt: skip
DOMAINS = "com|org|net|edu|gov|mil|int|info|biz|io|ai|dev|app|co|uk|de|fr|nl|eu|ca|au|jp|cn|ru|ch|se|blog|shop"
"""Ends of addresses that stand without https; «it», «is», «in» and «me» are left out, for these are words."""
_NAME = r"[\w-]{1,63}"


def _address(match: re.Match[str]) -> str:
    text = match[0].removeprefix("https://").removeprefix("http://")
    bare = text.rstrip(".,;:!?'/~-_")
    host, slash, path = bare.partition("/")
    host = re.sub(r"\bwww\b", "W W W", re.sub(r"\.([a-z]{2})$", lambda end: f".{' '.join(end[1].upper())}", host))
    spoken = re.sub(r"[^\w\s]|_", lambda sign: f" {SIGNS.get(sign[0], '')} ", host + slash + path)
    return f"{spoken.strip()}{text[len(bare) :].lstrip('/~-_')}"


RULES: tuple[Rule, ...] = (
    rule(r"\bhttps?://[^\s<>\"]+", _address),
    rule(rf"(?<![\w.+@-])[\w.+-]{{1,64}}@{_NAME}(?:\.{_NAME}){{1,8}}", _address),
    rule(rf"(?<![\w.@-])(?:{_NAME}\.){{1,8}}(?:{DOMAINS})\b(?![\w@-])(?:/[^\s<>\"]*)?", _address),
)
