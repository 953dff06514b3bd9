"""The verbs: clone, repair, remake, arrange, cancel, keep, export, transcribe, models, health. What the page, the API and later workers call.

Composes the packages and holds what they share: the queue, the models, what was heard, what is kept of cancelled jobs.
It does not know who asks, nor how anything is shown.
"""

from __future__ import annotations

import atexit
import logging
import secrets
import threading
import weakref
from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from .audio import trim
from .bench import Bench, drawn
from .changes import ArrangeRequest, RemakeRequest, RepairRequest
from .changing import arrange, how_made, made_from, numbered, open_take, said_by
from .checks import check_language, check_remake, check_request
from .choosing import wanted
from .clips import Clips
from .costs import Costs
from .errors import NotFound
from .exports import export
from .hearing import Transcriber, Whisper
from .jobs import Jobs
from .listening import Listener
from .parts import put
from .recent import Recent
from .repair import mend, open_repair, read
from .restore import made_by_timbre, restore
from .scheduler import Scheduler
from .settings import Settings
from .speech import (
    FOUND,
    Device,
    EulerSampler,
    Models,
    Sampler,
    ThriftySampler,
    Watermark,
    choose,
    infill,
    manner_of,
    this_machine,
)
from .store import S3, ModelSpec, Storage, Weights
from .takes import Draft, finish_take, finished, sweep, takes_folder, timed, write_change
from .text import check
from .timings import Timings
from .types import (
    RATE,
    CloneRequest,
    Done,
    Estimate,
    Event,
    Export,
    Exported,
    Health,
    ModelInfo,
    Origin,
    Restored,
    Stage,
    Take,
    Timed,
    Transcript,
    Word,
)
from .zero import MACHINE, ZeroGpu, spaces_here

log = logging.getLogger("timbre")
VERSION = "0.2.0"
ASSETS = Path(__file__).parents[1] / "assets"
MOST_KEPT = 2 * 3600 * RATE
"""Samples of cancelled jobs that are kept on disk: two hours are 690 MB."""
LEAST_KEPT = 60 * RATE
"""Samples that a kept job counts at least: it holds a file open, of which a process may have no more than some hundreds."""


