"""README's regions that a program writes: each lies between `<!-- name -->` and `<!-- /name -->`.

python -m benchmarks.readme    writes the table of settings
"""

from __future__ import annotations

import re
from pathlib import Path

from pydantic.fields import FieldInfo

from engine import Settings

README = Path(__file__).parents[1] / "README.md"


def write(name: str, text: str) -> None:
    """Put `text` into the region `name`; what is around it stays. Raises ValueError where there is no such region."""
    readme = README.read_text(encoding="utf-8")
    written, count = re.subn(
        rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", lambda marks: marks[1] + text + marks[2], readme, flags=re.DOTALL
    )
    if count != 1:
        raise ValueError(f"README has {count} regions <!-- {name} -->")
    README.write_text(written, encoding="utf-8")


def processor() -> str:
    """The processor that figures were measured on, as the kernel names it."""
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else "unknown processor"


def settings_table() -> str:
    """Every setting: its variable, its default and its sentence."""
    rows = [
        f"| `{variable}` | {_default(Settings.model_fields[name])} | {_sentence(Settings.model_fields[name])} |"
        for name, variable in Settings.variables().items()
    ]
    return "\n".join(["| variable | default | what it does |", "| --- | --- | --- |", *rows, ""])


def _sentence(field: FieldInfo) -> str:
    """What the setting does; what Markdown would take for a tag or a cell's end is escaped."""
    return re.sub(r"([<|*])", r"\\\1", field.description or "")


def _default(field: FieldInfo) -> str:
    """A default as it is typed into an environment; an empty one is left out."""
    match field.default:
        case bool(flag):
            return f"`{str(flag).lower()}`"
        case float(number):
            return f"`{number:g}`"
        case Path() as path:  # it differs from machine to machine
            return f"`{path.name}` in the system's temporary folder"
        case int() | str() as value if value != "":
            return f"`{value}`"
    return ""  # nothing, or what cannot be typed


if __name__ == "__main__":
    write("settings", settings_table())
