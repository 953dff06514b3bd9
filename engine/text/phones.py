"""Telephone numbers, and other figures in groups that are read digit by digit. Knows shapes, no language."""

from __future__ import annotations

import re

PHONE = re.compile(
    r"""(?<![A-Za-z0-9_.,:/$€£-])(?:
    (?=\+(?:[ ().-]{0,2}\d){8})\+\d{1,3}(?:[ .-]?\(?\d{1,12}\)?){1,5}  # +44 20 7946 0958
    | (?:1[-. ])?\(\d{3}\)[ ]?\d{3}[-. ]\d{4}    # (212) 555-0187
    | (?:1[-. ])?\d{3}([-. ])\d{3}\1\d{4}        # 1-800-555-0199
    | \d{3}-\d{4}                                # 555-1234
    | 0\d{2,4}(?:[ ]\d{3,4}){1,3}                # 020 7946 0958
    | \d{4}(?:[ ]\d{4}){2,4}                     # a card
    | (?!\d{4}-\d\d?-\d\d?\b)\d+(?:-\d+){2,6}    # 123-45-6789, but no date
    )(?![A-Za-z0-9_/%°:-]|[.,]\d)""",
    re.VERBOSE,
)


def groups(figures: str) -> list[str]:
    """The digits of a telephone number as they are grouped in writing."""
    return re.findall(r"\d+", figures)
