"""What the bundled model learns from: batches of a speaker's reference and the speech that follows it, frame by frame.

All rows of training.speech lie one after the other in the device's memory; an item is a list of places in them, so that what
is done to its frames is done to a whole batch at once. The reference's phones are laid as the engine lays them; only the
speech after it has its true times. Where speech is to be made the network is told what its phone sounds like in the
reference (`engine.speech.voice`) and how high the voice is there (`engine.speech.pitch`): from attention alone so small a
one hardly learns whose voice it has. It does not know the network.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.speech.laying import laid_edges
from engine.speech.pitch import harmonics
from engine.speech.vocoder import SILENCE
from engine.speech.voice import palette
from engine.text.pronunciation import Pronunciation, by_frame
from training.pronunciation import VOCAB, words_of
from training.speech import DATA, RATE

SPEECH = 60, 420
"""Frames of the speech to be made: a window of a sentence, or all of a shorter one."""
LEAST = 100
"""Frames of a reference."""
SHARE = {"piper": 0.36, "kokoro": 0.6, "flite": 0.04}
"""Of each teacher in what is trained on: Piper's times are exact, Kokoro's voices the most human."""
WARP, WARPED = (0.86, 1.16), 0.5
"""Pitch and formants of an item times this, and how many items: no speaker is heard twice alike, so none is learned by
heart, and likeness has to come from the reference."""
TINT, TINTED = 0.35, 0.4
"""Standard deviation in nepers of a gentle curve over an item's bands, as rooms and microphones have theirs, and how many."""
NOISE, NOISY = (-9.0, -5.0), 0.2
"""The log-mel of steady noise under a reference, whose speech is to be made without it, and how many."""
SPELLED = 0.1
"""Of the words, read letter by letter, so that the model learns to say those that the lexicon lacks."""
FILLED = 0.15
"""Items whose end is known too, as when words are mended in the middle."""
NUMBERS = {token: number for number, token in enumerate(VOCAB)}


@dataclass(frozen=True, eq=False)
class Batch:
    """Items of one length."""

    mel: Tensor
    """fp32 [items, frames, 100]."""
    ids: Tensor
    """Which phone, int64 [items, frames]."""
    hidden: Tensor
    """Where the mel is to be made, bool [items, frames]."""
    told: Tensor
    """What the network is told of the sound instead of the mel, fp32 [items, frames, 100]; only where it is hidden."""


@dataclass(frozen=True, eq=False)
class Said:
    """A row, frame by frame. Phones are numbers in VOCAB."""

    mel: np.ndarray
    """float16 [frames, 100]."""
    heights: np.ndarray
    """Hertz."""
    phones: np.ndarray
    """When they were truly said."""
    letters: np.ndarray
    """Of each word, in the place of its phones."""
    words: np.ndarray
    """Which word of the row, from 1; 0 between them."""
    laid: np.ndarray
    """Phones where the engine finds them."""


