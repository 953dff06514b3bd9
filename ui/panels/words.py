"""The words in an own clip: whose they are, and where those typed differ from those heard.

Each difference is settled by the person, who keeps their own or takes what is heard. Does not know how either came.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import gradio as gr

from engine import Difference, Studio, Transcript, agreement, compare, merge

from .. import parts
from ..clip_parts import difference_list
from ..events import HEARING, QUIET
from ..files import Files
from ..progress import tell
from ..widgets import Choices

AGREED = parts.note("Your words are what is heard.")


@dataclass(frozen=True)
class OwnClip:
    """What the page remembers of the own clip: whether it is chosen, its words, and what of them was heard."""

    chosen: bool = False
    words: str = ""
    heard: str = ""

    def typed(self, words: str) -> bool:
        """Whether the words in the box are a person's own."""
        return words.strip() not in ("", self.heard)


@dataclass(frozen=True)
class Comparison:
    """The words in the box as they were compared, and how they differ from those heard."""

    typed: str = ""
    differences: tuple[Difference, ...] = ()

    @property
    def html(self) -> str:
        """What is still to be settled."""
        return difference_list(self.differences, agreement(self.differences)) or AGREED


@dataclass(frozen=True)
class WordsWidgets:
    """`compare` is shown where words were typed, `differences` once they were compared."""

    compare: gr.Button
    differences: Choices
    comparison: gr.State

    @property
    def shown(self) -> list[Any]:
        """What a comparison fills, in its order."""
        return [self.compare, self.differences, self.comparison]


def build() -> WordsWidgets:
    """The button, and the place for what differs."""
    button = gr.Button("Compare with what is heard", size="sm", visible=False, elem_id="compare")
    return WordsWidgets(button, Choices("", elem_id="differences"), gr.State(Comparison()))


def offer(words: str, own: OwnClip) -> Any:
    """Typed words of an own clip can be compared. -> compare."""
    return gr.update(visible=own.chosen and own.typed(words))


def compare_words(studio: Studio, files: Files, clip_id: str, words: str, language: str) -> Iterator[tuple[Any, ...]]:
    """Compare the words in the box with those heard in the clip. -> compare, differences, comparison."""
    clip = files.find(clip_id)
    if clip is None or not words.strip():
        yield gr.update(visible=False), "", Comparison()
        return
    yield gr.update(visible=False), parts.note("Listening to compare…"), gr.skip()
    try:
        heard = next(event for event in studio.transcribe(clip, language or "") if isinstance(event, Transcript))
        comparison = Comparison(words, compare(words, heard.text, heard.language))
    except Exception as error:
        yield gr.update(visible=True), parts.note(tell(error), bad=True), Comparison()
        return
    yield gr.update(visible=False), comparison.html, comparison


def compare_typed(
    studio: Studio, files: Files, clip_id: str, words: str, language: str, own: OwnClip
) -> Iterator[tuple[Any, ...]]:
    """The same once a clip is there, where its words were typed. -> compare, differences, comparison."""
    if own.typed(words):
        yield from compare_words(studio, files, clip_id, words, language)
    else:
        yield gr.update(visible=False), "", Comparison()


def settle(words: str, comparison: Comparison, event: gr.EventData) -> tuple[Any, ...]:
    """A difference, or all, is settled; `event.choice` is as `difference_list` writes it.

    -> reference_text, compare, differences, comparison.
    """
    if words.strip() != comparison.typed.strip():  # changed since: its differences are no longer these
        changed = parts.note("The words were changed since; compare them again.")
        return gr.skip(), gr.update(visible=True), changed, Comparison()
    side, _, which = str(getattr(event, "choice", "")).partition(" ")
    settled = [
        number
        for number, word in enumerate(comparison.differences)
        if word.kind != "same" and which in ("all", str(number))
    ]
    choices = {number: comparison.differences[number].heard for number in settled if side == "heard"}
    comparison = Comparison(
        merge(comparison.differences, choices) if choices else words,
        tuple(
            replace(word, kind="same", typed=choices.get(number, word.typed)) if number in settled else word
            for number, word in enumerate(comparison.differences)
        ),
    )
    open = any(word.kind != "same" for word in comparison.differences)
    done = parts.note("Settled. These words go with the clip.")
    return (
        comparison.typed if choices else gr.skip(),
        gr.update(visible=not open),
        comparison.html if open else done,
        comparison,
    )


def wire(panel: WordsWidgets, studio: Studio, files: Files, box: gr.Textbox, page: tuple[Any, Any, Any]) -> None:
    """What the buttons do; `box` holds the words, `page` are the clip's id, its language and OwnClip's state."""
    p, (clip_id, language, own) = panel, page
    box.blur(offer, [box, own], p.compare, queue=False, **QUIET)
    p.compare.click(partial(compare_words, studio, files), [clip_id, box, language], p.shown, **(QUIET | HEARING))
    p.differences.choose(settle, [box, p.comparison], [box, *p.shown], **QUIET)
