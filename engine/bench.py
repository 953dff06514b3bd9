"""Where jobs do their work: weights brought here, the clip prepared, the text planned, the model used in its turn.

Knows what a request needs of the other packages; neither what jobs there are, nor what becomes of what is made.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from .audio import Tape
from .choosing import say
from .clips import Clips
from .hearing import Transcriber
from .plan import notes, spoken_chunks
from .scheduler import Emit, Scheduler
from .settings import Settings
from .speech import Model, Models, Sampler, Watermark, manner_of, speak
from .store import ModelFiles, ModelSpec, Weights
from .takes import Draft, clocked, gathered, sweep, timed
from .types import Chunk, CloneRequest, Event, Reference, Stage, StageName
from .zero import ZeroGpu


@dataclass(frozen=True, eq=False)
class Bench:
    """All that a job works with."""

    settings: Settings
    weights: Weights
    is_gpu: bool
    models: Models
    sampler: Sampler
    scheduler: Scheduler
    zero: ZeroGpu | None
    """Where the GPU is lent call by call."""
    clips: Clips
    transcriber: Transcriber
    watermark: Watermark | None
    takes: Path
    """The folder of the takes."""

    def spec(self, name: str) -> ModelSpec:
        """The model of that name; blank: the default. Raises BadParameter."""
        return self.weights.spec(name) if name else self.weights.default(self.is_gpu)

    def foresee(self, files: ModelFiles | None = None) -> None:
        """Begin what is seconds of imports while a clip is heard, or once it was: it will be spoken with; by the model of these
        files, where that is known, which a GPU begins to load too. A processor's cores are busy hearing: of two, nothing was
        gained. Where the GPU is lent nothing is begun: processes fork there, which must not happen while a thread imports."""
        if self.zero:
            return
        if self.watermark:
            self.watermark.begin()
        if files and self.is_gpu:
            self.models.begin(files)

    def prepared(
        self, request: CloneRequest, timings: dict[str, float]
    ) -> Generator[Event, None, tuple[ModelFiles, Reference]]:
        """The model's weights on this machine, and the clip as it takes it."""
        sweep(self.takes, self.settings.keep_seconds)
        spec = self.spec(request.model)
        with timed(timings, "fetching"):
            files = yield from self.weights.fetch(spec)
        yield Stage("reading")
        if not request.reference_text:
            self.foresee(files)
        with timed(timings, "reading"):
            reference = yield from self.clips.reference(request, spec.longest_reference, timings)
        return files, reference

    def plan(
        self, request: CloneRequest, take_id: str, files: ModelFiles, reference: Reference, timings: dict[str, float]
    ) -> Draft:
        """Everything that is settled before the model is asked."""
        spec, most = files.spec, self.settings.text_characters * 4
        chunks = spoken_chunks(request, spec, reference.seconds, reference.text, reference.language, most)
        told = (*reference.notes, *notes(request, spec, reference.language))
        done = replace(
            request,
            model=spec.name,
            seed=drawn(request.seed),
            nfe=int(request.nfe),
            reference_text=reference.text.strip(),
            language=reference.language,
        )
        return Draft(take_id, done, reference, chunks, files.hash, told, timings, Tape(self.takes))

    def spoken(
        self, draft: Draft, files: ModelFiles, checked: bool, cancelled: threading.Event
    ) -> Generator[Event, None, None]:
        """The draft's chunks spoken, and where they are to be `checked` heard; each is kept in the draft."""
        events = say(
            draft, partial(self._speak, draft, files, cancelled), self.transcriber if checked else None, self.settings
        )
        yield from gathered(events, draft, self.settings.loudness, self.watermark)

    def on_model(
        self,
        make: Callable[[Model, Sampler], Iterator[Event]],
        calls: int,
        files: ModelFiles,
        timings: dict[str, float],
        stage: StageName,
        cancelled: threading.Event,
    ) -> Generator[Event, None, None]:
        """What is made with the model in at most so many `calls` of it, in the scheduler's thread; its time is added to
        the stage's, which begins when the model is there."""
        begins = Stage(stage)
        if self.zero:
            events = self.zero.run(begins, make, calls, files)
            yield from clocked(islice(events, 2), timings, "loading")  # until the stage begins
            yield from clocked(events, timings, stage)
            return

        def work(emit: Emit) -> Generator[Event, None, None]:
            with ExitStack() as stack:
                with timed(timings, "loading"):
                    model = stack.enter_context(self.models.borrow(files, emit))
                    if self.watermark:
                        self.watermark.load()
                yield begins
                yield from clocked(make(model, self.sampler), timings, stage)

        yield from self.scheduler.run(work, files.spec.name, cancelled)

    def _speak(
        self, draft: Draft, files: ModelFiles, cancelled: threading.Event, chunks: Sequence[Chunk], stage: StageName
    ) -> Generator[Event, None, None]:
        """Chunks spoken as the draft's request says."""
        manner = manner_of(draft.request, draft.request.seed or 0)
        make = partial(speak, reference=draft.reference, chunks=chunks, manner=manner)
        yield from self.on_model(make, len(chunks) * manner.nfe, files, draft.timings, stage, cancelled)


def drawn(seed: int | None) -> int:
    """The seed that is asked for, or a random one."""
    return secrets.randbelow(2**32) if seed is None else int(seed)