class Studio:
    """The facade. State: jobs by id, the last drafts kept, clips heard and references prepared."""

    def __init__(
        self,
        settings: Settings,
        *,
        assets: Path = ASSETS,
        device: Device | None = None,
        weights: Weights | None = None,
        sampler: Sampler | None = None,
        transcriber: Transcriber | None = None,
        storage: Storage | None = None,
        spaces: Any = None,
    ) -> None:
        """Parts left out are the real ones, as the settings say, `spaces` the package on ZeroGPU; nothing is loaded here."""
        spaces = spaces or spaces_here()
        self._device = device or choose(MACHINE if spaces else this_machine(), settings.device, settings.graphs)
        if spaces and settings.whisper_device == "auto":  # to look for a GPU here would begin CUDA
            settings = settings.model_copy(update={"whisper_device": "cpu"})
        settings = settings.model_copy(update={"turns": settings.turns or self._device.turns})
        self.settings = settings
        self._weights = weights or Weights(settings, assets)
        self._storage = storage or S3.of(settings)
        self._models = Models(self._device, settings.idle_seconds)
        self._detector = Watermark()
        self._watermark = self._detector if settings.watermark else None
        self._transcriber = transcriber or Whisper(
            lambda: self._weights.whisper(settings.whisper),
            settings.whisper_device,
            settings.whisper_compute_type,
            settings.idle_seconds,
        )
        self._scheduler = Scheduler(
            turns=settings.turns, job_seconds=settings.job_seconds, switch_seconds=settings.switch_seconds
        )
        self._jobs = Jobs(settings.turns + settings.queue)
        self._drafts = Recent[str, Draft](
            MOST_KEPT, settings.keep_seconds, lambda draft: max(draft.parts.size, LEAST_KEPT)
        )
        self.clips = Clips(settings, self._transcriber, lambda model: self._bench.spec(model).longest_reference)
        """What can be asked of a clip before it is cloned."""
        self.timings = Timings(settings, self.clips)
        """When each word of a take or a file is spoken."""
        self._takes = takes_folder(settings.workspace)
        self._costs = Costs(settings, self.clips, self._weights, self._models)
        sampler = ThriftySampler(sampler or EulerSampler())
        self._bench = Bench(
            settings,
            self._weights,
            self._device.is_gpu,
            self._models,
            sampler,
            self._scheduler,
            ZeroGpu(spaces, self._models, sampler) if spaces else None,
            self.clips,
            self._transcriber,
            self._watermark,
            self._takes,
        )
        self._bench.spec("")  # a setting that names no model is told now, not to the first visitor
        # Python ends badly while a thread is inside torch; scripts forget to close.
        atexit.register(_close, weakref.ref(self))

    def clone(self, request: CloneRequest) -> Generator[Event, None, None]:
        """Speak the request's text in its clip's voice.

        Checks the request and raises BadInput or Busy at once; then returns the generator of what happens: Accepted,
        Stage, Waiting, Loading, Step and Partial as they come, Done with the take, where word times were asked for
        Timed, and where there is a bucket Exported. Closing it, or `cancel`, takes the job out before its next model call; chunks already finished can be
        had by `keep`. Its `next` raises TimbreError.
        """
        check_request(request)
        check(request.text, self.settings.text_characters)
        wanted(request, self.clips.can_hear)
        if request.model:
            self._weights.spec(request.model)
        self._jobs.check_room()  # asked again under the lock, when the job begins
        request = replace(request, language=request.language.lower())
        return self._jobs.run(secrets.token_hex(16), partial(self._clone, request))

    def repair(self, request: RepairRequest) -> Generator[Event, None, None]:
        """Say some words of a finished take again, all else of it as it is, to the bit.

        Checks the request and raises BadInput or Busy at once; then returns the generator of what happens: as `clone`,
        and last for each candidate, the best first, Done with a take of its own and Timed with all its words.
        """
        made = read(request)
        if made.request.model:
            self._weights.spec(made.request.model)
        self._jobs.check_room()
        return self._jobs.run(secrets.token_hex(16), partial(self._repair, request, made))

    def remake(self, request: RemakeRequest) -> Generator[Event, None, None]:
        """Make one part of a finished take again, from other noise; all else of it as it is, to the bit.

        Checks the request and raises BadInput or Busy at once; then returns the generator of what happens: as `clone`,
        and last Done with a take of its own; Timed too where the words' times were given.
        """
        check_remake(request)
        made = how_made(request.file, request.clip)
        wanted(made.request, self.clips.can_hear)
        if made.request.model:
            self._weights.spec(made.request.model)
        self._jobs.check_room()
        return self._jobs.run(secrets.token_hex(16), partial(self._remake, request, made))

    def arrange(self, request: ArrangeRequest) -> tuple[Take, Timed]:
        """Lay the parts of a finished take anew, as a take of its own; its words' times where they were given.

        Raises BadInput, Unavailable.
        """
        sweep(self._takes, self.settings.keep_seconds)
        return arrange(request, self._takes)

    def cancel(self, take_id: str) -> None:
        """Take a running or waiting job out before its next model call; an unknown id does nothing."""
        if self._jobs.cancel(take_id):
            self._scheduler.wake()

    def kept(self, take_id: str) -> int:
        """How many finished chunks of a job that did not end are kept; 0 where none are."""
        draft = self._drafts.get(take_id)
        return len(draft.parts) if draft else 0

    def keep(self, take_id: str) -> Take:
        """Make a take of the chunks that a cancelled or failed job had finished. Raises NotFound."""
        draft = self._drafts.get(take_id)
        if draft is None:
            raise NotFound("Nothing of this job is kept any more; generate it again.")
        take = finish_take(draft, self._takes, self.settings.loudness)
        self._drafts.pop(take_id)
        return take

    def export(self, take: Take, words: Sequence[Word] = ()) -> Export:
        """Copy a take to the bucket, with its words' times where given, as often as asked; never raises: `error` says
        why there is no link."""
        return export(self._storage, take, self.settings.link_seconds, words)

    def estimate(self, request: CloneRequest) -> Estimate:
        """What the request will cost; loads nothing and hears nothing. Raises BadInput.

        Words of the clip that are neither typed nor heard yet are taken to be spoken at a usual pace.
        """
        check_request(request)
        check(request.text, self.settings.text_characters)
        return self._costs.estimate(request, self._bench.spec(request.model))

    def restore(self, file: Path) -> Restored:
        """The request that a file of ours was made from. Raises BadInput."""
        return restore(file)

    def detect(self, file: Path) -> Origin:
        """Whether a sound file is ours: by its inaudible mark, and by what its metadata say. Raises BadClip, Unavailable."""
        mark = self._detector.find(self.clips.decode(file))
        return Origin(mark, mark >= FOUND, made_by_timbre(file))

    def transcribe(self, clip: Path, language: str = "") -> Generator[Event | Transcript, None, None]:
        """Hear a whole clip: Stage and Loading as they come, the Transcript last.

        Raises BadParameter at once; `next` raises BadClip, HearingUnavailable.
        """
        check_language(language)
        return self._transcribe(clip, language.lower())

    def fetch(self, model: str) -> Generator[Event, None, None]:
        """Bring a model's weights onto this machine, so that the first to ask for it need not wait: Loading as they come.

        Raises BadParameter at once; `next` raises ModelUnavailable, DiskFull. Closing it ends the download.
        """
        return self._fetch(self._weights.spec(model))

    def models(self) -> tuple[ModelInfo, ...]:
        """The models a request may name; loads nothing and asks no hub."""
        default = self._bench.spec("").name
        return tuple(
            ModelInfo(
                name=spec.name,
                title=spec.title,
                about=spec.about,
                licence=spec.licence,
                languages=spec.languages,
                longest_reference=spec.longest_reference,
                ready=self._weights.ready(spec),
                download_bytes=self._weights.download_bytes(spec),
                default=spec.name == default,
                loaded=spec.name == self._models.loaded,
            )
            for spec in self._weights.specs()
        )

    def health(self) -> Health:
        """State of this process; loads nothing."""
        limits = ("text_characters", "clip_bytes", "clip_seconds", "queue", "job_seconds")
        return Health(
            version=VERSION,
            device=self._device.title,
            model=self._models.loaded,
            default_model=self._bench.spec("").name,
            whisper=self.settings.whisper if self.clips.can_hear else "",
            whisper_loaded=self._transcriber.loaded,
            running=self._scheduler.running,
            waiting=self._scheduler.waiting,
            bucket=self.settings.bucket,
            mirror=self._weights.mirror,
            limits={name: getattr(self.settings, name) for name in limits},
            dtype=self._device.dtype,
            attention=self._device.attention,
            threads=self._device.threads,
            device_reason=self._device.reason,
        )

    def unload(self) -> None:
        """Drop the models that nobody uses at the moment."""
        self._models.unload()
        self._transcriber.unload()

    def close(self) -> None:
        """Cancel every job and drop the models; the process may end."""
        self._jobs.cancel_all()
        self._scheduler.close()
        self.unload()

    def _fetch(self, spec: ModelSpec) -> Generator[Event, None, None]:
        yield from self._weights.fetch(spec)

    def _transcribe(self, clip: Path, language: str) -> Generator[Event | Transcript, None, None]:
        yield Stage("reading")
        samples = trim(self.clips.decode(clip))
        yield Stage("transcribing")
        heard = yield from self.clips.hear(samples, language, {})
        self._bench.foresee()
        yield heard

    def _clone(self, request: CloneRequest, take_id: str, cancelled: threading.Event) -> Generator[Event, None, None]:
        log.info("job %s: %d characters, model %s", take_id, len(request.text), request.model or "default")
        timings: dict[str, float] = {}
        files, reference = yield from self._bench.prepared(request, timings)
        draft = self._bench.plan(request, take_id, files, reference, timings)
        try:
            yield from self._bench.spoken(draft, files, wanted(request, self.clips.can_hear), cancelled)
            yield Stage("finishing")
            take = finish_take(draft, self._takes, self.settings.loudness)
        except BaseException:
            if len(draft.parts):
                self._drafts.put(draft.id, draft)
            raise
        self._costs.learn(take, files.spec)
        log.info("job %s: %.1f s of speech in %.1f s", take_id, take.seconds, sum(timings.values()))
        yield Done(take)
        words: tuple[Word, ...] = ()
        if request.word_times:
            hearing: dict[str, float] = {}
            with timed(hearing, "hearing"):
                words = yield from self.timings.told(take, cancelled)
            self._costs.learn_hearing(hearing["hearing"], take.seconds if words else 0.0)
        if self._storage is not None:
            yield Stage("exporting")
            yield Exported(self.export(take, words))

    def _repair(
        self, request: RepairRequest, made: Restored, take_id: str, cancelled: threading.Event
    ) -> Generator[Event, None, None]:
        log.info("job %s: words said again, model %s", take_id, made.request.model or "default")
        timings: dict[str, float] = {}
        files, reference = yield from self._bench.prepared(replace(made.request, clip=request.clip), timings)
        made = made_from(made, reference, files.hash)
        repair = open_repair(request, made)
        if not request.words:
            asked = repair.asked
            was = yield from self.timings.near(repair.was, asked.first, asked.last, made.request.language)
            repair = replace(repair, was=was)
        manner, tries = manner_of(made.request, drawn(request.seed)), int(request.tries)
        make = partial(infill, reference=reference, gap=repair.gap(), manner=manner, tries=tries)
        events = self._bench.on_model(make, tries * manner.nfe, files, timings, "repairing", cancelled)
        listener = Listener(self._transcriber, reference, repair.language, timings) if self.clips.can_hear else None
        found = yield from mend(repair, events, listener, self._watermark)
        yield Stage("finishing")
        for version in found:
            note = f"Said again: {repair.told}."
            take, timed_words = write_change(made, version, repair.told, (note,), timings, self._takes)
            yield Done(take)
            yield timed_words

    def _remake(
        self, request: RemakeRequest, made: Restored, take_id: str, cancelled: threading.Event
    ) -> Generator[Event, None, None]:
        log.info("job %s: a part made again, model %s", take_id, made.request.model or "default")
        timings: dict[str, float] = {}
        was = open_take(request.file, made, request.words)
        number = numbered(request.part, was)
        asked = replace(made.request, clip=request.clip, text=said_by(was, number), seed=request.seed)
        files, reference = yield from self._bench.prepared(asked, timings)
        made = made_from(made, reference, files.hash)
        draft = self._bench.plan(asked, take_id, files, reference, timings)
        yield from self._bench.spoken(draft, files, wanted(made.request, self.clips.can_hear), cancelled)
        yield Stage("finishing")
        sound, _ = finished(draft, self._takes, self.settings.loudness)
        said = (yield from self.timings.within(sound, asked.text, asked.language)) if request.words else ()
        told = f"part {number + 1} made again with seed {draft.request.seed}"
        notes = f"Changed: {told}.", *draft.notes
        take, timed_words = write_change(made, put(was, number, sound, said), told, notes, timings, self._takes)
        yield Done(take)
        if request.words:
            yield timed_words


def _close(studio: weakref.ref[Studio]) -> None:
    if (alive := studio()) is not None:
        alive.close()
