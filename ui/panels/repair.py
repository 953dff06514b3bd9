"""Words of the take in the player said again: as they are, as others, or spelled by ear; the one that is taken goes into
the take, and can be undone.

Does not know how words are said again, nor how a take is shown.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from engine import (
    BadParameter,
    Done,
    NotFound,
    RepairRequest,
    Studio,
    Take,
    TimbreError,
    Timed,
    Word,
    places_after,
    read_dictionary,
    respellings,
    write_dictionary,
)

from .. import parts
from ..events import AFTER_JOB, QUIET, stop
from ..files import Files
from ..progress import Progress, as_gradio, follow, tell
from ..strip import Saying, candidates, places
from ..visit import Entry, Learned, Visit
from ..widgets import Choices, choice_of
from .arrange import lay

TRIES = 3
"""Candidates of words said again; each spelling tried by ear is one."""
AROUND = 1.2, 0.8
"""Seconds before and after the words in which a candidate is heard."""
SKIP: Any = gr.skip()
HINT = "Change the words, or only how they are said."
NONE = "No other spelling is known for this; type one, and say it again."


@dataclass(frozen=True)
class Found:
    """A candidate: what it is called, the take as it would be, its parts as they were made, its words' times, and which
    were said again."""

    title: str
    take: Take
    timed: Timed
    first: int
    last: int
    sound: str
    """The take's, as the page may serve it."""
    say: str
    """How they were spelled; blank: as they are written."""


@dataclass(frozen=True)
class Chosen:
    """The words that are chosen in a take, and what came of saying them again."""

    take_id: str = ""
    first: int = 0
    last: int = 0
    found: tuple[Found, ...] = ()


class Shown(NamedTuple):
    """What changes in the panel; the names are RepairWidgets'. What is left out stays as it is."""

    line: Any = SKIP
    again: Any = SKIP
    ear: Any = SKIP
    stop: Any = SKIP
    candidates: Any = SKIP
    chosen: Any = SKIP


@dataclass(frozen=True)
class RepairWidgets:
    """The bar under the words, what came of it, and how to undo it."""

    bar: gr.Column
    text: gr.Textbox
    say: gr.Textbox
    again: gr.Button
    ear: gr.Button
    stop: gr.Button
    line: gr.HTML
    candidates: Choices
    told: gr.HTML
    undo: gr.Button
    chosen: gr.State
    number: gr.State
    """Of the candidate to be used."""
    take: gr.State
    """The id of the one whose change is to be undone."""

    @property
    def shown(self) -> list[Any]:
        """The widgets that Shown fills, in its order."""
        return [getattr(self, name) for name in Shown._fields]


def build() -> RepairWidgets:
    """The bar, hidden until words are chosen."""
    with gr.Column(visible=False, elem_id="repair") as bar:
        with gr.Row(elem_id="repair_words"):
            text = gr.Textbox(label="Say again", max_length=200, min_width=150, elem_id="repair_text")
            say = gr.Textbox(
                label="Spelled by ear",
                placeholder="as it is written",
                max_length=200,
                min_width=150,
                elem_id="repair_say",
            )
        with gr.Row(elem_id="repair_act"):
            again = gr.Button("Say again", size="md", scale=0, min_width=110, elem_id="say_again")
            ear = gr.Button("Hear other spellings", size="md", scale=0, min_width=170, elem_id="by_ear")
            stop = gr.Button("Stop", size="md", scale=0, min_width=90, visible=False, elem_id="repair_stop")
            line = gr.HTML("", apply_default_css=False, elem_id="repair_line")
        rows = Choices("", elem_id="candidates")
    with gr.Row(elem_id="mended"):
        undo = gr.Button("Undo the change", size="sm", scale=0, min_width=140, visible=False, elem_id="repair_undo")
        told = gr.HTML("", apply_default_css=False, elem_id="mended_line")
        gr.HTML('<p class="tb-note" role="status"></p>', apply_default_css=False, elem_id="waits")  # see AFTER_JOB
    states = gr.State(Chosen()), gr.State(""), gr.State("")
    return RepairWidgets(bar, text, say, again, ear, stop, line, rows, told, undo, *states)


