"""How fast Timbre samples against the f5-tts package: same weights, input and steps, one process, turn about.

    python -m benchmarks.speed           F5TTS_v1_Base, 337 M random weights, which cost what the real ones do: some hours
                                         on two cores, some minutes on a GPU; writes README's table
    python -m benchmarks.speed --texts "a sentence" --steps 32 7     only these
    python -m benchmarks.speed --quick   a small model of its configuration, under five minutes; prints

On the best device there is, or `--device`. The package runs as it does by default (`infer_batch_process`), in fp32 on a
processor and in fp16 on a GPU, Timbre as a request does (`speak`), in the package's precision and in half where it chooses that
on the machine. Vocoders are left out on both sides, for they are one and the same. Each time is the least of the rounds; memory
is a GPU's own where it runs on one. The share of the matrix rate, which is the best seen in the whole run in the same precision,
counts 2 FLOP a multiplication of both guidance passes, reference included.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from engine.ended import ended
from engine.settings import Settings
from engine.speech import Device, EulerSampler, Manner, Model, Sampler, choose, speak, this_machine
from engine.speech.checkpoint import DiTArch
from engine.speech.loading import load
from engine.speech.packing import Packed
from engine.speech.precision import kept
from engine.store import Weights
from engine.store.files import package_folder
from engine.studio import ASSETS
from engine.types import Chunk, CloneRequest, Partial, Reference, Step

from .readme import processor, write

V1 = {"dim": 1024, "depth": 22, "heads": 16, "ff_mult": 2, "text_dim": 512, "text_mask_padding": True, "conv_layers": 4}
SMALL = V1 | {"dim": 384, "depth": 6, "heads": 6, "text_dim": 128}
REFERENCE = "Some call me nature, others call me mother nature. "
SENTENCE = "The kettle is on, and the old atlas is back on its shelf by the window. "
TEXTS = {"a sentence": 15, "60 words": 60, "500 words": 500}
"""Words of each text."""
NAMES = {torch.float32: "float32", torch.bfloat16: "bfloat16", torch.float16: "float16"}
HEAD = (
    "| text | steps | precision | times as fast | by CPU time | RTF | the package's RTF | first sound, of the package's time "
    "| MB more | the package's | share of the matrix rate | the package's |\n" + "| --- " * 12 + "|"
)


class Silent:
    """A vocoder that costs nothing."""

    def decode(self, mel: torch.Tensor) -> torch.Tensor:
        """A mel, the package's [1, 100, frames] or ours [frames, 100], to as much silence, once it is made."""
        mel.cpu()
        return torch.zeros((1, mel.shape[-1] * 256) if mel.dim() == 3 else (len(mel) * 256,))


@dataclass(frozen=True)
class Pair:
    """One model, loaded by the package and by Timbre."""

    theirs: Any
    ours: Model
    arch: DiTArch


@dataclass
class Run:
    """The least that each of some rounds took."""

    wall: float = float("inf")
    cpu: float = float("inf")
    first: float = float("inf")
    """Seconds to the first sound."""
    memory: float = float("inf")
    """Bytes over what was held before."""
    speech: float = 0.0
    """Seconds of speech."""

    def add(self, say: Callable[[], tuple[float, float]]) -> None:
        """One more round of what gives its seconds of speech and when its first sound came."""
        before, begun, work = held(), time.perf_counter(), time.process_time()
        self.speech, first = say()
        self.wall = min(self.wall, time.perf_counter() - begun)
        self.cpu = min(self.cpu, time.process_time() - work)
        self.first = min(self.first, first - begun)
        self.memory = min(self.memory, max(peak() - before, 0.0))


def held() -> float:
    """Bytes that are held, of the GPU's where one is used; the peak begins anew."""
    if torch.cuda.is_initialized():
        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated()
    Path("/proc/self/clear_refs").write_text("5")  # Linux
    return memory("VmRSS")


