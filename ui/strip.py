"""The words of a take as HTML: lit while they are spoken (static/page.js), each a place to go to; and their files.

Knows nothing of gradio, nor how the times were found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine import Word

from .parts import esc, url

FORMATS = {
    "srt": ("SRT", "subtitles"),
    "vtt": ("VTT", "subtitles for the web"),
    "words.srt": ("Word SRT", "a subtitle a word"),
    "ass": ("ASS", "karaoke"),
    "csv": ("CSV", "table of words"),
    "json": ("JSON", "words and sentences"),
}
"""Each file's name and what it is."""
UNHEARD = "Dotted words were not heard in the take; their place is a guess."


def strip(text: str, words: Sequence[Word], files: Mapping[str, str]) -> str:
    """The words where they stand in `text`, and a menu of `files`: paths by format."""
    pieces, at = [], 0
    for number, word in enumerate(words):
        start = text.index(word.text, at)
        pieces += [esc(text[at:start]), _word(word, first=number == 0)]
        at = start + len(word.text)
    unheard = f'<p class="tb-note">{UNHEARD}</p>' if any(word.probability == 0 for word in words) else ""
    return (
        f'<div class="tb-timed"><div class="head"><p class="tb-note">Click a word to go there.</p>{_menu(files)}</div>'
        '<div class="tb-strip" dir="auto" role="listbox" aria-multiselectable="true" aria-label="Words of the take">'
        f"{''.join(pieces)}</div>{unheard}</div>"
    )


def _word(word: Word, first: bool) -> str:
    css = ' class="unheard"' if word.probability == 0 else ""
    return (
        f'<span role="option" aria-selected="false" tabindex="{0 if first else -1}"{css} '
        f'data-start="{word.start:.3f}" data-end="{word.end:.3f}">{esc(word.text)}</span>'
    )


def _menu(files: Mapping[str, str]) -> str:
    rows = "".join(
        f'<li><a href="{url(files[format])}" download><b>{name}</b> {about}</a></li>'
        for format, (name, about) in FORMATS.items()
    )
    return f'<details class="tb-menu"><summary>Download words</summary><ul>{rows}</ul></details>'
