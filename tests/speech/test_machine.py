"""The facts of a machine from the kernel's files, laid out as the kernel does, and from this machine itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.speech.machine import amd_gpus, cpu_features, cpu_quota, physical_cores, this_machine, torch_build


@pytest.fixture
def root(tmp_path):
    """Lays out files under a root of its own."""

    def lay(files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return lay


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({}, None),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, None),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "150000 100000\n"}, 1.5),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/b/cpu.max": "400000 100000",
                "sys/fs/cgroup/a/cpu.max": "200000 100000",
            },
            2.0,
        ),
        (
            {
                "proc/self/cgroup": "5:memory:/x\n4:cpu,cpuacct:/docker/1\n",
                "sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us": "50000\n",
                "sys/fs/cgroup/cpu/docker/1/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            0.5,
        ),
        ({"proc/self/cgroup": "0::/../..\n", "sys/fs/cgroup/cpu.max": "rubbish here"}, None),
    ],
)
def test_the_tightest_limit_around_this_process(root, files, quota):
    assert cpu_quota(root(files)) == quota


def test_two_threads_on_one_core_are_one_core(root):
    folder = "sys/devices/system/cpu"
    siblings = {0: "0,4", 1: "1,5", 4: "0,4", 5: "1,5"}
    laid = root({f"{folder}/cpu{n}/topology/thread_siblings_list": s for n, s in siblings.items()})
    assert physical_cores(laid, [0, 1, 4, 5]) == 2
    assert physical_cores(laid, [0, 4]) == 1
    assert physical_cores(Path("/nowhere"), range(3)) == 3


def test_features_of_intel_and_arm(root):
    assert "amx_bf16" in cpu_features(root({"proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu avx2 amx_bf16\n\n"}))
    assert cpu_features(root({"proc/cpuinfo": "Features\t: asimd bf16\nCPU part : 0xd4f\n"})) == {"asimd", "bf16"}
    assert cpu_features(Path("/nowhere")) == frozenset()


def test_amds_gpus_are_the_nodes_that_compute(root):
    nodes = "sys/class/kfd/kfd/topology/nodes"
    laid = root(
        {
            f"{nodes}/0/properties": "cpu_cores_count 96\nsimd_count 0\n",
            f"{nodes}/2/properties": "simd_count 1216\n",
            f"{nodes}/2/name": "ip discovery\n",
            f"{nodes}/10/properties": "simd_count 1216\n",
        }
    )
    assert [gpu.name for gpu in amd_gpus(laid)] == ["AMD ip discovery", "AMD GPU"]
    assert amd_gpus(Path("/nowhere")) == ()


@pytest.mark.parametrize(
    ("text", "build"),
    [
        ("__version__ = '2.11.0+cu130'\ncuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n", ("cuda", 13)),
        ("__version__ = '2.11.0+cpu'\ncuda: Optional[str] = None\nhip: Optional[str] = None\n", ("cpu", 0)),
        ("cuda: Optional[str] = None\nhip: Optional[str] = '7.0.51831'\n", ("rocm", 0)),
        ("", ("cpu", 0)),
    ],
)
def test_what_pytorch_was_built_for(root, text, build):
    assert torch_build(root({"version.py": text}) / "version.py") == build


def test_this_machine_agrees_with_torch_and_is_asked_without_it():
    import torch

    machine = this_machine()
    assert machine.build == ("cuda" if torch.version.cuda else "rocm" if torch.version.hip else "cpu")
    assert machine.build_version == int((torch.version.cuda or "0").partition(".")[0])
    assert len(machine.gpus) == torch.cuda.device_count()
    assert ("avx512_bf16" in machine.features) == torch.cpu._is_avx512_bf16_supported()
    assert 1 <= machine.cores <= os.cpu_count()
    program = (
        "import sys; from engine.speech.machine import this_machine; this_machine(); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
