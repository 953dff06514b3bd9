"""Which device is chosen on which machine, and how it is told where the wanted one is not there."""

import pytest

from engine.errors import BadParameter
from engine.speech.device import MOST_FRAMES, Gpu, Machine, choose, room

PASCAL = Gpu("Tesla P100", (6, 0))
VOLTA = Gpu("Tesla V100", (7, 0))
GTX16 = Gpu("NVIDIA GeForce GTX 1660", (7, 5))
TURING = Gpu("Tesla T4", (7, 5))
AMPERE = Gpu("NVIDIA A10G", (8, 6))
HOPPER = Gpu("NVIDIA H100 80GB HBM3", (9, 0))
MI300 = Gpu("AMD gfx942")


def cuda(*gpus, version=12, **facts):
    return Machine(gpus=gpus, build="cuda", build_version=version, **facts)


@pytest.mark.parametrize(
    ("machine", "name", "dtype", "attention", "why"),
    [
        (cuda(PASCAL), "cuda:0", "float32", "other", "no tensor cores"),
        (cuda(VOLTA), "cuda:0", "float16", "other", "no bf16"),
        (cuda(GTX16, version=13), "cuda:0", "float32", "other", "NaN in half precision"),
        (cuda(TURING, version=13), "cuda:0", "float16", "other", "no bf16"),
        (cuda(AMPERE, version=13), "cuda:0", "float16", "flash", "eight times finer"),
        (cuda(HOPPER, version=13), "cuda:0", "float16", "flash", "capability 9.0"),
        (cuda(PASCAL, HOPPER, version=13), "cuda:1", "float16", "flash", "capability 9.0"),
        (cuda(VOLTA, version=13), "cpu", "float32", "flash", "V100 is too old for the installed PyTorch (CUDA 13)"),
        (Machine(gpus=(HOPPER,)), "cpu", "float32", "flash", "built without support for the NVIDIA H100"),
        (Machine(gpus=(MI300,), build="rocm"), "cuda:0", "float16", "flash", "ROCm"),
        (Machine(apple=True), "mps", "float32", "other", "Apple"),
        (Machine(build="cuda", build_version=13), "cpu", "float32", "flash", "no bf16"),
        (Machine(features=frozenset({"avx2"})), "cpu", "float32", "flash", "no bf16"),
        (Machine(features=frozenset({"avx512f"})), "cpu", "float32", "flash", "no bf16"),
        (Machine(features=frozenset({"avx512_bf16"})), "cpu", "bfloat16", "flash", "avx512_bf16"),
        (Machine(features=frozenset({"avx512_bf16", "amx_bf16"})), "cpu", "bfloat16", "flash", "amx_bf16"),
        (Machine(features=frozenset({"asimd", "bf16"})), "cpu", "bfloat16", "flash", "bf16"),
    ],
)
def test_the_best_device_and_why(machine, name, dtype, attention, why):
    device = choose(machine)
    assert (device.name, device.dtype, device.attention) == (name, dtype, attention)
    assert why in device.reason
    assert device.reason.endswith(".")
    assert device.is_gpu == (name != "cpu")


def test_cuda_records_steps_unless_the_settings_say_no():
    assert choose(cuda(HOPPER)).graphs
    assert not choose(cuda(HOPPER), "cuda:0", graphs=False).graphs
    assert not choose(Machine(gpus=(MI300,), build="rocm")).graphs, "nobody has seen it there"


@pytest.mark.parametrize(
    ("cores", "quota", "wanted", "threads"),
    [
        (1, None, None, 1),
        (8, None, None, 8),
        (8, 2.0, None, 2),
        (8, 1.5, None, 2),
        (8, 0.1, None, 1),
        (2, 16.0, None, 2),
        (8, 2.0, 5, 5),
        (8, None, 0, 8),
    ],
)
def test_a_thread_a_core_as_far_as_the_limit_goes(cores, quota, wanted, threads):
    device = choose(Machine(cores=cores, quota=quota, wanted_threads=wanted))
    assert device.threads == threads
    assert device.title == f"CPU, {threads} core{'s' if threads > 1 else ''}"


@pytest.mark.parametrize(
    ("wanted", "machine", "name"),
    [
        ("cpu", cuda(HOPPER), "cpu"),
        ("cuda", cuda(HOPPER, AMPERE), "cuda:0"),
        ("cuda:1", cuda(HOPPER, AMPERE), "cuda:1"),
        ("mps", Machine(apple=True), "mps"),
        ("cpu", Machine(apple=True), "cpu"),
    ],
)
def test_the_wanted_device_where_it_is_there(wanted, machine, name):
    device = choose(machine, wanted)
    assert device.name == name
    assert "NVIDIA" not in device.reason


@pytest.mark.parametrize(
    ("wanted", "machine", "told"),
    [
        ("cuda", Machine(build="cuda", build_version=13), r"cuda, but this machine shows no GPU to PyTorch; leave"),
        ("cuda:1", cuda(HOPPER), r"cuda:1, but this machine shows 1 GPU to PyTorch"),
        ("cuda:2", cuda(HOPPER, AMPERE), r"cuda:2, but this machine shows 2 GPUs to PyTorch"),
        ("cuda", Machine(gpus=(HOPPER,)), r"PyTorch was built without support for the NVIDIA H100"),
        ("cuda", cuda(PASCAL, version=13), r"P100 is too old for the installed PyTorch \(CUDA 13\)"),
        ("mps", Machine(), r"no Mac with Apple's own GPU"),
        ("gpu", cuda(HOPPER), r"TIMBRE_DEVICE is 'gpu', which names no device; write cpu, cuda, cuda:1 or mps"),
        ("cuda:-1", cuda(HOPPER), r"names no device"),
        ("cuda:²", cuda(HOPPER), r"names no device"),
        ("cuda:0\n", cuda(HOPPER), r"names no device"),
    ],
)
def test_a_wanted_device_that_is_not_there_is_told_in_a_sentence(wanted, machine, told):
    with pytest.raises(BadParameter, match=told) as caught:
        choose(machine, wanted)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("machine", "free", "frame_bytes", "frames"),
    [
        (cuda(HOPPER), 1_000_000_000, 131_072, 3814),
        (cuda(HOPPER), 80_000_000_000, 131_072, MOST_FRAMES),
        (cuda(HOPPER), 100_000, 131_072, 0),
        (cuda(HOPPER), 80_000_000_000, 0, 0),
        (Machine(), 80_000_000_000, 131_072, 0),
        (Machine(apple=True), 80_000_000_000, 131_072, 0),
    ],
)
def test_a_call_has_room_for_half_of_what_is_free_on_a_gpu_that_gains_by_it(machine, free, frame_bytes, frames):
    assert room(choose(machine), free, frame_bytes) == frames


def test_more_people_take_turns_where_they_share_calls():
    assert [choose(machine).turns for machine in (cuda(HOPPER), Machine(), Machine(apple=True))] == [8, 2, 2]
