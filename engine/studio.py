"""The verbs: clone, cancel, keep, export, transcribe, models, health. What the page, the API and later workers call.

Composes the packages and holds what they share: the queue, the models, what was heard, what is kept of cancelled jobs.
It does not know who asks, nor how anything is shown.
"""

from __future__ import annotations

import atexit
import logging
import secrets
import threading
import time
import weakref
from collections.abc import Generator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from .audio import Tape, trim
from .checks import check_language, check_request
from .choosing import say, wanted
from .clips import Clips
from .costs import Costs
from .errors import Busy, Cancelled, DiskFull, NotFound, TimbreError, Unavailable
from .exports import export
from .hearing import Transcriber, Whisper
from .plan import notes, spoken_chunks
from .recent import Recent
from .restore import made_by_timbre, restore
from .scheduler import Emit, Scheduler
from .settings import Settings
from .speech import FOUND, EulerSampler, Manner, Models, Sampler, ThriftySampler, Watermark, choose, speak, this_machine
from .store import S3, ModelFiles, ModelSpec, Storage, Weights
from .takes import Draft, clocked, finish_take, gathered, timed
from .text import check
from .timings import Timings
from .types import (
    RATE,
    Accepted,
    Chunk,
    CloneRequest,
    Done,
    Estimate,
    Event,
    Export,
    Exported,
    Health,
    ModelInfo,
    Origin,
    Reference,
    Restored,
    Stage,
    Take,
    Transcript,
    Word,
)

log = logging.getLogger("timbre")
VERSION = "0.2.0"
ASSETS = Path(__file__).parents[1] / "assets"
MOST_KEPT = 2 * 3600 * RATE
"""Samples of cancelled jobs that are kept on disk: two hours are 690 MB."""
LEAST_KEPT = 60 * RATE
"""Samples that a kept job counts at least: it holds a file open, of which a process may have no more than some hundreds."""


