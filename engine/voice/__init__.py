"""A clip -> Reference, and what helps a person to a good one: cures, its best stretches, its words compared."""

from .compare import agreement, changed, compare, merge
from .cures import cure
from .cut import said, timed
from .reference import Hear, prepare
from .report import examine
from .speaker import parts_alike
from .stretches import stretches

__all__ = [
    "Hear",
    "agreement",
    "changed",
    "compare",
    "cure",
    "examine",
    "merge",
    "parts_alike",
    "prepare",
    "said",
    "stretches",
    "timed",
]
