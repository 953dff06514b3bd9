"""The values that flow between the packages: requests, events, results.

All are frozen and know nothing of how they are made or shown. Sound is float32 in [-1, 1], mono, at `RATE`; times are
seconds; lengths of text are UTF-8 bytes where the model's pace is meant, as in F5-TTS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RATE = 24_000
"""Samples a second of everything Timbre hears and makes; the mel of F5-TTS is defined at this rate."""

Samples = NDArray[np.float32]
Format = Literal["wav", "flac", "mp3", "ogg"]
CHECKS = ("", "off", "on", "until right")
FORMATS: tuple[Format, ...] = ("wav", "flac", "mp3", "ogg")
PRESETS: Mapping[str, int] = {"Fast": 7, "Standard": 10, "Fine": 16, "Best": 32}
"""NFE by name; 7, 10 and 16 have an empirically pruned schedule (EPSS), 32 is uniform, as in F5-TTS."""


@dataclass(frozen=True)
class Word:
    """One word with where it was heard, in seconds from the start of the sound."""

    text: str
    start: float
    end: float
    probability: float = 1.0
    """How surely it was heard, 0 to 1."""


@dataclass(frozen=True)
class Transcript:
    """What was heard: the text, its language as a two-letter code, and its words in order."""

    text: str
    language: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, eq=False)
class Reference:
    """A voice to copy: sound and words that belong together, at most as long as the model takes."""

    samples: Samples
    text: str
    language: str
    hash: str
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.samples) / RATE


@dataclass(frozen=True)
class Chunk:
    """A piece of the text that is spoken in one go."""

    number: int
    text: str
    ends_paragraph: bool = False
    key: str = ""
    """Draws its noise, together with the seed; blank: its number."""
    pace: float = 1.0
    """Against the request's: where English is known to last otherwise than its bytes tell, or it is tried at another."""


@dataclass(frozen=True)
class CloneRequest:
    """Everything a clone depends on. Ranges are in `engine.checks`, before anything slow begins."""

    clip: Path | None
    """The reference clip; None only in a finished take, whose file does not hold the reference's sound."""
    text: str
    """What to say."""
    reference_text: str = ""
    """The words in the clip; blank: they are transcribed."""
    language: str = ""
    """Language of the clip as a two-letter code; blank: it is detected."""
    model: str = ""
    """A name of `Studio.models()`; blank: the default."""
    nfe: int = PRESETS["Standard"]
    """Sampling steps (number of function evaluations), 1 to 64. Default: the fewest whose words and likeness are no worse
    than those of 32 with the bundled model (benchmarks/steps.py)."""
    cfg_strength: float = 2.0
    """Classifier-free guidance, 0 to 10; 0 leaves guidance out. Default as in F5-TTS."""
    sway_sampling: float = -1.0
    """Sway sampling coefficient, -1 to 1; below 0 spends more steps early. Default as in F5-TTS."""
    speed: float = 1.0
    """Pace against the reference's own, 0.3 to 2."""
    seed: int | None = None
    """0 to 2**32 - 1; None: drawn at random, and told in the take."""
    cross_fade: float = 0.15
    """Seconds two chunks overlap where they are joined, 0 to 1. Default as in F5-TTS."""
    remove_silence: bool = False
    """Shorten every pause above half a second."""
    pause: float = 0.4
    """Seconds of silence between paragraphs, 0 to 5."""
    format: Format = "wav"
    """File format of the result."""
    loudness: str = ""
    """A name in LOUDNESS; blank: as loud as the settings say."""
    dictionary: str = ""
    """Words and how to say them, as `dictionary.read_dictionary` reads it: CSV of `word,say`."""
    word_times: bool = False
    """Hear when each word is spoken once the take is done, and put the times into the bucket beside it."""
    check: Literal["", "off", "on", "until right"] = ""
    """Hear what was spoken and say again what went wrong, a few times or many; blank: on for long texts."""