class Studio:
    """The facade. State: jobs by id, behind a lock; the last drafts kept, clips heard and references prepared."""

    def __init__(
        self,
        settings: Settings,
        *,
        assets: Path = ASSETS,
        weights: Weights | None = None,
        sampler: Sampler | None = None,
        transcriber: Transcriber | None = None,
        storage: Storage | None = None,
    ) -> None:
        """Parts left out are the real ones, as the settings say; nothing is loaded here."""
        self.settings = settings
        self._device = choose(this_machine(), settings.device)
        self._weights = weights or Weights(settings, assets)
        self._sampler = ThriftySampler(sampler or EulerSampler())
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
        self._lock = threading.Lock()
        self._jobs: dict[str, threading.Event] = {}
        self._drafts = Recent[str, Draft](
            MOST_KEPT, settings.keep_seconds, lambda draft: max(draft.parts.size, LEAST_KEPT)
        )
        self.clips = Clips(settings, self._transcriber, lambda model: self._spec(model).longest_reference)
        """What can be asked of a clip before it is cloned."""
        self.timings = Timings(settings, self.clips)
        """When each word of a take or a file is spoken."""
        self._takes = _folder(settings.workspace / "takes")
        self._costs = Costs(settings, self.clips, self._weights, self._models)
        self._default()  # a setting that names no model is told now, not to the first visitor
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
        self._check_room()  # asked again under the lock, when the job begins
        return self._clone(replace(request, language=request.language.lower()), secrets.token_hex(16))

    def cancel(self, take_id: str) -> None:
        """Take a running or waiting job out before its next model call; an unknown id does nothing."""
        if cancelled := self._jobs.get(take_id):
            cancelled.set()
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
        return self._costs.estimate(request, self._spec(request.model))

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
        default = self._default().name
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
            default_model=self._default().name,
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
        for cancelled in list(self._jobs.values()):
            cancelled.set()
        self._scheduler.close()
        self.unload()

    def _fetch(self, spec: ModelSpec) -> Generator[Event, None, None]:
        yield from self._weights.fetch(spec)

    def _transcribe(self, clip: Path, language: str) -> Generator[Event | Transcript, None, None]:
        yield Stage("reading")
        samples = trim(self.clips.decode(clip))
        yield Stage("transcribing")
        yield (yield from self.clips.hear(samples, language, {}))

    def _clone(self, request: CloneRequest, take_id: str) -> Generator[Event, None, None]:
        cancelled = threading.Event()
        with self._lock:
            self._check_room()
            self._jobs[take_id] = cancelled
        log.info("job %s: %d characters, model %s", take_id, len(request.text), request.model or "default")
        done = False
        try:
            self._sweep()
            yield Accepted(take_id)
            for event in self._make(request, take_id, cancelled):
                done = done or isinstance(event, Done)
                if cancelled.is_set() and not done:
                    raise Cancelled("The job was cancelled.")
                yield event
        except TimbreError as error:
            log.info("job %s ended: %s", take_id, type(error).__name__)
            raise
        except Exception as error:  # a fault of ours, or the device's: its words are for the log
            log.exception("job %s failed", take_id)
            raise Unavailable(f"Timbre failed at this ({type(error).__name__}); try again, or tell whoever runs it.") from None  # fmt: skip
        finally:
            cancelled.set()
            self._jobs.pop(take_id, None)

    def _make(self, request: CloneRequest, take_id: str, cancelled: threading.Event) -> Generator[Event, None, None]:
        timings: dict[str, float] = {}
        spec = self._spec(request.model)
        with timed(timings, "fetching"):
            files = yield from self._weights.fetch(spec)
        yield Stage("reading")
        with timed(timings, "reading"):
            reference = yield from self.clips.reference(request, spec.longest_reference, timings)
        draft = self._plan(request, take_id, files, reference, timings)
        try:
            listener = self._transcriber if wanted(request, self.clips.can_hear) else None
            events = say(draft, partial(self._speak, draft, files, cancelled), listener, self.settings)
            yield from gathered(events, draft, self.settings.loudness, self._watermark)
            yield Stage("finishing")
            take = finish_take(draft, self._takes, self.settings.loudness)
        except BaseException:
            if len(draft.parts):
                self._drafts.put(draft.id, draft)
            raise
        self._costs.learn(take, spec)
        log.info("job %s: %.1f s of speech in %.1f s", take_id, take.seconds, sum(timings.values()))
        yield Done(take)
        words: tuple[Word, ...] = ()
        if request.word_times:
            words = yield from self.timings.told(take, cancelled)
        if self._storage is not None:
            yield Stage("exporting")
            yield Exported(self.export(take, words))

    def _plan(
        self, request: CloneRequest, take_id: str, files: ModelFiles, reference: Reference, timings: dict[str, float]
    ) -> Draft:
        """Everything that is settled before the model is asked."""
        spec, most = files.spec, self.settings.text_characters * 4
        chunks = spoken_chunks(request, spec, reference.seconds, reference.text, reference.language, most)
        seed = secrets.randbelow(2**32) if request.seed is None else int(request.seed)
        told = (*reference.notes, *notes(request, spec, reference.language))
        done = replace(
            request,
            model=spec.name,
            seed=seed,
            nfe=int(request.nfe),
            reference_text=reference.text.strip(),
            language=reference.language,
        )
        return Draft(take_id, done, reference, chunks, files.hash, told, timings, Tape(self._takes))

    def _speak(
        self, draft: Draft, files: ModelFiles, cancelled: threading.Event, chunks: Sequence[Chunk], stage: str
    ) -> Generator[Event, None, None]:
        """Chunks spoken in the scheduler's thread as the draft's request says; their time is added to the stage's."""
        request = draft.request
        manner = Manner(request.nfe, request.cfg_strength, request.sway_sampling, request.speed, request.seed or 0)

        def work(emit: Emit) -> Generator[Event, None, None]:
            with ExitStack() as stack:
                with timed(draft.timings, "loading"):
                    model = stack.enter_context(self._models.borrow(files, emit))
                    if self._watermark:
                        self._watermark.load()
                if stage == "speaking":
                    yield Stage("speaking")
                yield from clocked(speak(model, self._sampler, draft.reference, chunks, manner), draft.timings, stage)

        yield from self._scheduler.run(work, files.spec.name, cancelled)

    def _spec(self, name: str) -> ModelSpec:
        return self._weights.spec(name) if name else self._default()

    def _default(self) -> ModelSpec:
        return self._weights.default(self._device.is_gpu)

    def _check_room(self) -> None:
        """Raise Busy where one more job, be it reading, waiting or running, would be too many."""
        if len(self._jobs) >= self.settings.turns + self.settings.queue:
            raise Busy(f"{len(self._jobs)} jobs are waiting or running already; try again in a few minutes.")

    def _sweep(self) -> None:
        """Delete takes older than the settings keep them."""
        oldest = time.time() - self.settings.keep_seconds
        for file in _folder(self._takes).iterdir():
            with suppress(OSError):  # another job or process was faster, or it is none of ours
                if file.stat().st_mtime < oldest:
                    file.unlink()


def _folder(path: Path) -> Path:
    """The folder, made where it is not there. Raises DiskFull where it cannot be."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # people's voices are nobody else's business
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise DiskFull(
            f"The folder {path} cannot be made ({error.strerror}); set TIMBRE_WORKSPACE to another."
        ) from None
    return path


def _close(studio: weakref.ref[Studio]) -> None:
    if (alive := studio()) is not None:
        alive.close()
