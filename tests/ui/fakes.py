"""A studio that speaks a tone: the whole facade, with real files, and every event a real job has."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from engine import (
    Accepted,
    ArrangeRequest,
    BadClip,
    Cancelled,
    CloneRequest,
    Cures,
    Done,
    Estimate,
    Event,
    Export,
    Exported,
    Health,
    Loading,
    ModelInfo,
    NotFound,
    Origin,
    Partial,
    RemakeRequest,
    RepairRequest,
    Report,
    Restored,
    Settings,
    Stage,
    Step,
    Stretch,
    Take,
    Timed,
    Transcript,
    Waiting,
    Word,
)
from engine.audio import content_hash, encode
from engine.changing import arrange
from engine.checks import check_language, check_remake, check_repair, check_request
from engine.restore import made_by_timbre, restore
from engine.takes import describe
from engine.text import check
from engine.text.words import place, split
from engine.types import Part

HEARD = Transcript("the words that were heard", "en", (Word("the", 0.0, 0.2), Word("words", 0.2, 0.5)))
HEALTH = Health(
    "0.1.0", "CPU, 2 cores", "", "demo", "base", False, 0, 0, "", limits={"text_characters": 100_000},
    dtype="float32", attention="flash", threads=2, device_reason="The processor; fp32.",
)  # fmt: skip
MODELS = (
    ModelInfo("demo", "Demo", "Small and rough, for trying out.", "MIT", ("en",), 4.0, True, 0, True, False),
    ModelInfo("F5TTS_v1_Base", "F5-TTS v1 Base", "The best model, not for commercial use.", "CC-BY-NC-4.0", ("en", "zh"), 12.0, False, 1_350_000_000, False, False),
)  # fmt: skip
ESTIMATE = Estimate(3, 14.2, None, 0)
REPORT = Report(seconds=8.2, speech_seconds=7.4, level=-22.0, snr=38.0, rt60=0.2, clipped=0.0, grade="good")
STRETCHES = (
    Stretch(0.5, 6.1, "the words that were heard", 0.9, "whole sentences, steady level"),
    Stretch(7.0, 11.0, "other words", 0.6, "whole sentences"),
)


@dataclass
class FakeClips:
    """A report and stretches as they are set, and cures that only cut; `deaf` is raised by `stretches`."""

    report: Report = REPORT
    found: tuple[Stretch, ...] = STRETCHES
    deaf: Exception | None = None
    asked: list[tuple[object, ...]] = field(default_factory=list)

    def examine(self, clip: Path, model: str = "") -> Report:
        _read(clip)
        return self.report

    def stretches(
        self, clip: Path, typed: str = "", language: str = "", model: str = ""
    ) -> Iterator[Event | tuple[Stretch, ...]]:
        check_language(language)
        self.asked.append((typed, language))
        return self._stretches(clip)

    def _stretches(self, clip: Path) -> Iterator[Event | tuple[Stretch, ...]]:
        _read(clip)
        yield Stage("transcribing")
        if self.deaf:
            raise self.deaf
        yield self.found

    def cure(self, clip: Path, cures: Cures, file: Path) -> None:
        self.asked.append((cures,))
        samples, rate = _read(clip)
        first, last = (None if time is None else round(time * rate) for time in (cures.start, cures.end))
        soundfile.write(file, samples[first:last], rate, format="FLAC")


@dataclass
class FakeTimings:
    """Each word of a take takes equally long, and the last is not heard; `deaf` is raised instead."""

    deaf: Exception | None = None

    def of_take(self, take: Take) -> Iterator[Event | Transcript]:
        yield Stage("timing")
        if self.deaf:
            raise self.deaf
        yield even(take.request.text, take.seconds)

    def of_file(self, file: Path, text: str = "", language: str = "") -> Iterator[Event | Transcript]:
        check_language(language)
        text = text or restore(file).request.text
        yield Stage("timing")
        if self.deaf:
            raise self.deaf
        yield even(text, 2.0)


def even(text: str, seconds: float) -> Transcript:
    words = split(text)
    each = seconds / len(words)
    timed = [Word(word, n * each, (n + 1) * each, float(n + 1 < len(words))) for n, word in enumerate(words)]
    return Transcript(text, "en", tuple(timed))


def halves(text: str, samples: int) -> tuple[Part, ...]:
    words = len(split(text))
    return (Part(words // 2, 0, samples), Part(words - words // 2, samples, 2 * samples)) if words > 1 else ()


def _read(clip: Path) -> tuple[np.ndarray, int]:
    try:
        return soundfile.read(clip)
    except (soundfile.LibsndfileError, TypeError):
        raise BadClip("The clip is no sound that can be read; choose another.") from None


def part_of(chunk: int, seconds: int = 1) -> np.ndarray:
    """Some of the tone the fake studio speaks: both parts together are its take."""
    time_axis = np.arange(24_000 * seconds) / 24_000 + seconds * (chunk - 1)
    return (0.3 * np.sin(2 * np.pi * 220 * time_axis)).astype(np.float32)


@dataclass
class FakeStudio:
    """Two chunks of four steps; `pace` seconds each, and the second not before `gate` is set. `fails` is raised in the second chunk, `deaf` by transcribe.

    What it makes are real files of ours; `mark` is how surely any file is marked.
    """

    settings: Settings
    pace: float = 0.0
    part_seconds: int = 1
    gate: threading.Event | None = None
    fails: Exception | None = None
    deaf: Exception | None = None
    unreachable: Exception | None = None
    exports: Callable[[Take], Export] | None = None
    heard: Transcript = HEARD
    clips: FakeClips = field(default_factory=FakeClips)
    timings: FakeTimings = field(default_factory=FakeTimings)
    cost: Estimate = ESTIMATE
    mark: float = 0.99
    blind: Exception | None = None
    requests: list[CloneRequest] = field(default_factory=list)
    repairs: list[RepairRequest] = field(default_factory=list)
    remade: list[RemakeRequest] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    steps: int = 0
    made: int = 0
    _stop: dict[str, threading.Event] = field(default_factory=dict)
    _kept: dict[str, tuple[CloneRequest, int]] = field(default_factory=dict)

    def clone(self, request: CloneRequest) -> Generator[Event, None, None]:
        check_request(request)
        check(request.text, self.settings.text_characters)
        self.requests.append(request)
        self.made += 1
        return self._clone(request, f"{self.made:032x}")

    def _clone(self, request: CloneRequest, id: str) -> Generator[Event, None, None]:
        stop = self._stop[id] = threading.Event()
        try:
            yield Accepted(id)
            yield from (Stage("reading"), Waiting(2), Waiting(1), Loading("Demo model", 5_000_000, 20_000_000))
            yield Stage("speaking")
            for chunk in (1, 2):
                if self.gate and chunk == 2:
                    assert self.gate.wait(60)
                for step in range(1, 5):
                    stop.wait(self.pace)
                    if stop.is_set():
                        raise Cancelled("The job was cancelled.")
                    self.steps += 1
                    yield Step(chunk, 2, step, 4)
                self._kept[id] = request, chunk
                yield Partial(chunk, 2, part_of(chunk, self.part_seconds))
                if self.fails:
                    raise self.fails
            yield Stage("finishing")
            yield Done(take := self._take(id, request, ()))
            del self._kept[id]
            if request.word_times:
                yield Stage("timing")
                yield Timed(id, even(request.text, 2.0).words)
            if self.exports:
                yield Stage("exporting")
                yield Exported(self.exports(take))
        finally:
            self.closed.append(id)

    def _take(self, id: str, request: CloneRequest, notes: tuple[str, ...]) -> Take:
        folder = self.settings.workspace / "takes"
        folder.mkdir(parents=True, exist_ok=True)
        seed = 1234567 if request.seed is None else int(request.seed)
        file = folder / f"{id}.{request.format}"
        Image.new("RGB", (800, 150), "#0d2f2d").save(folder / f"{id}.png")
        done = replace(
            request, clip=None, seed=seed, model="demo", reference_text=request.reference_text or self.heard.text
        )
        take = Take(
            id, file, folder / f"{id}.png", 2.0 * self.part_seconds, done, seed, content_hash(request.clip), 8.2, (request.text,), "demo", "hash",
            {"reading": 0.1, "loading": 0.2, "speaking": 2.5, "finishing": 0.3}, notes, "2026-11-24T10:00:00+00:00",
            parts=halves(request.text, 24_000 * self.part_seconds),
        )  # fmt: skip
        sound = np.concatenate([part_of(chunk, self.part_seconds) for chunk in (1, 2)])
        encode(sound, file, request.format, describe(take))
        return take

    def repair(self, request: RepairRequest) -> Generator[Event, None, None]:
        """Takes of the same tone; their words are equally long."""
        check_repair(request)
        made = restore(request.file).request
        self.repairs.append(request)
        return self._repair(request, replace(made, clip=request.clip))

    def _repair(self, request: RepairRequest, made: CloneRequest) -> Generator[Event, None, None]:
        try:
            yield from self._candidates(request, made)
        finally:
            self.closed.append("repair")

    def _candidates(self, request: RepairRequest, made: CloneRequest) -> Generator[Event, None, None]:
        yield Stage("repairing")
        start, end = place(made.text, request.first, request.last)
        words = request.text or made.text[start:end]
        made = replace(made, text=made.text[:start] + words + made.text[end:])
        for number in range(request.tries):
            time.sleep(self.pace)
            if self.fails:
                raise self.fails
            yield Step(1, 1, number + 1, request.tries)
            self.made += 1
            yield Done(take := self._take(f"{self.made:032x}", made, (f"Said again: “{words}”.",)))
            yield Timed(take.id, even(made.text, take.seconds).words)

    def remake(self, request: RemakeRequest) -> Generator[Event, None, None]:
        """A take of the same tone; its words are equally long."""
        check_remake(request)
        made = restore(request.file).request
        self.remade.append(request)
        return self._remake(request, replace(made, clip=request.clip))

    def _remake(self, request: RemakeRequest, made: CloneRequest) -> Generator[Event, None, None]:
        try:
            yield Stage("speaking")
            for step in range(1, 5):
                time.sleep(self.pace)
                yield Step(1, 1, step, 4)
            if self.fails:
                raise self.fails
            self.made += 1
            yield Done(
                take := self._take(f"{self.made:032x}", made, (f"Changed: part {request.part + 1} made again.",))
            )
            if request.words:
                yield Timed(take.id, even(made.text, take.seconds).words)
        finally:
            self.closed.append("remake")

    def arrange(self, request: ArrangeRequest) -> tuple[Take, Timed]:
        return arrange(request, self.settings.workspace / "takes")

    def cancel(self, take_id: str) -> None:
        if take_id in self._stop:
            self._stop[take_id].set()

    def kept(self, take_id: str) -> int:
        return self._kept.get(take_id, (None, 0))[1]

    def keep(self, take_id: str) -> Take:
        if take_id not in self._kept:
            raise NotFound("Nothing of this job is kept any more; generate it again.")
        request, chunks = self._kept.pop(take_id)
        return self._take(
            take_id, request, (f"These are the first {chunks} of 2 parts; the job ended before the others.",)
        )

    def export(self, take: Take, words: Sequence[Word] = ()) -> Export:
        return self.exports(take) if self.exports else Export(take.id)

    def transcribe(self, clip: Path, language: str = "") -> Iterator[Event | Transcript]:
        if not clip.is_file():
            raise BadClip("The clip is no longer there; choose it again.")
        yield Stage("transcribing")
        time.sleep(self.pace)
        if self.deaf:
            raise self.deaf
        yield replace(self.heard, language=language or self.heard.language)

    def estimate(self, request: CloneRequest) -> Estimate:
        check_request(request)
        check(request.text, self.settings.text_characters)
        return self.cost

    def restore(self, file: Path) -> Restored:
        return restore(file)

    def detect(self, file: Path) -> Origin:
        if self.blind:
            raise self.blind
        _read(file)
        return Origin(self.mark, self.mark >= 0.5, made_by_timbre(file))

    def fetch(self, model: str) -> Iterator[Event]:
        yield Loading("F5-TTS v1 Base", 5_000_000, 1_350_000_000)
        if self.unreachable:
            raise self.unreachable

    def models(self) -> tuple[ModelInfo, ...]:
        return MODELS

    def health(self) -> Health:
        return HEALTH

    def unload(self) -> None: ...

    def close(self) -> None: ...