def choose(visit: Visit, event: gr.EventData) -> tuple[Any, ...]:
    """Words `event.first` to `event.last` of the shown take are chosen. -> bar, text, say, Shown."""
    first, last, words = getattr(event, "first", None), getattr(event, "last", None), visit.shown.words
    if not (isinstance(first, int) and isinstance(last, int) and 0 <= first <= last < len(words)):
        return SKIP, SKIP, SKIP, *Shown()
    chosen = Chosen(visit.shown.take.id, first, last)
    text = written(visit.shown.take, words, first, last)
    return gr.update(visible=True), text, "", *Shown(parts.note(HINT), *_busy(False), "", chosen)


def say_again(
    studio: Studio, files: Files, visit: Visit, chosen: Chosen, text: str, say: str
) -> Iterator[tuple[Any, ...]]:
    """Say the chosen words again, or `text` in their place, spelled as `say`. -> Shown."""
    yield from _said(studio, files, visit, chosen, text, (say.strip(),), TRIES)


def by_ear(studio: Studio, files: Files, visit: Visit, chosen: Chosen, text: str) -> Iterator[tuple[Any, ...]]:
    """Say the word in some other spellings, all from the same noise, so that only these differ. -> Shown."""
    ways = respellings(word_of(text))
    if ways:
        yield from _said(studio, files, visit, chosen, text, ways, 1)
    else:
        yield Shown(line=parts.note(NONE))


def written(take: Take, words: Sequence[Word], first: int, last: int) -> str:
    """Some of a take's words as they stand in its text, in one line."""
    text, starts = take.request.text, places(take.request.text, words)
    return " ".join(text[starts[first] : starts[last] + len(words[last].text)].split())


def word_of(text: str) -> str:
    """The word as a dictionary has it: without the marks that cling to it."""
    letters = [number for number, letter in enumerate(text) if letter.isalnum()]
    return text[letters[0] : letters[-1] + 1] if letters else ""


def _said(
    studio: Studio, files: Files, visit: Visit, chosen: Chosen, text: str, ways: tuple[str, ...], tries: int
) -> Iterator[tuple[Any, ...]]:
    """Say the words in each of the ways, `tries` times; what is found is shown as it comes. -> Shown."""
    chosen = replace(chosen, found=())
    yield Shown(parts.running(Progress()), *_busy(True), "", chosen)
    try:
        shown = visit.find(chosen.take_id)
        was = written(shown.take, shown.words, chosen.first, chosen.last)
        source, (first, last) = shown.origin, shown.span(chosen.first, chosen.last)
        asked = RepairRequest(
            Path(source.sound),
            source.request.clip,
            first,
            last,
            "" if text.strip() == was else text,
            tries=tries,
            seed=secrets.randbelow(2**32),
            words=source.words,
        )
        for number, say in enumerate(ways):
            for event, progress in follow(studio.repair(replace(asked, say=say))):
                share = replace(progress, fraction=(number + progress.fraction) / len(ways))
                if tries == 1:
                    share = replace(share, detail=f"“{say}”, {number + 1} of {len(ways)}")
                now = Shown(line=parts.running(share))
                match event:
                    case Done(take):
                        made = take
                    case Timed():
                        more = len(event.words) - len(source.words)
                        sound = files.publish(made.file, made.filename)
                        title = f"Try {len(chosen.found) + 1}" if tries > 1 else f"“{say}”"
                        found = Found(title, made, event, first, last + more, sound, say)
                        chosen = replace(chosen, found=(*chosen.found, found))
                        now = now._replace(candidates=_rows(shown, chosen), chosen=chosen)
                yield now
    except Exception as error:
        yield Shown(parts.note(tell(error), bad=True), *_busy(False))
    else:
        yield Shown(parts.note("Hear them, and use the one you like."), *_busy(False))


def _busy(busy: bool) -> tuple[Any, Any, Any]:
    """-> again, ear, stop."""
    return gr.update(visible=not busy), gr.update(visible=not busy), gr.update(visible=busy)


def _rows(shown: Entry, chosen: Chosen) -> str:
    sayings = [
        _saying(found.title, found.sound, found.timed.words[found.first : found.last + 1]) for found in chosen.found
    ]
    return candidates(sayings, _saying("Before", shown.sound, shown.words[chosen.first : chosen.last + 1]))


