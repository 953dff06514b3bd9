"""How true the estimate is: seconds of work expected and taken, over six texts. To be run on an idle machine.

    python -m benchmarks.estimate --model demo

Two takes teach it first, in a workspace of their own; then each text is estimated, spoken three times, and the median
compared, for of two seconds' work one run is now and then half as long again. The words are not checked, for nobody knows
before how many must be said again. It takes some four minutes with the demo model on 2 cores. Prints a table, and the worst
ratio.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from statistics import median

from engine import CloneRequest, Settings, Studio
from engine.studio import ASSETS

TAUGHT = ("Good morning, and welcome to the reading room.", "The rain had stopped before we reached the bridge.")
SEEDS = 2, 3, 4
TEXTS = (
    "Yes, of course.",
    "Nobody had wound the clock since spring.",
    "There is a small garden behind the old station. Come and see it when the roses are out.",
    "We kept the ladder by the kitchen door all winter. " * 4,
    "First we walked along the harbour; then, since it rained, we sat and talked.\n\nIn the evening we went home. " * 3,
    "She counted seven swallows on the wire, and then there were eight. " * 8,
)


def seconds_to_speak(studio: Studio, request: CloneRequest) -> float:
    """Seconds until the take is done."""
    begin = time.monotonic()
    deque(studio.clone(request), maxlen=0)
    return time.monotonic() - begin


def main() -> None:
    """Teach, estimate, speak, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="demo")
    model = parser.parse_args().model
    clip, words = ASSETS / "voices" / "owen.wav", "Nobody had wound the clock since spring."
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Settings(workspace=Path(folder), model=model))
        for text in TAUGHT:
            seconds_to_speak(studio, CloneRequest(clip, text, words, seed=1))
        print(f"{'letters':>8}{'parts':>6}{'expected':>10}{'taken':>8}{'ratio':>7}")
        ratios = []
        for text in TEXTS:
            request = CloneRequest(clip, text, words, seed=2, check="off")
            expected = studio.estimate(request)
            assert expected.work_seconds is not None, "it was taught"
            taken = median(seconds_to_speak(studio, replace(request, seed=seed)) for seed in SEEDS)
            ratios.append(taken / expected.work_seconds)
            print(f"{len(text):8}{expected.chunks:6}{expected.work_seconds:9.1f}s{taken:7.1f}s{ratios[-1]:7.2f}")
        worst = max(ratios, key=lambda ratio: max(ratio, 1 / ratio))
        print(f"\nthe worst: {worst:.2f} times what was expected (0.77 to 1.3 is asked of an idle machine)")
        studio.close()


if __name__ == "__main__":
    main()
