"""Cells of a CSV file that a spreadsheet would run as formulas, made text by an apostrophe, and read back.

Knows nothing of what stands in them.
"""

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
"""What a spreadsheet takes a cell for a formula by (OWASP, CSV injection)."""


def quoted(cell: str) -> str:
    """The cell as a spreadsheet shows it and does not run it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def unquoted(cell: str) -> str:
    """The cell as it was before `quoted`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