def _saying(title: str, sound: str, words: Sequence[Word]) -> Saying:
    part = max(words[0].start - AROUND[0], 0.0), words[-1].end + AROUND[1]
    return Saying(title, sound, part, min(word.probability for word in words))


def stopped() -> Shown:
    """Saying words again was stopped; what was found by then stays. -> Shown."""
    return Shown(parts.note("Stopped."), *_busy(False))


def use(studio: Studio, files: Files, visit: Visit, chosen: Chosen, dictionary: str, number: str) -> tuple[Any, Any]:
    """A candidate goes into its take, and its spelling into the dictionary. -> visit, dictionary."""
    try:
        shown = visit.find(chosen.take_id)
        if number not in map(str, range(len(chosen.found))):
            raise NotFound("This candidate is no longer there; say the words again.")
        found = chosen.found[int(number)]
        places = places_after(shown.origin.take, shown.places, *shown.span(chosen.first, chosen.last))
        entry = lay(studio, files, shown.origin.changed(files, found.take, found.timed), places)
    except TimbreError as error:
        raise as_gradio(error) from None
    word = written(found.take, found.timed.words, found.first, found.last)
    told, words, learned = learn(word_of(word), found.say, dictionary) if found.say else ("", SKIP, None)
    return visit.mended(shown, entry, told, learned), words


def learn(word: str, say: str, dictionary: str) -> tuple[str, Any, Learned | None]:
    """A word and how to say it go into the dictionary, unless that cannot be. -> what is told of it, dictionary, learned."""
    try:
        entries = read_dictionary(dictionary)
        words = write_dictionary({**entries, word: say}.items())
        read_dictionary(words)
    except BadParameter as error:
        return f"“{word}” is said as “{say}” here. {error}", SKIP, None
    told = f"“{word}” is said as “{say}” from now on: see Your words, under Advanced."
    return told, words, Learned(word, say, entries.get(word, ""))


def undo(visit: Visit, take_id: str, dictionary: str) -> tuple[Visit, Any]:
    """A take as it was before, and what that change taught the dictionary. -> visit, dictionary."""
    try:
        entry = visit.find(take_id)
    except NotFound as error:
        raise as_gradio(error) from None
    return visit.undone(entry), forget(entry.learned, dictionary) if entry.learned else SKIP


def forget(learned: Learned, dictionary: str) -> Any:
    """The word is said as it was before it was learned, unless it was changed since. -> dictionary."""
    try:
        entries = {**read_dictionary(dictionary)}
    except BadParameter:  # it is being typed
        return SKIP
    if entries.get(learned.word) != learned.say:
        return SKIP
    rest = [(word, say) for word, say in (entries | {learned.word: learned.before}).items() if say]
    return write_dictionary(rest)


def wire(
    panel: RepairWidgets, studio: Studio, files: Files, visit: gr.State, words: gr.HTML, dictionary: gr.Textbox
) -> list[Any]:
    """What the bar does; the events after which the visit is to be shown anew."""
    p, asked = panel, [visit, panel.chosen, panel.text]
    typed = [p.again.click, p.text.submit, p.say.submit]
    saying = [
        gr.on(typed, partial(say_again, studio, files), [*asked, p.say], p.shown, **QUIET),
        p.ear.click(partial(by_ear, studio, files), asked, p.shown, **QUIET),
    ]
    stop(words.choose, saying, choose, visit, [p.bar, p.text, p.say, *p.shown])
    stop(p.stop.click, saying, stopped, None, p.shown)
    picked = p.candidates.choose(choice_of, None, p.number, **QUIET).then(None, js=AFTER_JOB, **QUIET)
    used = picked.then(
        partial(use, studio, files), [visit, p.chosen, dictionary, p.number], [visit, dictionary], **QUIET
    )
    pressed = p.undo.click(lambda visit: visit.shown.take.id, visit, p.take, **QUIET)
    waited = pressed.then(None, js=AFTER_JOB, **QUIET)  # by itself: what is typed meanwhile is read after it
    return [used, waited.then(undo, [visit, p.take, dictionary], [visit, dictionary], **QUIET)]
