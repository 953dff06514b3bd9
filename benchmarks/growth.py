"""How time and memory grow with the text and with the reference.

    python -m benchmarks.growth [WORDS ...]      # 100, 1,000, 5,000 and 20,000

Texts are spoken by the whole engine, from the request to the file, in a process each: a model of next to nothing, so that
what is counted is all the rest, and the memory is what it takes beside a model's. Then a small model of v1 Base's
configuration says 60 words after 3, 6 and 12 seconds of reference.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile as sf

from engine import CloneRequest, Done, Studio
from engine.speech import choose, this_machine

from . import speed
from .readme import processor

WORDS = 100, 1_000, 5_000, 20_000
TINY = speed.SMALL | {"dim": 64, "depth": 1, "heads": 1, "conv_layers": 1}
REFERENCES = 3, 6, 12
"""Seconds."""


def spoken(words: int, folder: Path) -> str:
    """A text of so many words as a take: the row of the table."""
    clip = folder / "clip.wav"
    sf.write(clip, speed.package_clip(), 24_000)
    text = " ".join((speed.SENTENCE * (words // 15 + 1)).split()[:words])
    studio = Studio(speed.own(folder).model_copy(update={"text_characters": 200_000}))

    def say(text: str) -> float:
        request = CloneRequest(clip, text, reference_text=speed.REFERENCE, language="en", nfe=2, check="off", seed=0)
        return next(event.take.seconds for event in studio.clone(request) if isinstance(event, Done))

    say("Ready when you are.")
    begun = time.process_time()
    with peak() as most:
        seconds = say(text)
    spent = time.process_time() - begun
    studio.close()
    return f"| {words:,} | {seconds:,.0f} s | {spent:.0f} s | {spent / seconds:.3f} | {(max(most) - most[0]) / 1e6:,.0f} MB |"


@contextmanager
def peak() -> Iterator[list[float]]:
    """Bytes that the process holds meanwhile, looked at now and then: its own, not files that it looks into, as tapes are."""
    seen, over = [speed.memory("RssAnon")], threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            seen.append(speed.memory("RssAnon"))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def referred(seconds: int, pair: speed.Pair) -> str:
    """60 words after so much of the package's clip, over again where it ends: the row of the table."""
    clip = np.resize(speed.package_clip(), seconds * 24_000)
    run, chunks = speed.Run(), speed.written(60, clip)
    for _ in range(2):
        run.add(lambda: speed.by_timbre(pair, clip, chunks, 7))
    return f"| {seconds} s | {len(chunks)} | {run.speech:.0f} s | {run.cpu:.1f} s | {run.cpu / run.speech:.2f} |"


def main(words: list[int]) -> None:
    """Measure and print."""
    print(
        processor(), "\n| words | speech | CPU time | of the speech | memory more |\n" + "| --- " * 5 + "|", flush=True
    )
    with tempfile.TemporaryDirectory() as folder:
        speed.write_model(TINY, Path(folder))
        for count in words:
            subprocess.run([sys.executable, "-m", __spec__.name, str(count), folder], check=True)
    print("\n| reference | chunks | speech | CPU time | of the speech |\n" + "| --- " * 5 + "|")
    with tempfile.TemporaryDirectory() as folder:
        (pair,) = speed.make(speed.SMALL, Path(folder), choose(this_machine(), "cpu"))
        for seconds in REFERENCES:
            print(referred(seconds, pair), flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3 and Path(sys.argv[2]).is_dir():
        print(spoken(int(sys.argv[1]), Path(sys.argv[2])), flush=True)
    else:
        main([int(count) for count in sys.argv[1:]] or [*WORDS])
