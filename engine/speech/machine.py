"""What this machine says of itself, without importing torch, so that the window opens at once.

Reads the drivers and the kernel's files; what follows from the facts is engine.speech.device's.
"""

from __future__ import annotations

import ctypes
import os
import platform
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from .device import Gpu, Machine

CAPABILITY = 75, 76
"""CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR (cuda.h)."""


@cache
def this_machine() -> Machine:
    """The facts, gathered once: none of them changes while a process runs."""
    build, version = torch_build()
    root = Path("/")
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    threads = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return Machine(
        gpus=amd_gpus(root) if build == "rocm" else nvidia_gpus(),
        build=build,
        build_version=version,
        apple=platform.system() == "Darwin" and platform.machine() == "arm64",
        cores=physical_cores(root, allowed),
        quota=cpu_quota(root),
        features=cpu_features(root),
        wanted_threads=int(threads) if threads.isascii() and threads.isdigit() and len(threads) < 5 else None,
    )


def torch_build(version_file: Path | None = None) -> tuple[Literal["cpu", "cuda", "rocm"], int]:
    """What PyTorch was built for and the major version of CUDA, by torch/version.py; importing torch takes seconds."""
    if version_file is None:
        spec = find_spec("torch")
        version_file = Path((spec.submodule_search_locations or [""])[0] if spec else "") / "version.py"
    text = _text(version_file)
    if re.search(r"^hip\b.*= *'", text, re.MULTILINE):
        return "rocm", 0
    cuda = re.search(r"^cuda\b.*= *'(\d+)", text, re.MULTILINE)
    return ("cuda", int(cuda[1])) if cuda else ("cpu", 0)


def nvidia_gpus() -> tuple[Gpu, ...]:
    """By the driver's own word, which heeds CUDA_VISIBLE_DEVICES."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if os.name == "nt" else "libcuda.so.1")
    except OSError:
        return ()
    count = ctypes.c_int(0)
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
        return ()
    return tuple(_nvidia_gpu(driver, number) for number in range(count.value))


def _nvidia_gpu(driver: ctypes.CDLL, number: int) -> Gpu:
    device, name, capability = ctypes.c_int(0), ctypes.create_string_buffer(256), []
    driver.cuDeviceGet(ctypes.byref(device), number)
    driver.cuDeviceGetName(name, len(name), device)
    for attribute in CAPABILITY:
        driver.cuDeviceGetAttribute(ctypes.byref(value := ctypes.c_int(0)), attribute, device)
        capability.append(value.value)
    return Gpu(name.value.decode(errors="replace") or "NVIDIA GPU", (capability[0], capability[1]))


def amd_gpus(root: Path) -> tuple[Gpu, ...]:
    """By the kernel's list of what can compute (amdkfd); a node with SIMD units is a GPU."""
    nodes = sorted((root / "sys/class/kfd/kfd/topology/nodes").glob("*"), key=lambda node: node.name.zfill(4))
    found = [node for node in nodes if re.search(r"^simd_count [1-9]", _text(node / "properties"), re.MULTILINE)]
    return tuple(Gpu(f"AMD {_text(node / 'name').strip() or 'GPU'}") for node in found)


def physical_cores(root: Path, allowed: list[int] | range) -> int:
    """How many there are under the logical processors `allowed`."""
    folder = root / "sys/devices/system/cpu"
    return len({_text(folder / f"cpu{number}/topology/thread_siblings_list") or number for number in allowed})


def cpu_features(root: Path) -> frozenset[str]:
    """The first processor's: `flags` on x86, `Features` on Arm."""
    line = re.search(r"^(?:flags|Features)\s*: (.*)$", _text(root / "proc/cpuinfo"), re.MULTILINE)
    return frozenset(line[1].split()) if line else frozenset()


def cpu_quota(root: Path) -> float | None:
    """Cores' worth of time the tightest control group around this process leaves; None where none limits it."""
    return min(_quotas(root), default=None)


def _quotas(root: Path) -> Iterator[float]:
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        mount = root / "sys/fs/cgroup" / ("cpu" if controllers else "")
        own = mount / path.lstrip("/")
        for group in (own, *own.parents):
            if not group.is_relative_to(mount):
                break
            if controllers:  # version 1
                values = [_text(group / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period")]
            else:
                values = _text(group / "cpu.max").split()
            if len(values) == 2 and all(value.isdigit() for value in values) and int(values[1]):
                yield int(values[0]) / int(values[1])


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
