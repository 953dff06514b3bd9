"""A model's yaml as plain values. Does not know what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import ModelUnavailable

MOST = 100_000
"""Bytes of a configuration; those of F5-TTS have 2,000."""


def read_config(file: Path) -> dict[str, Any]:
    """The mapping in a yaml. Raises ModelUnavailable with a sentence that names the file.

    Only plain values, as yaml's safe loader; nor are references (`*name`) taken, by which a small file can hold more
    than fits the memory.
    """
    import yaml

    class Plain(yaml.SafeLoader):
        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("a reference")
            return super().compose_node(parent, index)

    told = None
    try:
        if file.stat().st_size <= MOST:
            told = yaml.load(file.read_bytes(), Plain)
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        pass
    if not isinstance(told, dict):
        raise ModelUnavailable(
            f"The configuration {file} is no yaml of plain values; mend it after one of those in f5_tts/configs, or choose "
            "another model."
        )
    return told
