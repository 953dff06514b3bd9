"""The example voices and the pre-rendered example, read from the assets folder. Does not know how they are shown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from engine import CloneRequest, Take

ASSETS = Path(__file__).parent.parent / "assets"
OWN = "own"
"""The choice that is no example: a person's own clip."""


@dataclass(frozen=True)
class Voice:
    """An example voice: a clip with its words, and a mark of ten widths, 0 to 1, low frequencies first."""

    id: str
    name: str
    about: str
    text: str
    clip: Path
    mark: tuple[float, ...]
    language: str = "en"


@dataclass(frozen=True)
class Gallery:
    """All example voices, and a take made earlier with one of them."""

    folder: Path
    voices: tuple[Voice, ...]
    example: Take
    example_voice: Voice

    @classmethod
    def read(cls, folder: Path = ASSETS) -> Gallery:
        """What `folder` holds: voices/voices.json with its clips, example/take.json with its sound and picture."""
        entries = json.loads((folder / "voices/voices.json").read_text(encoding="utf-8"))
        voices = tuple(
            Voice(**(entry | {"clip": folder / "voices" / entry["clip"], "mark": tuple(entry["mark"])}))
            for entry in entries
        )
        made = json.loads((folder / "example/take.json").read_text(encoding="utf-8"))
        by_id = {voice.id: voice for voice in voices}
        return cls(folder, voices, _take(made, folder / "example"), by_id[made["voice"]])

    def find(self, id: object) -> Voice | None:
        """The voice of that id, or None."""
        return next((voice for voice in self.voices if voice.id == id), None)


def _take(made: dict[str, object], folder: Path) -> Take:
    """The example as the take it was."""
    text, words, seed = str(made["text"]), str(made["reference_text"]), int(str(made["seed"]))
    seconds, factor, model = float(str(made["seconds"])), float(str(made["real_time_factor"])), str(made["model"])
    return Take(
        id="example",
        file=folder / str(made["file"]),
        picture=folder / str(made["picture"]),
        seconds=seconds,
        request=CloneRequest(
            clip=None, text=text, reference_text=words, model=model, seed=seed, nfe=int(str(made["nfe"]))
        ),
        seed=seed,
        reference_hash="",
        reference_seconds=0.0,
        chunks=(text,),
        model=model,
        model_hash="",
        timings={"speaking": factor * seconds},
    )
