"""Which device F5-TTS runs on, and how it computes there, from what a machine says of itself.

A pure function of facts; does not know how they are gathered (engine.speech.machine), nor the model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ..errors import BadParameter

VOLTA = 7, 0
"""Compute capability from which NVIDIA's GPUs multiply matrices in half precision faster than in fp32 (tensor cores)."""
TURING = 7, 5
"""The oldest that CUDA 13 compiles for; PyTorch built with it has no kernels for older ones."""
AMPERE = 8, 0
"""The oldest that FlashAttention 2 runs on."""
BF16 = frozenset({"amx_bf16", "avx512_bf16", "bf16"})
"""Processor features that multiply in bf16; without one bf16 is about eight times slower than fp32."""
MOST_FRAMES = 8192
"""Of a call: 16,384 rows with guidance, from which a GPU's matrix products gain nothing by more, and which even a T4 is
through with in about a second, so that others have their turn and a job can be cancelled."""


@dataclass(frozen=True)
class Gpu:
    """A GPU that its driver answers for."""

    name: str
    capability: tuple[int, int] = (0, 0)
    """CUDA's compute capability; not known of AMD's."""


@dataclass(frozen=True)
class Machine:
    """What a machine says of itself."""

    gpus: tuple[Gpu, ...] = ()
    build: Literal["cpu", "cuda", "rocm"] = "cpu"
    """What the installed PyTorch was built for."""
    build_version: int = 0
    """The major version of CUDA it was built with."""
    apple: bool = False
    """A Mac with a GPU of Apple's own, which every PyTorch for it can use (MPS)."""
    cores: int = 1
    """Physical cores this process may run on."""
    quota: float | None = None
    """Cores' worth of time that a container's limit (cgroup) leaves; None: no limit."""
    features: frozenset[str] = frozenset()
    """The processor's, as the kernel names them."""
    wanted_threads: int | None = None
    """OMP_NUM_THREADS, where it is set."""


@dataclass(frozen=True)
class Device:
    """Where and how the model computes."""

    name: str
    """As torch spells it."""
    title: str
    """For a person."""
    dtype: Literal["float32", "float16", "bfloat16"]
    """Of matrices and attention."""
    attention: Literal["flash", "other"]
    """Whether PyTorch's own attention has FlashAttention kernels for this device and dtype."""
    threads: int
    """Of the processor, for what is computed there."""
    reason: str
    """Why so, in a sentence."""
    graphs: bool = False
    """Steps are recorded as CUDA graphs where they can be."""

    @property
    def is_gpu(self) -> bool:
        """True where F5-TTS v1 Base runs faster than speech."""
        return self.name != "cpu"

    @property
    def gathers(self) -> bool:
        """Several chunks in one call of the model take less time than one after the other. A processor is busy with one,
        and more would only be heard and cancelled later; of Apple's GPUs it is not known."""
        return self.name.startswith("cuda")

    @property
    def turns(self) -> int:
        """Jobs that take turns on it where the settings do not say: as many as have room for a usual chunk in one call."""
        return MOST_FRAMES // 1000 if self.gathers else 2


def room(device: Device, free: int, frame_bytes: int) -> int:
    """Frames that one call of a model is to hold where it has several chunks to do, from the bytes that are free and
    those that a frame takes, 0 where the model gains nothing; 0: a chunk at a time."""
    return min(free // 2 // frame_bytes, MOST_FRAMES) if device.gathers and frame_bytes else 0


def choose(machine: Machine, wanted: str = "", graphs: bool = True) -> Device:
    """The device `wanted` (cpu, cuda, cuda:1, mps), or with none the best there is: CUDA or ROCm, MPS, the processor. With
    CUDA graphs where it can have them and they are wanted.

    Raises BadParameter where the wanted one is not there, or cannot be used by the installed PyTorch.
    """
    if not re.fullmatch(r"|cpu|cuda(:\d{1,3})?|mps", wanted):
        raise BadParameter(f"TIMBRE_DEVICE is {wanted[:60]!r}, which names no device; write cpu, cuda, cuda:1 or mps.")
    if wanted == "mps" and not machine.apple:
        raise BadParameter("TIMBRE_DEVICE is mps, and this is no Mac with Apple's own GPU; leave it blank.")
    if wanted == "mps" or (not wanted and machine.apple):
        reason = "Apple's GPU; fp32, in which F5-TTS is known to sound right there."
        return Device("mps", "Apple GPU", "float32", "other", _threads(machine), reason)
    if wanted.startswith("cuda"):
        number = int(wanted.partition(":")[2] or 0)
        if fault := _fault(machine, number):
            raise BadParameter(f"TIMBRE_DEVICE is {wanted}, but {fault}; leave it blank, or write cpu.")
        return _gpu(machine, number, graphs)
    usable = [number for number in range(len(machine.gpus)) if not _fault(machine, number)]
    if usable and not wanted:
        return _gpu(machine, usable[0], graphs)
    return _processor(machine, _fault(machine, 0) if machine.gpus and not wanted else "")


def _fault(machine: Machine, number: int) -> str:
    """Why the GPU of that number cannot be used; blank where it can."""
    if number >= len(machine.gpus):
        return f"this machine shows {len(machine.gpus) or 'no'} GPU{'s' * (len(machine.gpus) > 1)} to PyTorch"
    gpu = machine.gpus[number]
    if machine.build == "cpu":
        return f"the installed PyTorch was built without support for the {gpu.name}"
    if machine.build == "cuda" and machine.build_version >= 13 and gpu.capability < TURING:
        return f"the {gpu.name} is too old for the installed PyTorch (CUDA 13); one built with CUDA 12.6 can use it"
    return ""


def _gpu(machine: Machine, number: int, graphs: bool) -> Device:
    gpu, rocm = machine.gpus[number], machine.build == "rocm"
    if rocm:
        half, why = True, "fp16, as F5-TTS' own inference"
    elif gpu.capability < VOLTA:
        half, why = False, "fp32, for it has no tensor cores and is no faster in half precision"
    elif "GTX 16" in gpu.name:
        half, why = False, "fp32, for this series gives NaN in half precision"
    elif gpu.capability < AMPERE:
        half, why = True, "fp16, as F5-TTS' own inference; it has no bf16"
    else:
        half, why = True, "fp16, as fast as bf16 and eight times finer"
    flash = half and (rocm or gpu.capability >= AMPERE)
    reason = f"{'ROCm' if rocm else f'CUDA, capability {gpu.capability[0]}.{gpu.capability[1]}'}; {why}."
    dtype: Literal["float16", "float32"] = "float16" if half else "float32"
    attention: Literal["flash", "other"] = "flash" if flash else "other"
    return Device(f"cuda:{number}", gpu.name, dtype, attention, _threads(machine), reason, graphs and not rocm)


def _processor(machine: Machine, fault: str) -> Device:
    """`fault`: why a GPU that is there is not used."""
    threads, found = _threads(machine), sorted(BF16 & machine.features)
    why = f"bf16, which the processor multiplies in ({found[0]})" if found else "fp32, for the processor has no bf16"
    reason = f"{f'{fault[0].upper()}{fault[1:]}: the processor' if fault else 'The processor'}; {why}."
    title = f"CPU, {threads} core{'s' * (threads > 1)}"
    return Device("cpu", title, "bfloat16" if found else "float32", "flash", threads, reason)


def _threads(machine: Machine) -> int:
    """A thread a physical core: two on one core share its multipliers, and more than the limit allows only wait."""
    if machine.wanted_threads:
        return machine.wanted_threads
    return max(1, min(machine.cores, int(machine.quota + 0.5) if machine.quota else machine.cores))
