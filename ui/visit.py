"""The takes of a visit: each with its files as the page may serve them, what is known of its words, and what it was before.

Values alone, in the server's memory for that visit only. Knows neither widgets nor how takes are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine import (
    SUBTITLE_FORMATS,
    BadParameter,
    CloneRequest,
    Export,
    NotFound,
    Place,
    Take,
    Timed,
    Word,
    subtitles,
    words_heard,
    words_laid,
)

from .files import Files
from .voices import Gallery

TAKES = 8
"""So many takes of a visit stay on the page."""


@dataclass(frozen=True)
class Learned:
    """A spelling that a change taught the dictionary, and the one that the word had there before; blank: none."""

    word: str
    say: str
    before: str


@dataclass(frozen=True)
class Entry:
    """A take as the visit knows it: how to make it again, and its files as the page may serve them."""

    title: str
    take: Take
    request: CloneRequest
    """As it was asked, with the clip; its seed is None where it was to be drawn."""
    sound: str
    picture: str
    export: Export | None = None
    about: str = ""
    """Said of it in the player, where its title does not say enough."""
    words: tuple[Word, ...] = ()
    """When each is spoken, where that is known; else `untold` may say why not."""
    subtitles: Mapping[str, str] = field(default_factory=dict)
    """Their files by format, which the page may serve."""
    untold: str = ""
    before: Entry | None = None
    """The take as it was, where some of it was changed."""
    told: str = ""
    """Said of that."""
    learned: Learned | None = None
    """What that taught the dictionary, if anything."""

    source: Entry | None = None
    """The take whose parts lie here as `places` have them; none: they lie as they were made."""
    places: tuple[Place, ...] = ()

    @property
    def origin(self) -> Entry:
        """The take whose parts lie here: the source, or this one itself."""
        return self.source or self

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Which of the words of `origin` these of its own are, first and last. Raises BadParameter where others lie between
        them there."""
        if self.source is None:
            return first, last
        numbers = words_heard(self.source.take, self.places)[first : last + 1]
        if numbers != [*range(numbers[0], numbers[-1] + 1)]:
            raise BadParameter(
                "These words are of parts that were made apart from each other; choose words of one part."
            )
        return numbers[0], numbers[-1]

    def changed(self, files: Files, take: Take, timed: Timed) -> Entry:
        """The same with some of it changed: another take, and its words' times."""
        entry = replace(
            self,
            take=take,
            request=replace(self.request, text=take.request.text),
            sound=files.publish(take.file, take.filename),
            picture=files.publish(take.picture, take.picture.name),
            export=None,
            source=None,
            places=(),
        )
        return entry.timed(files, timed)

    def timed(self, files: Files, timed: Timed) -> Entry:
        """The same with its word times and their files."""
        stem, text = Path(self.take.filename).stem, self.take.request.text
        formats = SUBTITLE_FORMATS if timed.words else ()
        made = {format: files.write(f"{stem}.{format}", subtitles(format, text, timed.words)) for format in formats}
        return replace(self, words=timed.words, subtitles=made, untold=timed.error)

    def heard(self, files: Files, timed: Timed) -> Entry:
        """The same once a take's words were heard, where its parts are that take's."""
        if self.origin.take.id != timed.take_id:
            return self
        if self.source is None:
            return self.timed(files, timed)
        words = words_laid(self.source.take, timed.words, self.places, self.take)
        laid = replace(timed, take_id=self.take.id, words=words)
        return replace(self.timed(files, laid), source=self.source.timed(files, timed))


@dataclass(frozen=True)
class Visit:
    """The takes of a visit, newest first, the number of all made, and which one is in the player."""

    entries: tuple[Entry, ...]
    made: int = 0
    index: int = 0

    @property
    def shown(self) -> Entry:
        """The one in the player."""
        return self.entries[self.index]

    def find(self, take_id: str) -> Entry:
        """That take. Raises NotFound where it is not there, or not as it was."""
        for entry in self.entries:
            if entry.take.id == take_id:
                return entry
        raise NotFound("That take is no longer here as it was; choose one, and change it again.")

    def add(self, files: Files, take: Take, request: CloneRequest, voice: str) -> Visit:
        """The visit with a new take, which is shown; beyond TAKES the oldest goes."""
        made = self.made + 1
        sound = files.publish(take.file, take.filename)
        picture = files.publish(take.picture, take.picture.name)
        entry = Entry(f"{voice}, take {made}", take, request, sound, picture)
        return Visit((entry, *self.entries)[:TAKES], made)

    def mended(self, was: Entry, entry: Entry, told: str = "", learned: Learned | None = None) -> Visit:
        """The visit with a take as it is once some of it was changed; `undone` gets back what it was."""
        return self._with(was, replace(entry, before=was, told=told, learned=learned))

    def undone(self, entry: Entry) -> Visit:
        """The visit with a take as it was before the last change."""
        return self._with(entry, entry.before or entry)

    def _with(self, was: Entry, entry: Entry) -> Visit:
        """The visit with another entry in place of one."""
        return replace(self, entries=tuple(entry if one is was else one for one in self.entries))

    def timed(self, files: Files, timed: Timed) -> Visit:
        """The visit with a take's word times, or why they are not known; so too where its parts are laid anew."""
        return replace(self, entries=tuple(entry.heard(files, timed) for entry in self.entries))

    def exported(self, export: Export) -> Visit:
        """The visit with what became of a take's export."""
        entries = tuple(replace(e, export=export) if e.take.id == export.take_id else e for e in self.entries)
        return replace(self, entries=entries)


def first_visit(gallery: Gallery) -> Visit:
    """A visit that has made nothing: the pre-rendered example is in the player."""
    take = gallery.example
    request = replace(take.request, clip=gallery.example_voice.clip)
    name = gallery.example_voice.name
    about = f"{name}, an example made earlier by the {take.model} model"
    return Visit((Entry(f"{name}, example", take, request, str(take.file), str(take.picture), about=about),))