def read(says: Pronunciation, row: dict) -> Said:
    """A row of training.speech. Where it has no times of its own they are those that the engine finds, which of Piper's speech is
    1 frame off in the middle, and 4 at a tenth of the words."""
    mel = np.load(DATA / row["file"])
    found = edges = laid_edges(says, row["phones"], mel.astype(np.float32))
    if row["frames"]:
        edges = np.minimum(np.round(np.cumsum([0, *row["frames"]])).astype(int), len(mel))
    phones, laid = (_by_frame(row["phones"], each, len(mel)) for each in (edges, found))
    letters, words = phones.copy(), np.zeros(len(mel), np.int32)
    for number, (word, first, past) in enumerate(words_of(row), 1):
        start, end = edges[first], edges[past]
        spelled = [NUMBERS[letter] for letter in word.replace("'", "").upper()]
        letters[start:end] = np.take(spelled, np.arange(end - start) * len(spelled) // max(end - start, 1))
        words[start:end] = number
    return Said(mel, np.array(row["heights"], np.float32)[: len(mel)], phones, letters, words, laid)


def _by_frame(phones: str, edges: np.ndarray, frames: int) -> np.ndarray:
    labels = [NUMBERS[phone] for phone in by_frame(phones, edges)]
    return np.array(labels + [NUMBERS[" "]] * (frames - len(labels)), np.uint8)


def teacher_of(row: dict) -> str:
    """Who taught it."""
    return row["file"].removeprefix("mels/").split("-")[0]


def warped(mel: Tensor, factors: Tensor) -> Tensor:
    """Log-mels [items, frames, 100] with each item's pitch and formants times its factor: bins moved along HTK's scale."""
    step = np.log1p(RATE / 2 / 700) / (mel.shape[-1] + 1)
    bins = torch.arange(mel.shape[-1], device=mel.device)
    places = torch.log1p(torch.expm1((bins + 1) * step) / factors[:, None]) / step - 1
    near = places.clamp(0, mel.shape[-1] - 1)[:, None] - bins[:, None]
    return mel @ (1 - near.abs()).clamp(min=0)


class Material:
    """Rows on a device, and batches of them."""

    def __init__(self, rows: Sequence[dict], says: Pronunciation, device: str) -> None:
        with ProcessPoolExecutor() as pool:
            said = [*pool.map(partial(read, says), rows, chunksize=max(1, len(rows) // 64))]
        ends = np.cumsum([0, *(len(row.mel) for row in said)])
        firsts = np.cumsum([0, *(row.words.max() for row in said)])

        def joined(parts: list[np.ndarray]) -> Tensor:
            return torch.from_numpy(np.concatenate(parts)).to(device)

        self._mel, self._heights = joined([row.mel for row in said]), joined([row.heights for row in said])
        self._phones, self._letters = joined([row.phones for row in said]), joined([row.letters for row in said])
        self._laid = joined([row.laid for row in said])
        numbered = [(row.words + first) * (row.words > 0) for row, first in zip(said, firsts, strict=False)]
        self._words, self._count = joined(numbered), int(firsts[-1]) + 1
        self._spans = [*zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]
        self._rows, self._device = rows, device
        self._teachers: dict[str, list[int]] = defaultdict(list)
        self._speakers: dict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            self._teachers[teacher_of(row)].append(number)
            self._speakers[row["speaker"]].append(number)

    def batch(self, rng: random.Random, items: int, length: int, heat: float = 1.0) -> Batch:
        """So many items of so many frames; torch's own generator draws what is done to them, to `heat` of those to whom
        something may be."""
        found = [self._item(rng, length) for _ in range(items)]
        places = torch.from_numpy(np.stack([places for places, *_ in found])).to(self._device)
        begin, end = torch.tensor([edges for _, *edges in found], device=self._device).T[..., None]
        frames = torch.arange(length, device=self._device)
        speech = frames >= begin
        spelled = (torch.rand(self._count, device=self._device) < SPELLED)[self._words[places]]
        spelled &= self._words[places] > 0
        said = torch.where(spelled, self._letters[places], self._phones[places])
        ids = torch.where(speech, said, self._laid[places]).long()
        factors = self._some(items, heat * WARPED) * torch.empty(items, device=self._device).uniform_(*np.log(WARP))
        factors = factors.exp()
        mel = self._heard(warped(self._mel[places].float(), factors), speech, heat)
        sounds = palette(mel, ids, len(VOCAB), ~speech)
        told = sounds.gather(1, ids[..., None].expand_as(mel))
        told += harmonics(self._heights[places] * factors[:, None])
        return Batch(mel, ids, speech & (frames < end), told)

    def _some(self, items: int, share: float) -> Tensor:
        """1 for that share of the items, 0 for the others."""
        return (torch.rand(items, device=self._device) < share).float()

    def _heard(self, mel: Tensor, speech: Tensor, heat: float) -> Tensor:
        """Mels as through some microphone, the references of some with noise."""
        items, _, bands = mel.shape
        curves = TINT * torch.randn(items, 1, 6, device=self._device) * self._some(items, heat * TINTED)[:, None, None]
        tint = F.interpolate(curves, bands, mode="linear")
        level = torch.empty(items, 1, 1, device=self._device).uniform_(*NOISE) + F.interpolate(
            torch.randn(items, 1, 6, device=self._device), bands, mode="linear"
        )
        noise = torch.logaddexp(mel, level + 0.3 * torch.randn_like(mel))
        noisy = (self._some(items, NOISY)[:, None] > speech.float())[..., None]
        return (torch.where(noisy, noise, mel) + tint).clamp(min=SILENCE)

    def _item(self, rng: random.Random, length: int) -> tuple[np.ndarray, int, int]:
        """The places of its frames, and the first and the past of those to be made."""
        (teacher,) = rng.choices([*SHARE], [*SHARE.values()])
        target = rng.choice(self._teachers[teacher])
        first, past = self._spans[target]
        speech = min(rng.randint(SPEECH[0], min(SPEECH[1], length - LEAST)), past - first)
        start = rng.choice([first, past - speech, rng.randint(first, past - speech)])
        known = rng.randint(0, speech // 2) if rng.random() < FILLED else 0
        places = np.concatenate([self._reference(rng, target, length - speech), np.arange(start, start + speech)])
        return places, length - speech, length - known

    def _reference(self, rng: random.Random, target: int, frames: int) -> np.ndarray:
        """The places of other sentences of the target's speaker, mostly up to the end of one."""
        rows, parts, size = self._speakers[self._rows[target]["speaker"]], list[np.ndarray](), 0
        others = [row for row in rows if self._rows[row]["text"] != self._rows[target]["text"]] or rows
        while size < frames:
            parts.append(np.arange(*self._spans[rng.choice(others)]))
            size += len(parts[-1])
        places = np.concatenate(parts)
        return places[-frames:] if rng.random() < 0.75 else places[:frames]
