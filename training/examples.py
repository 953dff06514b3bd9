"""Make the pre-rendered result of the first minute again: assets/example/, its sound, picture and facts (take.json).

    python -m training.examples

It is what the app itself makes of `REQUEST`, so a test makes it again and compares.
"""

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from engine import CloneRequest, Done, Settings, Studio, Take
from engine.speech import choose, this_machine
from engine.studio import ASSETS

FOLDER = ASSETS / "example"
VOICE = "tomas"
REQUEST = {
    "text": "Good morning, and welcome to the reading room. The windows are open, and the kettle is on.",
    "model": "demo",
    "seed": 5,
}


def render(workspace: Path) -> Take:
    """The take the app makes of the request."""
    row = next(row for row in json.loads((ASSETS / "voices/voices.json").read_text()) if row["id"] == VOICE)
    request = CloneRequest(clip=ASSETS / "voices" / row["clip"], reference_text=row["text"], language="en", **REQUEST)
    # Half precision, where a processor gains by it, would make it another on every machine.
    studio = Studio(Settings(workspace=workspace), device=replace(choose(this_machine(), "cpu"), dtype="float32"))
    try:
        return next(event.take for event in studio.clone(request) if isinstance(event, Done))
    finally:
        studio.close()


def main() -> None:
    """Write the sound, its picture and its facts."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        take = render(Path(folder))
        shutil.copy(take.file, FOLDER / take.filename)
        shutil.copy(take.picture, FOLDER / "take.png")
    facts = {
        "voice": VOICE,
        "text": take.request.text,
        "reference_text": take.request.reference_text,
        "seconds": round(take.seconds, 3),
        "seed": take.seed,
        "real_time_factor": round(take.real_time_factor, 2),
        "model": take.model,
        "nfe": take.request.nfe,
        "file": take.filename,
        "picture": "take.png",
    }
    (FOLDER / "take.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
