"""The words of a take as HTML: lit while they are spoken (static/page.js), marked by how surely they were heard, each a
place to go to (static/strip.js); their files; and what to choose from where some were said again.

Knows nothing of gradio, nor how the times were found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine import Word

from .clip_parts import choice
from .parts import esc, play, url

FORMATS = {
    "srt": ("SRT", "subtitles"),
    "vtt": ("VTT", "subtitles for the web"),
    "words.srt": ("Word SRT", "a subtitle a word"),
    "ass": ("ASS", "karaoke"),
    "csv": ("CSV", "table of words"),
    "json": ("JSON", "words and sentences"),
}
"""Each file's name and what it is."""
HEARD = ((0.6, ""), (0.3, "less"), (1e-9, "hardly"), (0.0, "unheard"))
"""How surely a word was heard by the least probability of it. Judgement: of the 17 words of the example, all right to a
person, 13 are above 0.6 and none is below 0.3."""
MARKS = {"less": "less surely", "hardly": "hardly", "unheard": "not at all"}
ABOUT = "Click a word to go there, or to say it again; drag, shift-click or hold down another for several."


@dataclass(frozen=True)
class Saying:
    """One way in which words were said: what it is called, its sound and the part of it to hear, how surely it was heard."""

    title: str
    sound: str
    part: tuple[float, float]
    probability: float


def strip(text: str, words: Sequence[Word], files: Mapping[str, str]) -> str:
    """The words where they stand in `text`, and a menu of `files`: paths by format."""
    pieces, at = [], 0
    for number, (word, start) in enumerate(zip(words, places(text, words), strict=True)):
        pieces += [esc(text[at:start]), _word(word, first=number == 0)]
        at = start + len(word.text)
    return (
        f'<div class="tb-timed"><div class="head"><p class="tb-note">{ABOUT}</p>{_menu(files)}</div>'
        '<div class="tb-strip" dir="auto" role="listbox" aria-multiselectable="true" aria-label="Words of the take">'
        f"{''.join(pieces)}</div>{_legend(words)}</div>"
    )


def places(text: str, words: Iterable[Word]) -> list[int]:
    """Where each of the words begins in `text`."""
    starts, at = [], 0
    for word in words:
        starts.append(text.index(word.text, at))
        at = starts[-1] + len(word.text)
    return starts


def heard(probability: float) -> str:
    """How surely, as a key of MARKS; blank: surely."""
    return next(kind for least, kind in HEARD if probability >= least)


def candidates(sayings: Sequence[Saying], was: Saying) -> str:
    """What came of saying words again: each to be heard where it stands, and taken; `was` is how it is now."""
    rows = "".join(
        f"<li>{play(row.sound, row.title, row.part)}"
        f'<span class="tb-text"><b>{esc(row.title)}</b><small>heard {MARKS.get(heard(row.probability), "surely")}</small></span>'
        f"{button}</li>"
        for row, button in [
            *((row, choice(str(n), "Use this", f"Use {row.title}")) for n, row in enumerate(sayings)),
            (was, '<span class="tb-shown">As it is</span>'),
        ]
    )
    return f'<ul class="tb-takes tb-candidates">{rows}</ul>'


def _legend(words: Sequence[Word]) -> str:
    """What the marks mean, where there are any."""
    kinds = {heard(word.probability) for word in words}
    marks = [f'<span class="{kind}">{about}</span>' for kind, about in MARKS.items() if kind in kinds]
    guess = " What was not heard is placed by guess." if "unheard" in kinds else ""
    return f'<p class="tb-note tb-legend">Marked words were heard {" or ".join(marks)}.{guess}</p>' if marks else ""


def _word(word: Word, first: bool) -> str:
    kind = heard(word.probability)
    css = f' class="{kind}" title="Heard {MARKS[kind]}"' if kind else ""
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
