"""Measure the bundled model: `make eval-demo` prints README's table and writes it there.

    python -m training.evaluate [COUNT]      # of the 100 held-out sentences

Sentences the model never saw, after references it never saw, spoken by the app's own engine at its default steps, heard
by Whisper base beside the teacher's own rendering, and their voices compared by Resemblyzer with those of all training
speakers. It does not know how the model was trained.
"""

import importlib.util
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import jiwer
import numpy as np
import soundfile as sf

from benchmarks.readme import processor, write
from engine import CloneRequest, Done, Settings, Studio, Take, Transcript
from engine.audio import rms
from engine.errors import HearingUnavailable
from engine.speech import choose, this_machine
from engine.text import normalise
from training.sentences import ONE_WORD, sentences
from training.speech import RATE, SHIFTS, Kokoro, say, shifted, voice

HERE = Path(__file__).parent
LEVEL = 0.03
"""RMS at which voices are compared, about Resemblyzer's own -30 dB."""
UNSEEN = 999
"""Seed of the references' sentences; training has the workers' small numbers."""


@dataclass(frozen=True)
class Clip:
    """A reference on disk."""

    speaker: str
    file: Path
    text: str


@dataclass(frozen=True)
class Score:
    """Of a set of texts."""

    name: str
    error: float
    """Share of wrong words."""
    whole: float
    """Share of texts without a wrong word."""
    pace: float = float("nan")
    """Real-time factor."""


def plain(text: str) -> str:
    """Small letters and spaces, numbers as words; what is compared."""
    return " ".join(re.sub(r"[^a-z' ]", " ", normalise(text, "en").lower()).split()) or "-"


def score(name: str, said: list[str], heard: list[str], takes: list[Take] = ()) -> Score:
    """Words wrong over all texts together."""
    said, heard = [plain(text) for text in said], [plain(text) for text in heard]
    spent = sum(take.real_time_factor * take.seconds for take in takes)
    pace = spent / sum(take.seconds for take in takes) if takes else float("nan")
    return Score(name, jiwer.wer(said, heard), sum(map(str.__eq__, said, heard)) / len(said), pace)


class Teachers:
    """All whom the model heard, saying anything into files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._rng, self._joe, self._kokoro = folder, random.Random(UNSEEN), voice(), Kokoro()
        self.speakers = [*(f"joe {shift}" for shift in SHIFTS), *self._kokoro.named]

    def say(self, speaker: str, text: str) -> Clip:
        """In the speaker's own tempo."""
        name, _, shift = speaker.partition(" ")
        if name == "joe":
            while (said := say(self._joe, text, self._rng, slower=float(shift))) is None:
                pass
            sound = shifted(said[0], self._joe.config.sample_rate, float(shift))
        else:
            sound = self._kokoro(name, text, self._rng)
        file = self._folder / f"{speaker}-{self._rng.random()}.wav"
        sf.write(file, 0.5 * sound, RATE)
        return Clip(speaker, file, text)

    def references(self, each: int) -> list[Clip]:
        """Held-out utterances of 8 to 14 words, `each` for every speaker."""
        texts = (text for text in sentences(UNSEEN) if 8 <= len(text.split()) <= 14)
        return [self.say(speaker, next(texts)) for _ in range(each) for speaker in self.speakers]


class Listener:
    """A studio, used as a person would: to clone at the app's defaults, and to hear."""

    def __init__(self, folder: Path) -> None:
        self.studio = Studio(Settings(workspace=folder, model="demo"))

    def clone(self, clip: Clip, text: str, seed: int) -> Take:
        """By the bundled model."""
        request = CloneRequest(
            clip=clip.file, reference_text=clip.text, text=text, language="en", seed=seed, check="off"
        )
        return next(event.take for event in self.studio.clone(request) if isinstance(event, Done))

    def hear(self, file: Path) -> str:
        """What Whisper base hears; blank where it hears no word. A second of silence after it makes up for a short line."""
        samples, rate = sf.read(file)
        sf.write(longer := file.with_suffix(".heard.wav"), np.pad(samples, (0, rate)), rate)
        with suppress(HearingUnavailable):
            return next(e.text for e in self.studio.transcribe(longer, "en") if isinstance(e, Transcript))
        return ""

    def spoken(self, name: str, texts: list[str], clips: list[Clip]) -> tuple[Score, list[Take]]:
        """Each text after the next clip; every mistake is printed."""
        clips = [*islice(cycle(clips), len(texts))]
        takes = [self.clone(clip, text, seed) for seed, (text, clip) in enumerate(zip(texts, clips, strict=True))]
        heard = [self.hear(take.file) for take in takes]
        for text, said, clip in zip(texts, heard, clips, strict=True):
            if plain(text) != plain(said):
                print(f"  {clip.speaker}: {text[:200]} -> {said.strip()[:200]}", flush=True)
        return score(name, texts, heard, takes), takes


