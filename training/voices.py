"""Make the example voices again: assets/voices/<id>.wav and voices.json, said by the teachers.

    python -m training.voices

Piper's voice joe in three pitches and three of Kokoro's; each clip short enough for the bundled model to take whole. Needs
training/requirements*.txt.
"""

import json
import random
from pathlib import Path

import soundfile as sf

from engine.audio import finish, trim, voice_mark
from training.speech import RATE, Kokoro, say, shifted, voice

FOLDER = Path(__file__).parents[1] / "assets" / "voices"
SEED = 3
VOICES = [
    # id, name, about, teacher's voice, how far pitch and formants are shifted, text
    ("tomas", "Tomas", "Warm, even", "joe", 1.0, "We kept the ladder by the kitchen door all winter."),
    ("ines", "Ines", "Bright, quick", "jf_alpha", 1.0, "The harbour was quiet when the little boat came in."),
    ("owen", "Owen", "Deep, steady", "joe", 0.82, "Nobody had wound the clock since spring."),
    ("priya", "Priya", "Clear, light", "jf_nezumi", 1.0, "There is a small garden behind the old station."),
    ("leo", "Leo", "Soft, calm", "jm_kumo", 1.0, "The rain had stopped before we reached the bridge."),
    ("mara", "Mara", "Young, lively", "joe", 1.3, "She took the early bus and walked the rest of the way."),
]  # fmt: skip


def main() -> None:
    """Write the clips and their list."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    joe, kokoro, rows = voice(), Kokoro(), []
    for id, name, about, teacher, shift, text in VOICES:
        rng = random.Random(SEED)
        if teacher == "joe":
            said = say(joe, text, rng, slower=shift)
            assert said is not None
            sound = shifted(said[0], joe.config.sample_rate, shift)
        else:
            sound = shifted(kokoro(teacher, text, rng), RATE, shift)
        sound = finish(trim(sound), -20.0)
        sf.write(FOLDER / f"{id}.wav", sound, RATE, subtype="PCM_16")
        print(f"{id}: {len(sound) / RATE:.2f} s")
        rows.append({"id": id, "name": name, "about": about, "text": text, "clip": f"{id}.wav", "mark": voice_mark(sound)})  # fmt: skip
    (FOLDER / "voices.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