@dataclass(frozen=True)
class Accepted:
    """The job is taken: its id is the take's id to be, and what `Studio.cancel` and `Studio.keep` ask for."""

    take_id: str


@dataclass(frozen=True)
class Waiting:
    """`place` jobs are to be done before this one begins; 1 is next."""

    place: int


@dataclass(frozen=True)
class Loading:
    """`done` of `of` bytes of `what` (a model's name) are read or downloaded."""

    what: str
    done: int
    of: int
    rate: float = field(default=0.0, compare=False)
    """Bytes a second lately; 0 where that is not known yet."""


StageName = Literal["reading", "transcribing", "speaking", "checking", "repairing", "finishing", "timing", "exporting"]


@dataclass(frozen=True)
class Stage:
    """A stage begins."""

    name: StageName


@dataclass(frozen=True)
class Step:
    """Step `step` of `steps` is done of chunk `chunk` of `chunks`, all counted from 1, and of those after it where several
    are made `together`; `along` are the seconds it took where it was made along with another job's."""

    chunk: int
    chunks: int
    step: int
    steps: int
    together: int = 1
    along: float = 0.0


@dataclass(frozen=True, eq=False)
class Partial:
    """Chunk `chunk` of `chunks`, counted from 1, is sound: by itself where `speech.speak` gives it; from `Studio.clone` it
    follows the Partial before it without a gap, marked and joined as in the take, which begins alike and only differs in
    loudness, and in pauses where they are shortened (`remove_silence`). An end that the next overlaps comes with that."""

    chunk: int
    chunks: int
    samples: Samples


@dataclass(frozen=True)
class Part:
    """A part of a take that was spoken in one go: how many of its words, and between which samples they lie.

    Parts lie in order and do not overlap; silence between two is a pause.
    """

    words: int
    start: int
    end: int


@dataclass(frozen=True)
class Take:
    """A finished result. `request` is as it was done: model, seed and reference text filled in, clip None."""

    id: str
    file: Path
    picture: Path
    """A PNG of the spectrogram, 60 Hz to 8 kHz on the mel scale."""
    seconds: float
    request: CloneRequest
    seed: int
    reference_hash: str
    reference_seconds: float
    chunks: tuple[str, ...]
    model: str
    model_hash: str
    timings: Mapping[str, float]
    """Seconds of work by stage: fetching, reading, transcribing (counted in reading too), loading, speaking, finishing."""
    notes: tuple[str, ...] = ()
    """What a person should know of how it was made, a sentence each."""
    created: str = ""
    """When, ISO 8601, UTC."""
    mended: tuple[str, ...] = ()
    """What was changed since: words said again, each with what stands there now and how it was spelled; parts."""
    parts: tuple[Part, ...] = ()
    """All of its words; none: it is one part."""

    @property
    def real_time_factor(self) -> float:
        """Seconds of speaking and finishing for each second of speech."""
        return (self.timings.get("speaking", 0.0) + self.timings.get("finishing", 0.0)) / max(self.seconds, 1e-9)

    @property
    def filename(self) -> str:
        """A telling name to download it under: first words, model and seed."""
        words = "-".join("".join(c if c.isalnum() else " " for c in self.request.text.lower()).split()[:6])
        return f"timbre-{words[:48].strip('-') or 'speech'}-{self.model}-{self.seed}.{self.request.format}"


@dataclass(frozen=True)
class Done:
    """The take is finished and on disk."""

    take: Take


