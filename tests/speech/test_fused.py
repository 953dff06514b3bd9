"""The kernels for a GPU against PyTorch's own, run by Triton's interpreter where no GPU is."""

import os

import pytest
import torch

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"  # read where the kernels are defined, which nothing else does without a GPU
pytest.importorskip("triton")
from triton.runtime import interpreter

from engine.speech.dit import packing
from engine.speech.fused import Fused
from engine.speech.packing import Packed

from .test_dit import SMALL, distance

tensors = interpreter._patch_lang_tensor


def counting(tensor, scope):
    """The interpreter of Triton 3.6 does not count to a loaded number with NumPy 2.4, which it gets as an array of one."""
    tensors(tensor, scope)
    scope.set_attr(tensor, "__index__", lambda self: self.handle.data.item())


interpreter._patch_lang_tensor = counting

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
FRAMES, PASSES = (3, 40), (2, 1)
ROWS = 46


def some(*shape, dtype=torch.float32):
    return torch.randn(shape, generator=torch.Generator().manual_seed(len(shape))).to(DEVICE, dtype)


@pytest.fixture(params=[torch.float16, torch.bfloat16], ids=str)
def ways(request):
    """(rows as PyTorch works on them, as the kernels do)."""
    angles = [some(frames, 1, 16) for frames in FRAMES]
    turns = [torch.polar(torch.ones_like(each), each) for each in angles]
    return [way(turns, PASSES, request.param) for way in (Packed, Fused)]


def same(ours, theirs):
    near = 1e-2 if theirs.dtype is torch.bfloat16 else 2e-3
    return ours.dtype == theirs.dtype and distance(ours.float(), theirs.float()) < near


@pytest.mark.parametrize("dim", [64, 96])
@torch.inference_mode()
def test_rows_are_added_and_normed_as_by_pytorch(ways, dim):
    moments, x = some(2, 6, dim), some(ROWS, dim)
    gates, shifts, scales = moments[:, 2:5].unbind(1)
    more, sums = some(ROWS, dim, dtype=ways[0].dtype), [x.clone(), x.clone()]
    theirs, ours = ([way.normed(x, shifts, scales), way.added(into, more, gates, shifts, scales)]
                    for way, into in zip(ways, sums, strict=True))  # fmt: skip
    assert all(map(same, ours, theirs))
    assert distance(*sums) < 1e-6, "what adds up stays fp32"


@pytest.mark.parametrize("turned", [None, 1])
@pytest.mark.parametrize("norm", [None, torch.linspace(0.5, 2, 32, device=DEVICE)], ids=["as it is", "normed"])
@torch.inference_mode()
def test_queries_and_keys_are_told_their_places_as_by_pytorch(ways, turned, norm):
    qkv = some(ROWS, 3, 3, 32, dtype=ways[0].dtype)
    theirs, ours = (way.placed(qkv.clone(), (norm, norm), turned) for way in ways)
    assert all(map(same, ours, theirs))
    assert turned is None or norm is not None or torch.equal(ours[0][:, 1:], qkv[:, 0, 1:]), (
        "other heads are left alone"
    )


def test_without_a_gpu_or_where_its_kernels_cannot_be_built_pytorchs_are_used(caplog):
    from engine.speech.checkpoint import DiTArch

    arch = DiTArch(**SMALL)
    assert packing(arch, "cpu", torch.bfloat16) is Packed
    assert packing(arch, "cuda:99", torch.float32) is Packed
    assert packing(arch, "cuda:99", torch.float16) is Packed
    assert "PyTorch's own are used" in caplog.text


@pytest.mark.parametrize("head", [32, 64])
@torch.inference_mode()
def test_each_pass_attends_to_itself_as_by_pytorch(head):
    """In fp16: the interpreter has no products in bf16, nor in the next test."""
    frames, dtype = (3, 150, 64), torch.float16
    turns = [torch.ones(each, 1, head // 2, dtype=torch.complex64, device=DEVICE) for each in frames]
    qkv = 2 * some(367, 3, 2, head, dtype=dtype)
    theirs, ours = (way(turns, (1, 2, 1), dtype).attend(*qkv.unbind(1)) for way in (Packed, Fused))
    assert same(ours, theirs)
    q, k, v = qkv.unbind(1)
    assert torch.equal(Fused(turns, (1, 2, 1), dtype).attend(q.contiguous(), k.contiguous(), v), ours), "normed or not"
    alone = Fused(turns[1:2], (2,), dtype).attend(*qkv[3:303].unbind(1))
    assert torch.equal(alone, ours[3:303]), "the same in any company"


@torch.inference_mode()
def test_frames_are_told_their_places_as_by_pytorch():
    weights, bias = [some(256, 16, 31, dtype=torch.float16)], some(256, dtype=torch.float16)
    for frames, added in ((5, None), (130, bias)):
        x = some(2, frames, 256)
        theirs, ours = (way.convolved(x, way.laid_out(weights)[0], added) for way in (Packed, Fused))
        assert same(ours, theirs)
