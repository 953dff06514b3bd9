"""Train the bundled model: the package's DiT, small, told at every frame which phone is spoken.

    python -m training.train MINUTES [--cool] [--rate FACTOR] [--from CHECKPOINT]

Goes on from training/data/model.pt (`--from assets/demo/model.safetensors` begins anew with those weights where their
shapes fit), saves every three minutes and at the end. `--cool` lets the rate fall to nothing over the minutes: do that
last. Begin with good weights at a third of the rate, for the whole of it unsettles them. The reference's phones are laid
as the engine lays them; only the speech after it has its true times. Where speech is to be made the network is given what
its phone sounds like in the reference instead of nothing (`engine.speech.voice`), and how high the voice is there
(`engine.speech.pitch`): from attention alone so small a one hardly learns whose voice it has.
"""

import argparse
import math
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from f5_tts.model import CFM, DiT
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from engine.speech.device import choose
from engine.speech.laying import lay
from engine.speech.machine import this_machine
from engine.speech.pitch import harmonics
from engine.speech.voice import palette
from engine.text.pronunciation import Pronunciation, read_pronunciation
from training.bundle import CONFIG, FOLDER
from training.muon import Muon
from training.pronunciation import VOCAB, words_of
from training.speech import DATA, RATE, rows_said

CHECKPOINT = DATA / "model.pt"
HELD_OUT = 50
"""Every so many-th sentence is never trained on."""
ADAM_RATE, MUON_RATE, WARM = 1e-3, 2e-3, 50
BATCH = 3_600
"""Frames of a batch."""
SPEECH = 120, 320
"""Frames of the speech to be made: a window of a sentence, since attention's cost grows with the square."""
SHORT_REFERENCE, LONG_REFERENCE, LONG_SHARE = (100, 380), (380, 640), 0.05
"""Frames, and how many of the references are long: most clips are cut to the 4 s that the model takes."""
SHARE = {"piper": 0.27, "kokoro": 0.66, "flite": 0.07}
"""Of each teacher in what is trained on: Piper's times are exact, Kokoro's voices the most human."""
WARP, WARPED = (0.86, 1.16), 0.5
"""Pitch and formants of an item times this, and how many items: no speaker is heard twice alike, so none is learned by
heart, and likeness has to come from the reference."""
HALF = choose(this_machine(), "cpu").dtype == "bfloat16"
"""Whether the processor multiplies in bf16: about twice as fast then."""
NUMBERS = {token: number for number, token in enumerate(VOCAB)}


@dataclass(frozen=True)
class Item:
    """A reference and the speech that follows it, frame by frame."""

    mel: np.ndarray
    labels: list[str]
    hidden: np.ndarray
    """Where the mel is to be made, bool [frames]."""
    told: Tensor
    """What the network is told of the sound there instead, [frames, 100]; only its frames in `hidden` count."""


def numbers(labels: list[str]) -> Tensor:
    """Labels as the model takes them, int64 [frames]."""
    return torch.tensor([NUMBERS[label] for label in labels])


def build() -> CFM:
    """The model without weights."""
    model = CONFIG["model"]
    spec = dict(model["mel_spec"])
    return CFM(
        DiT(**model["arch"], text_num_embeds=len(VOCAB), mel_dim=100), mel_spec_kwargs=spec, vocab_char_map=NUMBERS
    )


def warped(mel: np.ndarray, factor: float) -> np.ndarray:
    """The log-mel [frames, 100] with pitch and formants times `factor`: its bins moved along the mel scale (HTK's)."""
    bins = np.arange(1, mel.shape[1] + 1) / (mel.shape[1] + 1) * np.log1p(RATE / 2 / 700)
    places = np.log1p(np.expm1(bins) / factor)
    share = np.stack([np.interp(places, bins, one) for one in np.eye(mel.shape[1])])
    return (mel @ share).astype(np.float32)


def teacher_of(row: dict) -> str:
    """Who taught it."""
    return row["file"].removeprefix("mels/").split("-")[0]


def held_out(row: dict) -> bool:
    """Whether the row's sentence is kept for the evaluation."""
    return int(row["file"].split("-")[2]) % HELD_OUT == 0