@dataclass(frozen=True)
class Timed:
    """When each word of a take is spoken, or why that is not known; the take stands either way.

    `words` are all of the request's text, as `engine.timings` gives them.
    """

    take_id: str
    words: tuple[Word, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Export:
    """What became of a take's copy in the bucket: a link, or why there is none."""

    take_id: str
    link: str = ""
    key: str = ""
    error: str = ""
    timings: Mapping[str, str] = field(default_factory=dict)
    """Links to its word times by file format, where these are known."""


@dataclass(frozen=True)
class Exported:
    """The export ended, well or not; the take stands either way."""

    export: Export


Event = Accepted | Waiting | Loading | Stage | Step | Partial | Done | Timed | Exported


@dataclass(frozen=True)
class ModelInfo:
    """A model a request may name, as a person should know it."""

    name: str
    title: str
    about: str
    licence: str
    languages: tuple[str, ...]
    longest_reference: float
    """Seconds of a clip that it copies."""
    ready: bool
    """Its weights are on this machine."""
    download_bytes: int
    """Bytes to download first; 0 when ready."""
    default: bool
    loaded: bool


@dataclass(frozen=True)
class Health:
    """State of this process, told without loading anything."""

    version: str
    device: str
    model: str
    """Name of the loaded model, or empty."""
    default_model: str
    whisper: str
    """Name of the Whisper model, or empty where hearing is turned off."""
    whisper_loaded: bool
    running: int
    waiting: int
    bucket: str
    """Name of the bucket, or empty."""
    mirror: str = ""
    """How the models' mirror in the bucket does: on, or a sentence of what went wrong last; empty where there is none."""
    limits: Mapping[str, float] = field(default_factory=dict)
    dtype: str = ""
    """Of matrices and attention: float32, float16 or bfloat16."""
    attention: str = ""
    """flash: PyTorch has FlashAttention kernels for this device and dtype; other: it computes by others of its own."""
    threads: int = 0
    """Of the processor, for what the model computes there."""
    device_reason: str = ""
    """Why this device and dtype, a sentence."""


@dataclass(frozen=True)
class Target:
    """How loud a result is to be, and how high its peaks may be in dBFS."""

    level: float
    unit: Literal["LUFS", "RMS"] = "LUFS"
    """LUFS: loudness by ITU-R BS.1770, integrated; RMS: of the whole sound in dBFS."""
    peak: float = -1.0
    """As in EBU R 128: what lossy coding and converters overshoot by."""


LOUDNESS: Mapping[str, Target] = {
    "podcast": Target(-16.0),
    "broadcast": Target(-23.0),
    "audiobook": Target(-20.5, "RMS", -3.5),
}
"""Targets by name: what Apple asks of podcasts, EBU R 128, and the middle of what ACX asks of audiobooks (-23 to -18, no
peak above -3), its peak half a dB lower for the MP3 that is handed in.
"""


@dataclass(frozen=True)
class Measure:
    """One thing that was measured, in dBFS, and between what it should be; None where there is no bound."""

    name: str
    value: float
    least: float | None
    most: float | None

    @property
    def passes(self) -> bool:
        """It is within the bounds."""
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)


@dataclass(frozen=True)
class Restored:
    """What a file made by Timbre tells of how it was made."""

    request: CloneRequest
    """All of the form, seed included; clip None, which no file holds."""
    created: str
    """When, ISO 8601, UTC; blank where the file does not tell, as below."""
    reference_hash: str
    """SHA-256 of the clip, by which it is known where it is at hand."""
    notes: tuple[str, ...] = ()
    """What could not be taken over, a sentence each."""
    mended: tuple[str, ...] = ()
    """What was changed since: it is in the file's sound, which the request alone does not give again."""
    parts: tuple[Part, ...] = ()
    """As in the take."""
    reference_seconds: float = 0.0
    model_hash: str = ""


@dataclass(frozen=True)
class Origin:
    """Whether a file is ours, by two facts that are independent of each other."""

    mark: float
    """How surely the inaudible watermark is in some part of its sound, 0 to 1."""
    marked: bool
    """It is there: the part was generated, by Timbre or another program that marks with Perth."""
    tagged: bool
    """The file's metadata say that Timbre made it; anyone can write or remove them."""


@dataclass(frozen=True)
class Estimate:
    """What a clone will cost, told before it is made."""

    chunks: int
    speech_seconds: float
    work_seconds: float | None
    """None: this machine has not done such work yet."""
    download_bytes: int
    """Of weights that must come first; their time is not counted in."""
    notes: tuple[str, ...] = ()
    """What a person should know of what was asked before it is made, a sentence each."""