def peak() -> float:
    """The most bytes that were held since."""
    return torch.cuda.max_memory_allocated() if torch.cuda.is_initialized() else memory("VmHWM")


def memory(key: str) -> float:
    """Bytes that Linux tells of this process."""
    found = re.search(rf"{key}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


def make(arch: dict[str, Any], folder: Path, *devices: Device) -> list[Pair]:
    """Random weights loaded on both sides: once by the package, in the dtype that it takes on the first device, and for
    each device by Timbre."""
    with torch.device(devices[0].name):  # a GPU draws them in a second
        write_model(arch, folder)
        theirs = by_package_loaded(arch, folder, devices[0].name)
    return [Pair(theirs, by_timbre_loaded(folder, device), DiTArch(**arch)) for device in devices]


def write_model(arch: dict[str, Any], folder: Path) -> None:
    """Random weights, saved as the package saves them, and their configuration."""
    from f5_tts.model import CFM, DiT
    from safetensors.torch import save_file

    torch.manual_seed(1)
    tokens = len(vocab().read_text(encoding="utf-8").splitlines())
    cfm = CFM(DiT(**arch, text_num_embeds=tokens, mel_dim=100), mel_spec_kwargs={"mel_spec_type": "vocos"})
    for parameter in cfm.parameters():  # the package's own start is a flow of nothing
        torch.nn.init.normal_(parameter, std=0.02)
    save_file({f"ema_model.{name}": tensor for name, tensor in cfm.state_dict().items()}, folder / "model.safetensors")
    told = {"backbone": "DiT", "arch": arch, "mel_spec": {"mel_spec_type": "vocos"}}
    (folder / "model.yaml").write_text(yaml.safe_dump({"model": told, "timbre": {"vocoder": "griffin-lim"}}))


def vocab() -> Path:
    """The package's vocabulary."""
    package = package_folder("f5_tts")
    assert package is not None
    return package / "infer/examples/vocab.txt"


def own(folder: Path) -> Settings:
    """Settings that name what `write_model` wrote as the model `random`."""
    files = {"checkpoint": folder / "model.safetensors", "vocab": vocab(), "config": folder / "model.yaml"}
    return Settings(workspace=folder, model="random", checkpoints={"random": files})


def by_package_loaded(arch: dict[str, Any], folder: Path, device: str) -> Any:
    """The package's model of what `write_model` wrote."""
    from f5_tts.infer.utils_infer import load_model
    from f5_tts.model import DiT

    return load_model(DiT, arch, str(folder / "model.safetensors"), vocab_file=str(vocab()), device=device)


def by_timbre_loaded(folder: Path, device: Device) -> Model:
    """Timbre's model of the same, with a vocoder that costs nothing."""
    weights = Weights(own(folder), ASSETS)
    _, files = ended(weights.fetch(weights.spec("random")))
    return dataclasses.replace(load(files, device, lambda event: None), vocoder=Silent())


def by_package(pair: Pair, clip: np.ndarray, chunks: list[str], steps: int) -> tuple[float, float]:
    """Speak as the package does, which gives no sound before all is made."""
    from f5_tts.infer.utils_infer import infer_batch_process

    sound = torch.from_numpy(clip)[None], 24_000
    wave, rate, _ = next(
        infer_batch_process(
            sound, REFERENCE, chunks, pair.theirs, Silent(), progress=None, nfe_step=steps, device=pair.theirs.device
        )
    )
    return len(wave) / rate, time.perf_counter()


def by_timbre(pair: Pair, clip: np.ndarray, chunks: list[str], steps: int) -> tuple[float, float]:
    """Speak as a request is spoken."""
    first, samples = 0.0, 0
    for event in spoken(pair, clip, chunks, steps, EulerSampler()):
        if isinstance(event, Partial):
            first, samples = first or time.perf_counter(), samples + len(event.samples)
    return samples / 24_000, first


def spoken(
    pair: Pair, clip: np.ndarray, chunks: list[str], steps: int, sampler: Sampler
) -> Generator[Step | Partial, None, None]:
    """The events of a request."""
    level = float(np.sqrt((clip**2).mean()))
    reference = Reference(clip * max(1.0, 0.1 / level), REFERENCE, "en", "")
    parts = [Chunk(i, text) for i, text in enumerate(chunks)]
    return speak(pair.ours, sampler, reference, parts, Manner(steps, 2.0, -1.0, 1.0, 0))


def written(words: int, clip: np.ndarray) -> list[str]:
    """A text of so many words, in the package's chunks."""
    return in_chunks(" ".join((SENTENCE * 50).split()[:words]).rstrip(",.") + ".", REFERENCE, len(clip) / 24_000)


def in_chunks(text: str, reference: str, seconds: float) -> list[str]:
    """A text in the package's chunks, after a reference of so many seconds, as its `infer_process` cuts it."""
    from f5_tts.infer.utils_infer import chunk_text

    chunks: list[str] = chunk_text(text, max_chars=int(len(reference.encode()) / seconds * (22 - seconds)))
    return chunks


def package_clip() -> np.ndarray:
    """The package's human clip, float32 mono at 24 kHz, 5.3 s."""
    import soundfile as sf

    clip: np.ndarray = sf.read(vocab().parent / "basic/basic_ref_en.wav", dtype="float32")[0]
    return clip


def multiplications(arch: DiTArch, frames: int) -> float:
    """Of one step with both guidance passes; for v1 Base 378.9 M N + 90,112 N²."""
    d, inner, text = arch.dim, arch.heads * arch.dim_head, arch.text_dim or 100
    blocks = arch.depth * (4 * d * inner + 2 * d * d * arch.ff_mult)
    frame = blocks + (300 + text) * d + 2 * d * (d // 16) * 31
    return 2 * (frame * frames + 2 * arch.depth * inner * frames**2)


def work(arch: DiTArch, clip: np.ndarray, chunks: list[str], steps: int) -> float:
    """FLOP of a text."""
    before = len(clip) // 256
    frames = [before + int(before / len(REFERENCE) * len(chunk) / (0.3 if len(chunk) < 10 else 1)) for chunk in chunks]
    return sum(2 * multiplications(arch, count) for count in frames) * steps


def matrix_rate(dim: int, dtype: torch.dtype, device: str) -> float:
    """FLOP a second of matrix products in the model's shapes, the best of some, by PyTorch's and by Timbre's way."""
    rows, best = 1024 if device == "cpu" else 65_536, float("inf")  # a GPU has to be told each
    x, weight, bias = (torch.randn(size, device=device, dtype=dtype) for size in ((rows, dim), (3 * dim, dim), 3 * dim))
    with torch.inference_mode():
        ways = partial(torch.nn.functional.linear, weight=weight), Packed.product(weight, bias)
        for way in ways * 20:
            begun = time.perf_counter()
            way(x)[:1, :1].cpu()
            best = min(best, time.perf_counter() - begun)
    return 2 * rows * 3 * dim * dim / best


@dataclass
class Row:
    """One text at one count of steps, on both sides."""

    name: str
    steps: int
    flop: float
    theirs: Run
    ours: dict[torch.dtype, Run]
    """The package's own precision first."""

    def told(self, rates: dict[torch.dtype, float]) -> list[str]:
        """As lines of the table, one for each precision."""
        theirs, share = self.theirs, self.flop / rates[next(iter(self.ours))]
        return [
            f"| {self.name} | {self.steps} | {NAMES[dtype]} | {theirs.wall / ours.wall:.2f} | {theirs.cpu / ours.cpu:.2f} "
            f"| {ours.wall / ours.speech:.2g} | {theirs.wall / theirs.speech:.2g} | {ours.first / theirs.first:.2f} "
            f"| {ours.memory / 1e6:,.0f} | {theirs.memory / 1e6:,.0f} | {self.flop / rates[dtype] / ours.wall:.0%} "
            f"| {share / theirs.wall:.0%} |"
            for dtype, ours in self.ours.items()
        ]


def measure(
    pairs: dict[torch.dtype, Pair],
    clip: np.ndarray,
    name: str,
    steps: int,
    rounds: int,
    rates: dict[torch.dtype, float],
) -> Row:
    """One text at one count of steps, turn about; `rates` keeps the best matrix rates seen."""
    (pair, *_), chunks = pairs.values(), written(TEXTS[name], clip)
    row = Row(name, steps, work(pair.arch, clip, chunks, steps), Run(), {dtype: Run() for dtype in pairs})
    for number in range(rounds):
        print(f"{name}, {steps} steps, round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        row.theirs.add(lambda: by_package(pair, clip, chunks, steps))
        for dtype, each in pairs.items():
            rates[dtype] = max(rates[dtype], matrix_rate(each.arch.dim, dtype, each.ours.device))
            row.ours[dtype].add(lambda each=each: by_timbre(each, clip, chunks, steps))  # type: ignore[misc]
    return row


def defaults(rows: list[Row]) -> str:
    """How much sooner Timbre is done at its default than the package at its own, by texts."""
    theirs = {row.name: row.theirs.wall for row in rows if row.steps == 32}
    ours = {row.name: [*row.ours.values()][-1].wall for row in rows if row.steps == CloneRequest.nfe}
    told = [f"{theirs[name] / ours[name]:.2f} times for {name}" for name in theirs if name in ours]
    return f" Default ({CloneRequest.nfe} steps) against the package's (32): {', '.join(told)}." if told else ""


def main() -> None:
    """Measure, print the table, and put the full one into README."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=0, help="of each; 2, of a quick run 1")
    parser.add_argument("--texts", nargs="+", choices=TEXTS, help="of a quick run the first two")
    parser.add_argument("--steps", nargs="+", type=int, help="32, 16, 10 and 7; of a quick run 7")
    parser.add_argument("--device", default="", help="cpu or cuda; the best there is")
    options = parser.parse_args()
    rounds = options.rounds or (1 if options.quick else 2)
    clip, device = package_clip(), choose(this_machine(), options.device)
    half = getattr(torch, device.dtype)
    dtypes = [half] if device.is_gpu else dict.fromkeys([torch.float32, kept(half)])
    devices = [dataclasses.replace(device, dtype=NAMES[dtype]) for dtype in dtypes]
    texts = options.texts or (list(TEXTS)[:2] if options.quick else TEXTS)
    cases = [(name, steps) for name in texts for steps in options.steps or ((7,) if options.quick else (32, 16, 10, 7))]
    with tempfile.TemporaryDirectory() as folder:
        pairs = dict(zip(dtypes, make(SMALL if options.quick else V1, Path(folder), *devices), strict=True))
        for pair in pairs.values():  # what comes with the first call alone
            by_package(pair, clip, [SENTENCE], 1)
            by_timbre(pair, clip, [SENTENCE], 1)
        print(HEAD)
        rows, rates = list[Row](), dict.fromkeys(pairs, 0.0)
        for name, steps in cases:
            rows.append(measure(pairs, clip, name, steps, rounds, rates))
            print("\n".join(rows[-1].told(rates)), flush=True)
        lines = [HEAD, *(line for row in rows for line in row.told(rates))]
    told = f"{device.title}, {processor()}, {'small model' if options.quick else 'v1 Base'}, random weights; without vocoder; {time.strftime('%Y-%m-%d')}.{defaults(rows)}"
    print(f"\n{told}")
    if not options.quick:
        table = "\n".join([*lines, "", told, ""])
        write("bench-gpu" if device.is_gpu else "bench", table)


if __name__ == "__main__":
    main()
