"""Which device F5-TTS runs on and in which dtype, found without importing torch, so that the window opens at once.

Does not know the model; whoever loads it asks here.
"""

from __future__ import annotations

import ctypes
import os
import platform
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Device:
    """`name` as torch spells it; `title` for a person."""

    name: str
    title: str

    @property
    def is_gpu(self) -> bool:
        """True where F5-TTS v1 Base runs faster than speech."""
        return self.name != "cpu"


def find_device(wanted: str = "") -> Device:
    """The device the settings name, or the best there is: CUDA, Apple's MPS, else the processor."""
    name = wanted or ("cuda" if _cuda_devices() else "mps" if _has_mps() else "cpu")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Device(name, f"CPU, {cores} cores" if name == "cpu" else name.upper())


@cache
def _cuda_devices() -> int:
    """Number of CUDA devices by the driver's own word; asking torch would cost two seconds."""
    try:
        driver, count = ctypes.CDLL("libcuda.so.1"), ctypes.c_int(0)
    except OSError:
        return 0
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
        return 0
    return count.value


def _has_mps() -> bool:
    return platform.system() == "Darwin" and platform.machine() == "arm64"
