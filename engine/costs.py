"""What a clone will cost, before it is made: told from what such work took on this machine.

Knows the plan and the measured paces. It loads nothing, hears nothing, and does not know how the work is done.
"""

from __future__ import annotations

from .choosing import wanted
from .clips import Clips
from .pace import Pace
from .plan import notes, paced, spoken_chunks, typical_words, work_of
from .settings import Settings
from .speech import Models
from .store import ModelSpec, Weights
from .text import language_of, normalise
from .types import Chunk, CloneRequest, Estimate, Take

LOADED = 0.05
"""Seconds of borrowing a model below which it was in memory already."""

UNHEARD = "Listening to what was spoken comes on top; how long that takes was not measured on this machine yet."
"""What a check or the words' times cost is not known before the first; the rest is worth telling without it."""


class Costs:
    """Estimates, and what they are learned from. State: the paces, in a file of the workspace."""

    def __init__(self, settings: Settings, clips: Clips, weights: Weights, models: Models) -> None:
        self._settings, self._clips, self._weights, self._models = settings, clips, weights, models
        self._pace = Pace(settings.workspace / "pace.json")

    def estimate(self, request: CloneRequest, spec: ModelSpec) -> Estimate:
        """See Studio.estimate; the request is checked, `spec` is its model."""
        known = self._clips.known_reference(request, spec.longest_reference)
        seconds = known.seconds if known else self._clips.seconds(request, spec.longest_reference)
        words = known.text if known else normalise(request.reference_text, request.language or "en")
        words, unheard = words or typical_words(seconds), not (known or words)
        most = self._settings.text_characters * 4
        chunks = spoken_chunks(request, spec, seconds, words, request.language, most)
        work = work_of(request, spec, seconds, words, chunks)
        units = {
            f"speaking {spec.name}": work.steps,
            f"loading {spec.name}": float(self._models.loaded != spec.name),
            "finishing": work.speech_seconds,
            "hearing": seconds if unheard else 0.0,
        }
        listening = {
            "checking": work.speech_seconds if wanted(request, self._clips.can_hear) else 0.0,
            "hearing": units["hearing"] + (work.speech_seconds if request.word_times else 0.0),
        }
        expected = self._pace.expect(units | listening)
        spoken = known.language if known else request.language.lower() or language_of(request.reference_text)
        told = notes(request, spec, spoken)
        if expected is None and (rest := self._pace.expect(units)) is not None:
            expected, told = rest, (*told, UNHEARD)
        return Estimate(
            len(chunks),
            work.speech_seconds,
            expected,
            self._weights.download_bytes(spec),
            told,
        )

    def learn(self, take: Take, spec: ModelSpec) -> None:
        """Remember how long the take's work took on this machine."""
        request = take.request
        chunks = tuple(Chunk(number, text) for number, text in enumerate(take.chunks))
        chunks = paced(chunks, spec, request.reference_text, language_of(request.text) or request.language)
        work = work_of(request, spec, take.reference_seconds, request.reference_text, chunks)
        loading, hearing, checking = (take.timings.get(stage, 0.0) for stage in ("loading", "transcribing", "checking"))
        checking += take.timings.get("repairing", 0.0)
        self._pace.learn(
            {
                f"speaking {spec.name}": (take.timings["speaking"], work.steps),
                f"loading {spec.name}": (loading, loading > LOADED),
                "finishing": (take.timings["finishing"], take.seconds),
                "checking": (checking, take.seconds if checking else 0.0),
                "hearing": (hearing, take.reference_seconds if hearing else 0.0),
            }
        )

    def learn_hearing(self, seconds: float, heard: float) -> None:
        """Remember how long it took to hear so many seconds of sound; 0: nothing is learned."""
        self._pace.learn({"hearing": (seconds, heard)})
