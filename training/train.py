"""Train the bundled model: the package's DiT, small, told at every frame which phone is spoken.

    python -m training.train MINUTES [--cool] [--rate FACTOR] [--from CHECKPOINT] [--eager]

Goes on from training/data/model.pt (`--from assets/demo/model.safetensors` begins anew with those weights where their
shapes fit), saves every three minutes and at the end. `--cool` lets the rate fall to nothing over the minutes: do that
last; what is done to the speech so that no speaker is learned by heart falls with it. Begin with good weights at a third of
the rate on a processor, for the whole of it unsettles them. On a GPU a batch is nine times as large, compiled and replayed as
a CUDA graph (`--eager`: is not). It does not know who says the speech, nor how it is made ready (training.material).
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from f5_tts.model import CFM, DiT
from safetensors.torch import load_file
from torch import Tensor

from engine.speech.device import choose
from engine.speech.graphs import Recorder
from engine.speech.machine import this_machine
from engine.text.pronunciation import read_pronunciation
from training.bundle import CONFIG, FOLDER
from training.material import Batch, Material
from training.muon import Muon
from training.pronunciation import VOCAB
from training.speech import DATA, rows_said

CHECKPOINT = DATA / "model.pt"
HELD_OUT = 50
"""Every so many-th sentence is never trained on."""
ADAM_RATE, MUON_RATE, WARM = 1e-3, 2e-3, 50
LENGTHS = 256, 384, 512, 640, 800
"""Frames of a reference and the speech after it; all of a batch are as long."""
SHARES = 2, 4, 4, 2, 1
"""How often each."""


@dataclass(frozen=True)
class Plan:
    """Where and how it is trained."""

    device: str
    half: bool
    """Products in bf16: twice as fast on a processor that multiplies in it."""
    frames: int
    """Of a batch."""
    fast: bool
    """The blocks are compiled, and a step is replayed as a CUDA graph: 22 ms instead of 100 on an H200."""


def plan(eager: bool) -> Plan:
    """A batch on a processor is as small as it may be, for then there are more of them; a GPU is idle with so small a one."""
    found = choose(this_machine())
    if found.name.startswith("cuda"):
        return Plan(found.name, True, 32_000, fast=not eager)
    return Plan("cpu", choose(this_machine(), "cpu").dtype == "bfloat16", 3_600, fast=False)


def build() -> CFM:
    """The model without weights. A phone a frame is spread as it is, so the package need not do it, item by item."""
    model = CONFIG["model"]
    arch = model["arch"] | {"text_embedding_average_upsampling": False}
    spec, numbers = dict(model["mel_spec"]), {token: number for number, token in enumerate(VOCAB)}
    return CFM(DiT(**arch, text_num_embeds=len(VOCAB), mel_dim=100), mel_spec_kwargs=spec, vocab_char_map=numbers)


def held_out(row: dict) -> bool:
    """Whether the row's sentence is kept for the evaluation."""
    return int(row["file"].split("-")[2]) % HELD_OUT == 0


def loss_of(model: CFM, batch: Batch, no_sound: bool, no_text: bool) -> Tensor:
    """Mean squared error of the flow where the mel is to be made (F5-TTS, arXiv:2410.06885, section 3.1)."""
    noise, times = torch.randn_like(batch.mel), torch.rand(len(batch.mel), device=batch.mel.device)
    t = times[:, None, None]
    flow = model.transformer(
        x=(1 - t) * noise + t * batch.mel,
        cond=torch.where(batch.hidden[..., None], batch.told, batch.mel),
        text=batch.ids,
        time=times,
        drop_audio_cond=no_sound,
        drop_text=no_text,
    )
    missed = F.mse_loss(flow, batch.mel - noise, reduction="none").mean(-1)
    return (missed * batch.hidden).sum() / batch.hidden.sum()


