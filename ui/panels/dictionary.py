"""A person's own dictionary: a table of words and how to say them, one a line, kept with the form; CSV in and out.

Does not know what the words are said by.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from engine import BadInput, BadParameter, read_dictionary, write_dictionary

from .. import parts
from ..events import QUIET
from ..progress import tell

MOST_BYTES = 1_000_000
"""Of a file that is loaded; the engine takes less."""
HEADED = r"text => window.timbre.save('dictionary.csv', 'word,say\n' + text)"
"""Saves the table with its head, which the box goes without."""
ABOUT = "One word a line: how it is written, a comma, how to say it. Kept in this browser."


@dataclass(frozen=True)
class DictionaryWidgets:
    """The table as text, and what is said of it."""

    text: gr.Textbox
    load: gr.UploadButton
    save: gr.Button
    line: gr.HTML


def build() -> DictionaryWidgets:
    """The table, empty."""
    with gr.Column(elem_id="dictionary"):
        text = gr.Textbox(
            "",
            label="Your words",
            info=ABOUT,
            placeholder="gif, jiff\nNguyen, win",
            lines=3,
            max_lines=8,
            interactive=True,
            elem_id="dictionary_text",
        )
        line = gr.HTML("", apply_default_css=False, elem_id="dictionary_line")
        with gr.Row():
            load = gr.UploadButton("Load CSV", size="sm", type="filepath", file_types=[".csv", ".txt"], scale=0)
            save = gr.Button("Save CSV", size="sm", scale=0, elem_id="dictionary_save")
    return DictionaryWidgets(text, load, save, line)


def judge(text: str) -> str:
    """How many words it has, or which line is wrong. -> line."""
    try:
        count = len(read_dictionary(text))
    except BadInput as error:
        return parts.note(str(error), bad=True)
    return parts.note("1 word" if count == 1 else f"{count} words") if count else ""


def load(file: str | None, text: str) -> tuple[Any, str]:
    """The words of a file after those there are, which stay where both have one. -> text, line."""
    try:
        entries = {**read_dictionary(_text_of(file)), **read_dictionary(text)}
        loaded = write_dictionary(entries.items())
        read_dictionary(loaded)
    except Exception as error:
        return gr.skip(), parts.note(tell(error), bad=True)
    return loaded, judge(loaded)


def save(text: str) -> tuple[Any, str]:
    """The table as a spreadsheet takes it, which static/page.js then saves. -> text, line."""
    try:
        return write_dictionary(read_dictionary(text).items()), judge(text)
    except Exception as error:
        return gr.skip(), parts.note(tell(error), bad=True)


def _text_of(file: str | None) -> str:
    """What is in the file. Raises BadParameter."""
    try:
        data = Path(file).read_bytes() if file and Path(file).stat().st_size <= MOST_BYTES else b"\xff"
        return data.decode()
    except (OSError, ValueError):
        raise BadParameter("This file is no CSV in UTF-8, or is far too long; save it again as CSV.") from None


def wire(panel: DictionaryWidgets) -> None:
    """Judge what is typed, load and save."""
    panel.text.change(judge, panel.text, panel.line, trigger_mode="always_last", queue=False, **QUIET)
    panel.load.upload(load, [panel.load, panel.text], [panel.text, panel.line], **QUIET)
    saved = panel.save.click(save, panel.text, [panel.text, panel.line], **QUIET)
    saved.success(None, panel.text, None, js=HEADED, **QUIET)
