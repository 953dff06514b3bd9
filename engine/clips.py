"""What is known of clips: decoded, heard, prepared, each once for the same content.

State: what was decoded, heard and prepared lately. It does not know what is spoken with them, nor who asks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from pathlib import Path

from .audio import content_hash, decode, encode, trim
from .checks import check_language
from .ended import ended
from .errors import BadClip, HearingUnavailable, ModelUnavailable
from .findings import Cures, Report, Stretch
from .hearing import Transcriber
from .recent import Recent
from .settings import Settings
from .takes import timed
from .types import RATE, CloneRequest, Event, Reference, Samples, Stage, Transcript
from .voice import agreement, changed, compare, cure, examine, parts_alike, prepare, said, stretches
from .voice import timed as words_timed

SOUND = 8_000_000
"""Samples of clips that are kept decoded: 5.5 minutes, 32 MB. A child process decodes, which takes 0.15 s and more, and a
page asks several questions of a clip in a row."""
LISTENED = 30
"""Seconds of a clip that are heard with its noise and without, to know whether words go with it."""
AGREED = 0.7
"""Share of the words that are the same from which typed ones are those of the clip: Whisper base mishears one in ten of
plain English, more of other languages and names."""


class Clips:
    """Clips by their content, judged by what the model takes that is to copy them."""

    def __init__(self, settings: Settings, transcriber: Transcriber, longest: Callable[[str], float]) -> None:
        """`longest` tells how many seconds of a clip the model of a name takes, blank for the default."""
        self._settings, self._transcriber, self._longest = settings, transcriber, longest
        self._heard = Recent[str, Transcript](64)
        self._sounds = Recent[str, Samples](SOUND, seconds=600, size=len)
        self._references = Recent[tuple[object, ...], Reference](32)  # a clip of 12 s is 1 MB

    @property
    def can_hear(self) -> bool:
        """Whether words can be heard here at all."""
        return self._settings.whisper != "none"

    def decode(self, clip: Path) -> Samples:
        """The whole clip as fp32 mono at 24 kHz, not to be written to. Raises BadClip."""
        key = content_hash(clip, self._settings.clip_bytes)
        if (samples := self._sounds.get(key)) is None:
            samples = decode(clip, most_bytes=self._settings.clip_bytes, most_seconds=self._settings.clip_seconds)
            samples.flags.writeable = False
            self._sounds.put(key, samples)
        return samples

    def hear(self, samples: Samples, language: str, timings: dict[str, float]) -> Generator[Event, None, Transcript]:
        """What is said in a sound. Raises HearingUnavailable."""
        if not self.can_hear:
            raise HearingUnavailable("Transcribing is not set up here; type what is said in the clip.")
        key = f"{hashlib.sha256(samples.tobytes()).hexdigest()}/{language}"
        if known := self._heard.get(key):
            return known
        with timed(timings, "transcribing"):
            transcript = yield from self._transcriber.transcribe(samples, language)
        if not transcript.words:
            raise HearingUnavailable(
                "No words were heard in the clip; type what is said in it, or use a clip with clear speech."
            )
        self._heard.put(key, transcript)
        return transcript

    def examine(self, clip: Path, model: str = "") -> Report:
        """The clip's report card for that model; blank: the default. Raises BadParameter, BadClip."""
        longest = self._longest(model)
        return examine(self.decode(clip), longest)

    def stretches(
        self, clip: Path, typed: str = "", language: str = "", model: str = ""
    ) -> Generator[Event | tuple[Stretch, ...], None, None]:
        """The parts of the clip that would make the model's best references, and the shortest that will do: Stage and Loading as
        they come, the parts last.

        Where the words are typed, each part has those that lie in it. Raises BadParameter at once; `next` raises
        BadClip, HearingUnavailable.
        """
        check_language(language)
        return self._stretches(clip, typed, language.lower(), self._longest(model))

    def _stretches(
        self, clip: Path, typed: str, language: str, longest: float
    ) -> Generator[Event | tuple[Stretch, ...], None, None]:
        samples = self.decode(clip)
        yield Stage("transcribing")
        heard = yield from self.hear(samples, language, {})
        words = words_timed(typed, heard.words, heard.language)
        try:
            alike = parts_alike(samples)
        except ModelUnavailable:  # the report card says so
            alike = None
        yield stretches(samples, words, longest, alike=alike)

    def words(
        self, clip: Path, start: float | None, end: float | None, typed: str = "", language: str = ""
    ) -> Generator[Event | tuple[str, str, str], None, None]:
        """The words before, within and after a part of the clip: Stage and Loading as they come, the three last.

        `start` and `end` are seconds of the clip, None its ends; where words are typed they are those, else what is
        heard. Typed words that do not match the clip are not parted: all are within. Raises BadParameter at once;
        `next` raises BadClip, BadText, HearingUnavailable.
        """
        check_language(language)
        return self._words(clip, start or 0.0, float("inf") if end is None else end, typed, language.lower())

    def _words(
        self, clip: Path, start: float, end: float, typed: str, language: str
    ) -> Generator[Event | tuple[str, str, str], None, None]:
        yield Stage("transcribing")
        heard = yield from self.hear(self.decode(clip), language, {})
        if typed.strip() and not _match(typed, heard):
            yield "", typed.strip(), ""
            return
        words = words_timed(typed, heard.words, heard.language)
        yield said(words, end=start), said(words, start, end), said(words, end)

    def match(self, clip: Path, typed: str, language: str = "") -> Generator[Event | bool, None, None]:
        """Whether typed words are on the whole those of the clip: Stage and Loading as they come, the answer last.

        Raises BadParameter at once; `next` raises BadClip, BadText, HearingUnavailable.
        """
        check_language(language)
        return self._matching(clip, typed, language.lower())

    def _matching(self, clip: Path, typed: str, language: str) -> Generator[Event | bool, None, None]:
        yield Stage("transcribing")
        yield _match(typed, (yield from self.hear(self.decode(clip), language, {})))

    def cure(self, clip: Path, cures: Cures, file: Path) -> None:
        """Write the clip, cured, to `file` as FLAC. Raises BadParameter, DiskFull, and BadClip also where words would go
        with the noise, as far as words can be heard here."""
        samples = self.decode(clip)
        if cures.denoise and self.can_hear and (lost := self._covered(samples, cures)):
            words = dict.fromkeys(f"“{word.strip('.,:;!?')}”" for word in lost)  # each once
            named = f"{', '.join([*words][:5])}{' and more' * (len(words) > 5)}"
            raise BadClip(
                f"Words would go with the noise: without it {named} would be heard otherwise. Leave it in, or record again "
                "in a quieter place."
            )
        encode(cure(samples, cures), file, "flac", {})

    def _covered(self, samples: Samples, cures: Cures) -> list[str]:
        """The words of the clip's first seconds that are heard otherwise once its noise is taken out. Of 24 noisy clips of the
        example voices 7 had a word more wrong then, and in 3 of these no other word changed: so one is enough."""
        until = (cures.start or 0.0) + LISTENED  # what is not heard need not be denoised yet
        end = until if cures.end is None else min(cures.end, until)
        noisy, clean = (cure(samples, Cures(cures.start, end, denoise=denoise)) for denoise in (False, True))
        try:
            _, before = ended(self.hear(noisy, "", {}))
        except HearingUnavailable:  # then there are none that could go
            return []
        try:
            after = ended(self.hear(clean, before.language, {}))[1].text
        except HearingUnavailable:
            after = ""
        return changed(before.text, after, before.language)

    def reference(
        self, request: CloneRequest, longest: float, timings: dict[str, float]
    ) -> Generator[Event, None, Reference]:
        """The request's clip as a reference of at most `longest` seconds. Raises what engine.voice.prepare does."""
        assert request.clip is not None
        samples, key = self.decode(request.clip), self._key(request, longest)
        if known := self._references.get(key):
            return known
        reference = yield from prepare(
            samples,
            content_hash(request.clip),
            request.reference_text,
            request.language,
            lambda sound: self.hear(sound, request.language, timings),
            longest,
        )
        self._references.put(key, reference)
        return reference

    def seconds(self, request: CloneRequest, longest: float) -> float:
        """How long the reference will be, nearly, without preparing it. Raises BadClip."""
        assert request.clip is not None
        return min(self._trimmed(request.clip), longest)

    def fits(self, clip: Path, model: str = "") -> bool:
        """Whether the model takes the whole clip. Raises BadParameter, BadClip."""
        return self._trimmed(clip) <= self._longest(model)

    def _trimmed(self, clip: Path) -> float:
        return len(trim(self.decode(clip))) / RATE

    def known_reference(self, request: CloneRequest, longest: float) -> Reference | None:
        """The reference, where it was prepared already."""
        return self._references.get(self._key(request, longest))

    def _key(self, request: CloneRequest, longest: float) -> tuple[object, ...]:
        assert request.clip is not None
        return content_hash(request.clip), request.reference_text, request.language, longest


def _match(typed: str, heard: Transcript) -> bool:
    return agreement(compare(typed, heard.text, heard.language)) >= AGREED
