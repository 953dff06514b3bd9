"""How few steps sound like 32, and half precision like fp32: the words and the voice of the bundled model by both.

    python -m benchmarks.steps [COUNT]      # of 60 made-up texts of 3 to 20 words

The same texts, example voices and seeds every time, without the check of words; half precision where the processor
multiplies in it. Words are heard by Whisper
tiny.en; the voice is Resemblyzer's likeness to the reference. Each is compared text by text with 32 steps in fp32: p is the
share of random swaps of the two that differ at least as much (a paired permutation test), small where they can be told
apart. Writes README's table. It does not measure time (benchmarks/speed.py does).
"""

import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import jiwer
import numpy as np

from benchmarks.readme import write
from benchmarks.words import Scorer, requests, texts
from engine import Done, Settings, Studio
from engine.speech import choose, this_machine
from training.evaluate import plain

STEPS = 32, 16, 10, 7
"""The package's default first; then the presets with fewer."""
SWAPS = 10_000


@dataclass(frozen=True)
class Spoken:
    """What all texts came to, made one way."""

    dtype: str
    steps: int
    wrong: np.ndarray
    """Wrong words of each text."""
    words: int
    likeness: np.ndarray
    """Of each result to its reference, cosine."""


def spoken(studio: Studio, scorer: Scorer, said: list[str], dtype: str, steps: int) -> Spoken:
    """Speak and judge every text; the studio computes in `dtype`."""
    from resemblyzer import VoiceEncoder, preprocess_wav

    encoder = VoiceEncoder("cpu", verbose=False)
    wrong, likeness = [], []
    for request in requests(said, check="off", nfe=steps):
        take = next(event.take for event in studio.clone(request) if isinstance(event, Done))
        found = jiwer.process_words(plain(request.text), plain(scorer.hear(take.file)))
        wrong.append(found.substitutions + found.deletions + found.insertions)
        mine, theirs = (encoder.embed_utterance(preprocess_wav(file)) for file in (take.file, request.clip))
        likeness.append(float(mine @ theirs))
    return Spoken(dtype, steps, np.array(wrong), sum(len(plain(text).split()) for text in said), np.array(likeness))


def chance(one: np.ndarray, other: np.ndarray) -> float:
    """p of the paired permutation test that both are the same."""
    differences = one - other
    signs = np.random.default_rng(0).choice((-1, 1), (SWAPS, len(differences)))
    return float((abs(signs @ differences) >= abs(differences.sum()) - 1e-9).mean())


def table(found: list[Spoken]) -> str:
    """README's rows."""
    best = found[0]
    rows = [
        f"| {s.steps} | {s.dtype} | {s.wrong.sum() / s.words:.1%} | {chance(s.wrong, best.wrong):.2f} "
        f"| {s.likeness.mean():.3f} | {chance(s.likeness, best.likeness):.2f} |"
        for s in found
    ]
    head = "| steps | precision | wrong words | p | likeness | p |", "| --- | --- | --- | --- | --- | --- |"
    told = f"Steps against {best.steps} (`python -m benchmarks.steps`): {len(best.wrong)} texts, bundled model; p: that both are the same."
    return "\n".join([told, "", *head, *rows, ""])


def main(count: int) -> None:
    """Print what is found and put it into README."""
    said = [text for text in texts(count + count // 5, 20) if len(text.split()) > 2][:count]
    with tempfile.TemporaryDirectory() as folder:
        scorer, found, best = Scorer(), [], choose(this_machine(), "cpu")
        for dtype in sorted({"float32", best.dtype}, reverse=True):
            studio = Studio(Settings(workspace=Path(folder), model="demo"), device=replace(best, dtype=dtype))
            for steps in STEPS:
                found.append(spoken(studio, scorer, said, dtype, steps))
                print(dtype, steps, found[-1].wrong.sum() / found[-1].words, found[-1].likeness.mean(), flush=True)
            studio.close()
    print(table(found))
    write("steps", table(found))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
