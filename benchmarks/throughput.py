"""How long people wait who ask at the same moment, against the f5-tts package in its app's arrangement.

    python -m benchmarks.throughput           F5TTS_v1_Base, 337 M random weights, on the best device there is
    python -m benchmarks.throughput --quick   a small model of its configuration

The package's app runs one request at a time, the others queue. Timbre's requests take turns in the scheduler, and on a GPU
share model calls. Most people ask for a sentence, every fourth for 60 words. Vocoders are left out on both sides.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from engine.scheduler import Scheduler
from engine.speech import EulerSampler, choose, this_machine
from engine.types import CloneRequest, Partial

from .speed import SENTENCE, SMALL, V1, Pair, by_package, make, package_clip, spoken, written

PEOPLE = 1, 4, 16


def together(texts: Sequence[list[str]], say: Callable[[list[str]], float]) -> str:
    """Everybody asks at once; `say` gives seconds of speech. Half and nearly all of the waits, and speech a second."""
    waits, speech, start = list[float](), list[float](), threading.Barrier(len(texts) + 1)

    def ask(chunks: list[str]) -> None:
        start.wait()
        begun = time.perf_counter()
        speech.append(say(chunks))
        waits.append(time.perf_counter() - begun)

    people = [threading.Thread(target=ask, args=(chunks,)) for chunks in texts]
    for person in people:
        person.start()
    start.wait()
    for person in people:
        person.join()
    if len(waits) < len(texts):
        raise RuntimeError("Somebody got no speech; what went wrong is told above.")
    return f"{np.median(waits):.2f} | {np.percentile(waits, 95):.2f} | {sum(speech) / max(waits):.2f}"


def package(pair: Pair, clip: np.ndarray, steps: int) -> Callable[[list[str]], float]:
    """The package, one request at a time."""
    queue = threading.Lock()

    def say(chunks: list[str]) -> float:
        with queue:
            return by_package(pair, clip, chunks, steps)[0]

    return say


def timbre(pair: Pair, clip: np.ndarray, steps: int, turns: int) -> Callable[[list[str]], float]:
    """Timbre, as many requests taking turns as on this device."""
    sampler = EulerSampler()
    scheduler = Scheduler(turns=turns, job_seconds=1e9, switch_seconds=0)

    def say(chunks: list[str]) -> float:
        events = scheduler.run(lambda emit: spoken(pair, clip, chunks, steps, sampler), "", threading.Event())
        return sum(len(event.samples) for event in events if isinstance(event, Partial)) / 24_000

    return say


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--people", nargs="+", type=int, default=PEOPLE)
    parser.add_argument("--steps", type=int, default=CloneRequest.nfe)
    options = parser.parse_args()
    clip, device = package_clip(), choose(this_machine())
    with tempfile.TemporaryDirectory() as folder:
        (pair,) = make(SMALL if options.quick else V1, Path(folder), device)
        sides = {
            "the package": package(pair, clip, options.steps),
            "Timbre": timbre(pair, clip, options.steps, device.turns),
        }
        print(f"{device.title}, {device.dtype}, {'small model' if options.quick else 'v1 Base'}, {options.steps} steps")
        print("| people | who | half have theirs after s | 95 % | seconds of speech a second |\n" + "| --- " * 5 + "|")
        for say in sides.values():  # what comes with the first call alone
            say([SENTENCE])
        for count in options.people:
            texts = [written(15 if number % 4 else 60, clip) for number in range(1, count + 1)]
            for who, say in sides.items():
                print(f"| {count} | {who} | {together(texts, say)} |", flush=True)


if __name__ == "__main__":
    main()