class Material:
    """Rows by speaker, their mels in memory once read, and items made of them."""

    def __init__(self, rows: list[dict], pronunciation: Pronunciation, rng: random.Random) -> None:
        self._pronunciation, self._rng = pronunciation, rng
        self._mels: dict[str, np.ndarray] = {}
        self._teachers: dict[str, list[dict]] = defaultdict(list)
        self._speakers: dict[str, list[dict]] = defaultdict(list)
        for row in rows:
            self._teachers[teacher_of(row)].append(row)
            self._speakers[row["speaker"]].append(row)

    def batches(self) -> Iterator[list[Item]]:
        """Endless batches of items of nearly one length."""
        while True:
            items = sorted((self._item() for _ in range(60)), key=lambda item: len(item.mel))
            batches: list[list[Item]] = [[]]
            for item in items:
                if batches[-1] and len(item.mel) * (len(batches[-1]) + 1) > BATCH:
                    batches.append([])
                batches[-1].append(item)
            yield from self._rng.sample(batches, len(batches))

    def _item(self) -> Item:
        rng = self._rng
        teachers = sorted(self._teachers)
        (teacher,) = rng.choices(teachers, [SHARE[name] for name in teachers])
        target = rng.choice(self._teachers[teacher])
        rows = self._speakers[target["speaker"]]
        others = [row for row in rows if row["text"] != target["text"]]
        frames = rng.randint(*(LONG_REFERENCE if rng.random() < LONG_SHARE else SHORT_REFERENCE))
        mel, labels = self._reference(others or rows, frames)
        speech, spoken, heights = self._spoken(target)
        begin, end = len(mel), len(mel) + len(speech)
        if rng.random() < 0.15:  # what lies after is known too, as when words are mended in the middle
            end -= rng.randint(0, len(speech) // 2)
        mel, labels = np.concatenate([mel, speech]), labels + spoken
        if rng.random() < WARPED:
            factor = math.exp(rng.uniform(*map(math.log, WARP)))
            mel, heights = warped(mel, factor), heights * factor
        place, ids = np.arange(len(mel)), numbers(labels)
        told = palette(torch.from_numpy(mel[:begin]), ids[:begin], len(VOCAB))[ids]
        told[begin:] += torch.from_numpy(harmonics(heights))
        return Item(mel, labels, (place >= begin) & (place < end), told)

    def _reference(self, rows: list[dict], frames: int) -> tuple[np.ndarray, list[str]]:
        """Sentences of one speaker until there are `frames`, cut after a phone there."""
        mels, phones = [], []
        while sum(map(len, mels)) < frames:
            row = self._rng.choice(rows)
            whole, room = self._mel(row), frames - sum(map(len, mels))
            ends = np.cumsum([length for _, length in row["phones"]])
            count = int(np.searchsorted(ends, room)) + 1
            mels.append(whole[: round(ends[min(count, len(ends)) - 1])])
            phones += [phone for phone, _ in row["phones"][:count]]
        mel = np.concatenate(mels)
        return mel, lay(self._pronunciation, "".join(phones), mel)

    def _spoken(self, row: dict) -> tuple[np.ndarray, list[str], np.ndarray]:
        """A part of a row: mel, true labels (some words spelled, that the model learns to read), heights in Hertz."""
        mel = self._mel(row)
        ends = np.cumsum([0, *(length for _, length in row["phones"])])
        edges = np.minimum(np.round(ends).astype(int), len(mel))
        labels = [phone for (phone, _), n in zip(row["phones"], np.diff(edges), strict=True) for _ in range(n)]
        labels += [" "] * (len(mel) - len(labels))
        for word, first, past in words_of(row):
            if self._rng.random() < 0.1:
                start, end, letters = edges[first], edges[past], word.replace("'", "").upper()
                spelled = np.round(np.linspace(0, end - start, len(letters) + 1)).astype(int)
                labels[start:end] = [x for x, n in zip(letters, np.diff(spelled), strict=True) for _ in range(n)]
        length = min(self._rng.randint(*SPEECH), len(mel))
        start = self._rng.choice([0, len(mel) - length, self._rng.randint(0, len(mel) - length)])
        part = slice(start, start + length)
        return mel[part], labels[part], np.array(row["heights"], np.float32)[part]

    def _mel(self, row: dict) -> np.ndarray:
        if row["file"] not in self._mels:
            self._mels[row["file"]] = np.load(DATA / row["file"])
        return self._mels[row["file"]].astype(np.float32)


def loss_of(model: CFM, items: list[Item], rng: random.Random) -> Tensor:
    """Mean squared error of the flow where the mel is to be made (F5-TTS, arXiv:2410.06885, section 3.1)."""
    mel = pad_sequence([torch.from_numpy(item.mel) for item in items], batch_first=True)
    hidden = pad_sequence([torch.from_numpy(item.hidden) for item in items], batch_first=True)
    ids = [numbers(item.labels) for item in items]
    text = pad_sequence(ids, batch_first=True, padding_value=-1)
    told = pad_sequence([item.told for item in items], batch_first=True)
    mask = torch.arange(mel.shape[1]) < torch.tensor([[len(item.mel)] for item in items])
    noise, time_ = torch.randn_like(mel), torch.rand(len(items))
    t = time_[:, None, None]
    no_text = rng.random() < 0.1
    flow = model.transformer(
        x=(1 - t) * noise + t * mel,
        cond=torch.where(hidden[..., None], told, mel),
        text=text,
        time=time_,
        drop_audio_cond=no_text or rng.random() < 0.1,
        drop_text=no_text,
        mask=mask,
    )
    return F.mse_loss(flow, mel - noise, reduction="none")[hidden].mean()


class Trainer:
    """A model, its average and its optimisers, and the file they are kept in."""

    def __init__(self) -> None:
        self.model, self.average, self.step = build(), build(), 0
        hidden = {n for n, p in self.model.named_parameters() if p.ndim == 2 and "blocks" in n and "attn_norm" not in n}
        parts = dict(self.model.named_parameters())
        rest = [p for n, p in parts.items() if n not in hidden]
        self._adam = torch.optim.AdamW(rest, ADAM_RATE, betas=(0.9, 0.98), weight_decay=0.01)
        self._muon = Muon([parts[n] for n in sorted(hidden)])

    def resume(self) -> None:
        """Go on from the kept file."""
        kept = torch.load(CHECKPOINT, weights_only=True)
        self.model.load_state_dict(kept["model"])
        self.average.load_state_dict(kept["ema"])
        self._adam.load_state_dict(kept["adam"])
        self._muon.load_state_dict(kept["muon"])
        self.step = kept["step"]

    def begin(self, checkpoint: Path | None) -> None:
        """Begin anew, with another checkpoint's weights where their shapes fit."""
        if checkpoint:
            mine, theirs = self.model.state_dict(), load_file(checkpoint)
            named = {name.removeprefix("ema_model."): weight.float() for name, weight in theirs.items()}
            mine |= {n: w for n, w in named.items() if n in mine and w.shape == mine[n].shape}
            self.model.load_state_dict(mine)
        self.average.load_state_dict(self.model.state_dict())

    def save(self) -> None:
        """Write beside, then rename."""
        kept = {
            "model": self.model.state_dict(),
            "ema": self.average.state_dict(),
            "adam": self._adam.state_dict(),
            "muon": self._muon.state_dict(),
            "step": self.step,
        }
        torch.save(kept, CHECKPOINT.with_suffix(".part"))
        CHECKPOINT.with_suffix(".part").replace(CHECKPOINT)

    def learn(self, loss: Tensor, factor: float) -> None:
        """One step at `factor` times the full rates."""
        self.model.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for group in self._adam.param_groups:
            group["lr"] = ADAM_RATE * factor
        self._adam.step()
        self._muon.step(MUON_RATE * factor)
        self.step += 1
        kept = min(0.995, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, now in zip(self.average.parameters(), self.model.parameters(), strict=True):
                mean.lerp_(now, 1 - kept)


def main(minutes: float, cool: bool, rate: float, origin: Path | None) -> None:
    """Train for so long, at `rate` times the full rates."""
    trainer = Trainer()
    if CHECKPOINT.exists() and not origin:
        trainer.resume()
    else:
        trainer.begin(origin)
    rng = random.Random(trainer.step)
    torch.manual_seed(trainer.step)
    pronunciation = read_pronunciation(FOLDER / "lexicon.txt", FOLDER / "lengths.txt", FOLDER / "sounds.txt")
    rows = [row for row in rows_said() if not held_out(row)]
    begun, saved, frames, losses, first = time.time(), time.time(), 0, [], trainer.step
    for items in Material(rows, pronunciation, rng).batches():
        spent = (time.time() - begun) / (60 * minutes)
        factor = rate * min(1.0, (trainer.step - first + 1) / WARM) * (max(0.01, 1 - spent) if cool else 1.0)
        with torch.autocast("cpu", torch.bfloat16, enabled=HALF):
            loss = loss_of(trainer.model, items, rng)
        trainer.learn(loss, factor)
        losses.append(loss.item())
        frames += sum(len(item.mel) for item in items)
        if trainer.step % 20 == 0:
            pace = frames / (time.time() - begun)
            print(f"step {trainer.step} loss {np.mean(losses[-100:]):.4f} frames/s {pace:.0f}", flush=True)
        if time.time() - saved > 180 or spent >= 1:
            trainer.save()
            saved = time.time()
        if spent >= 1:
            return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("minutes", type=float)
    parser.add_argument("--cool", action="store_true")
    parser.add_argument("--rate", type=float, default=1.0)
    parser.add_argument("--from", dest="origin", type=Path)
    arguments = parser.parse_args()
    main(arguments.minutes, arguments.cool, arguments.rate, arguments.origin)