class Likeness:
    """Whose voice a file has, among known speakers, as Resemblyzer hears it."""

    def __init__(self, known: list[Clip]) -> None:
        from resemblyzer import VoiceEncoder

        self._encoder = VoiceEncoder("cpu", verbose=False)
        voices = defaultdict(list)
        for clip in known:
            voices[clip.speaker].append(self._embed(clip.file))
        self._speakers = {name: np.mean(each, axis=0) for name, each in voices.items()}

    def right(self, files: list[Path], speakers: list[str]) -> int:
        """How many are nearer to their own speaker than to any other."""
        return sum(self._nearest(file) == speaker for file, speaker in zip(files, speakers, strict=True))

    def _nearest(self, file: Path) -> str:
        mine = self._embed(file)
        return max(self._speakers, key=lambda name: mine @ self._speakers[name] / np.linalg.norm(self._speakers[name]))

    def _embed(self, file: Path) -> np.ndarray:
        """All as loud as each other first: Resemblyzer makes quiet ones louder only, and hears level as part of a voice."""
        from resemblyzer import preprocess_wav

        samples, rate = sf.read(file)
        return self._encoder.embed_utterance(preprocess_wav(samples * (LEVEL / rms(samples)), source_sr=rate))


def human() -> list[Clip]:
    """The package's own recording of a person."""
    folder = Path(importlib.util.find_spec("f5_tts").submodule_search_locations[0]) / "infer/examples/basic"
    return [Clip("a person", folder / "basic_ref_en.wav", "Some call me nature, others call me mother nature.")]


def report(scores: list[Score], near: str, started: float) -> str:
    """README's table."""
    rows = [
        f"| {s.name} | {s.error:.1%} | {s.whole:.0%} | {'' if np.isnan(s.pace) else f'{s.pace:.2f}'} |" for s in scores
    ]
    machine = f"{choose(this_machine(), 'cpu').title}, {processor()}"
    told = f"{near} The first result took {started:.1f} s, imports included. Heard by Whisper base, likeness by Resemblyzer; {machine}."
    return "\n".join(["| what | wrong words | wholly right | RTF |", "| --- | --- | --- | --- |", *rows, "", told, ""])


def main(count: int) -> None:
    """Print what is found and put it into README."""
    texts = (HERE / "held_out.txt").read_text().splitlines()[:count]
    with tempfile.TemporaryDirectory() as folder:
        teachers, listener = Teachers(Path(folder)), Listener(Path(folder) / "workspace")
        clips = teachers.references(1)
        begun = time.perf_counter()
        listener.clone(clips[0], "Ready.", 0)
        started = time.perf_counter() - begun
        speakers = [*islice(cycle(teachers.speakers), len(texts))]
        taught = [teachers.say(speaker, text) for speaker, text in zip(speakers, texts, strict=True)]
        teacher = score("the teachers themselves", texts, [listener.hear(clip.file) for clip in taught])
        unseen, takes = listener.spoken("unseen sentences", texts, clips)
        known = Likeness(teachers.references(3))
        near = (
            f"{known.right([take.file for take in takes], speakers)} of {len(takes)} results are nearer to their own of "
            f"{len(teachers.speakers)} speakers than to any other (of the teachers' own renderings "
            f"{known.right([clip.file for clip in taught], speakers)})."
        )
        long = [" ".join(texts[start : start + 33]) for start in (0, 33)]
        others = [("one-word lines", ONE_WORD, clips), ("texts of 300 words", long, clips), ("after a person's recording", texts[:20], human())]  # fmt: skip
        scores = [teacher, unseen, *(listener.spoken(*other)[0] for other in others)]
        listener.studio.close()
    table = report(scores, near, started)
    print(table)
    write("eval-demo", table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
