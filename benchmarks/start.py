"""Seconds from the start of a process to the first sound of a sentence, of Timbre's engine and of the f5-tts package; then of
the same sentence once more.

    python -m benchmarks.start           F5TTS_v1_Base, 337 M random weights
    python -m benchmarks.start --quick   a small model of its configuration

Each in a process of its own, turn about, three times; the least is printed. What the first reading from the disk takes is
not in it: the files were written just before. Vocoders are left out on both sides, for they are one and the same.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine.types import CloneRequest

from .readme import processor

WHO = "the package", "Timbre"
ROUNDS = 3


def timed(who: str, folder: Path, quick: bool, steps: int) -> None:
    """Load and speak twice, and print when each was done since the interpreter began."""
    from engine.speech import choose, this_machine

    from . import speed

    arch, device = speed.SMALL if quick else speed.V1, choose(this_machine(), "cpu")
    clip = speed.package_clip()
    if who == "Timbre":
        pair = speed.Pair(None, speed.by_timbre_loaded(folder, device), speed.DiTArch(**arch))
        say = speed.by_timbre
    else:
        pair = speed.Pair(speed.by_package_loaded(arch, folder, "cpu"), None, speed.DiTArch(**arch))
        say = speed.by_package
    for _ in range(2):
        print(say(pair, clip, [speed.SENTENCE], steps)[1])


def measured(who: str, folder: Path, options: argparse.Namespace) -> tuple[float, float]:
    """Seconds to the first sound of a new process, and between it and that of the second time."""
    told = [
        "--who",
        who,
        "--folder",
        str(folder),
        "--steps",
        str(options.steps),
        *(["--quick"] if options.quick else []),
    ]
    begun = time.perf_counter()  # Linux counts it from the start of the machine, so that both processes' agree
    lines = subprocess.run([sys.executable, "-m", __spec__.name, *told], check=True, capture_output=True, text=True)
    first, second = map(float, lines.stdout.split()[-2:])
    return first - begun, second - first


def compare(options: argparse.Namespace) -> None:
    """Each side in new processes, and the table."""
    from . import speed

    with tempfile.TemporaryDirectory() as folder:
        speed.write_model(speed.SMALL if options.quick else speed.V1, Path(folder))
        rounds = [[measured(who, Path(folder), options) for who in WHO] for _ in range(ROUNDS)]
    print(f"{processor()}, {'small model' if options.quick else 'v1 Base'}, {options.steps} steps")
    print("| who | first sound of a new process | of the next request |\n" + "| --- " * 3 + "|")
    for who, found in zip(WHO, zip(*rounds, strict=True), strict=True):
        print(f"| {who} | {min(cold for cold, _ in found):.2f} s | {min(warm for _, warm in found):.2f} s |")


def main() -> None:
    """Measure, or be what is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--steps", type=int, default=CloneRequest.nfe)
    parser.add_argument("--who", choices=WHO, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.who:
        timed(options.who, options.folder, options.quick, options.steps)
    else:
        compare(options)


if __name__ == "__main__":
    main()
