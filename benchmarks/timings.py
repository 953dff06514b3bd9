"""How far word times are from the true ones, in milliseconds.

The bundled model is told how long each phone lasts, so when its words are spoken is known. Each example voice speaks some
sentences that no model was trained on, and they are heard as a person's take would be. Prints the mean and the 95th
percentile of the error of starts and ends.

    python -m benchmarks.timings [--sentences 4] [--nfe 7]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np

from engine import CloneRequest, Done, Settings, Studio, Transcript
from engine.studio import ASSETS
from tests.known import known

HELD_OUT = Path(__file__).parents[1] / "training/held_out.txt"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=4, help="of each voice")
    parser.add_argument("--nfe", type=int, default=7)
    asked = parser.parse_args()
    lines = iter(line for line in HELD_OUT.read_text().splitlines() if line and "-" not in line)
    errors = []
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Settings(workspace=Path(folder), model="demo"))
        for row in json.loads((ASSETS / "voices/voices.json").read_text()):
            text = " ".join(next(lines) for _ in range(asked.sentences))
            clip = ASSETS / "voices" / row["clip"]
            request = CloneRequest(clip, text, row["text"], language="en", nfe=asked.nfe, seed=1)
            take = next(event.take for event in studio.clone(request) if isinstance(event, Done))
            found = next(event for event in studio.timings.of_take(take) if isinstance(event, Transcript))
            pairs = zip(found.words, known(take, ASSETS), strict=True)
            errors += [(word.start - true.start, word.end - true.end) for word, true in pairs]
            tell(row["id"], errors[-len(found.words) :])
        studio.close()
    tell("all", errors)


def tell(name: str, errors: list[tuple[float, float]]) -> None:
    """Print a row."""
    off = 1000 * np.array(errors)
    mean, most, bias = np.abs(off).mean(0), np.percentile(np.abs(off), 95, axis=0), off.mean(0)
    ends = (f"{k}: mean {mean[i]:.0f}, 95 % {most[i]:.0f}, bias {bias[i]:+.0f}" for i, k in enumerate(("start", "end")))
    print(f"{name:8} {len(errors):4} words  {'   '.join(ends)}", flush=True)


if __name__ == "__main__":
    main()