class Gradients:
    """What a batch's loss is, and its gradients, which take the place of those before.

    State: where it is to be fast, a graph for each length and way. A GPU waits most of the time for its launches else.
    """

    def __init__(self, model: CFM, where: Plan) -> None:
        self._model, self._half = model, where.half
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)
        self._record = Recorder(where.device) if where.fast else None
        if where.fast:
            for block in [*model.transformer.transformer_blocks, *model.transformer.text_embed.text_blocks]:
                block.compile(dynamic=True)
        self._known: dict[tuple, Callable[[list[Tensor]], list[Tensor]]] = {}

    def __call__(self, batch: Batch, rng: random.Random) -> Tensor:
        """The loss; one batch in ten is told neither sound nor text, and one in ten no sound, for guidance."""
        no_text = rng.random() < 0.1
        ways = no_text or rng.random() < 0.1, no_text
        key, tensors, work = (batch.mel.shape, ways), [*vars(batch).values()], partial(self._computed, *ways)
        if self._record and key not in self._known:
            work(tensors)  # compiles what it must for this shape, which cannot be done while it is recorded
            self._known[key] = self._record(work, tensors)
        (loss,) = self._known.get(key, work)(tensors)
        return loss

    def _computed(self, no_sound: bool, no_text: bool, tensors: list[Tensor]) -> list[Tensor]:
        batch = Batch(*tensors)
        torch._foreach_zero_([parameter.grad for parameter in self._model.parameters()])
        with torch.autocast(batch.mel.device.type, torch.bfloat16, enabled=self._half, cache_enabled=False):
            loss = loss_of(self._model, batch, no_sound, no_text)
        loss.backward()
        return [loss.detach()]


class Trainer:
    """A model, its average and its optimisers, and the file they are kept in."""

    def __init__(self, device: str) -> None:
        self.model, self.average, self.step = build().to(device), build().to(device), 0
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

    def learn(self, factor: float) -> None:
        """One step along the gradients at `factor` times the full rates."""
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for group in self._adam.param_groups:
            group["lr"] = ADAM_RATE * factor
        self._adam.step()
        self._muon.step(MUON_RATE * factor)
        self.step += 1
        kept = min(0.995, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_([*self.average.parameters()], [*self.model.parameters()], 1 - kept)


def main(minutes: float, cool: bool, rate: float, origin: Path | None, eager: bool) -> None:
    """Train for so long, at `rate` times the full rates."""
    where = plan(eager)
    torch.set_float32_matmul_precision("high")
    trainer = Trainer(where.device)
    if CHECKPOINT.exists() and not origin:
        trainer.resume()
    else:
        trainer.begin(origin)
    rng = random.Random(trainer.step)
    torch.manual_seed(trainer.step)
    says = read_pronunciation(FOLDER / "lexicon.txt", FOLDER / "lengths.txt", FOLDER / "sounds.txt")
    material = Material([row for row in rows_said() if not held_out(row)], says, where.device)
    gradients = Gradients(trainer.model, where)
    begun, saved, frames, losses, first = time.time(), time.time(), 0, [], trainer.step
    while (spent := (time.time() - begun) / (60 * minutes)) < 1:
        (length,) = rng.choices(LENGTHS, SHARES)
        heat = 1 - spent if cool else 1.0
        batch = material.batch(rng, where.frames // length, length, heat)
        factor = rate * min(1.0, (trainer.step - first + 1) / WARM) * max(0.01, heat)
        losses.append(gradients(batch, rng))
        trainer.learn(factor)
        frames += batch.hidden.numel()
        if trainer.step % 20 == 0:
            pace = frames / (time.time() - begun)
            print(f"step {trainer.step} loss {torch.stack(losses[-100:]).mean():.4f} frames/s {pace:.0f}", flush=True)
        if time.time() - saved > 180:
            trainer.save()
            saved = time.time()
    trainer.save()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("minutes", type=float)
    parser.add_argument("--cool", action="store_true")
    parser.add_argument("--rate", type=float, default=1.0)
    parser.add_argument("--from", dest="origin", type=Path)
    parser.add_argument("--eager", action="store_true")
    arguments = parser.parse_args()
    main(arguments.minutes, arguments.cool, arguments.rate, arguments.origin, arguments.eager)
