"""The inference DiT against the package's, of each configuration there is, with random weights."""

import pytest
import torch

from engine.speech.checkpoint import DiTArch
from engine.speech.dit import DiT, dit_shapes
from engine.speech.network import Utterance
from engine.speech.packing import KERNEL, Packed
from engine.speech.sampler import time_grid

TOKENS = 50
SMALL = {"dim": 64, "depth": 3, "heads": 2, "ff_mult": 2, "text_dim": 32, "conv_layers": 2}
ARCHS = {
    "v1": {"text_mask_padding": True, "conv_layers": 4},
    "v0": {"text_mask_padding": False, "pe_attn_head": 1},
    "long skip": {"long_skip_connection": True},
    "query and key norm": {"qk_norm": "rms_norm", "dim_head": 32},
    "demo": {"qk_norm": "rms_norm", "text_mask_padding": True, "text_embedding_average_upsampling": True},
    "letters as they are": {"conv_layers": 0, "text_dim": None},
}
TIMES = time_grid(7, -1.0)


@pytest.fixture(params=ARCHS)
def both(request):
    """(the package's, ours in fp32, the configuration, its weights)."""
    from f5_tts.model import DiT as Package

    arch = DiTArch(**SMALL | ARCHS[request.param])
    torch.manual_seed(0)
    theirs = Package(**SMALL | ARCHS[request.param], text_num_embeds=TOKENS, mel_dim=100).eval()
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.1)  # the package's own start is a flow of nothing
    state = {name: weight for name, weight in theirs.state_dict().items() if not name.endswith("inv_freq")}
    return theirs, DiT(arch, state, "cpu", torch.float32), arch, state


def utterance(frames, letters):
    random = torch.Generator().manual_seed(frames)
    ids = torch.randint(TOKENS, (letters,), generator=random)
    return Utterance(torch.randn(20, 100, generator=random), ids, torch.randn(frames, 100, generator=random))


def distance(a, b):
    return float((a - b).norm() / b.norm())


def velocities(network, batch, steps, times=TIMES, cfg=2.0):
    prepared = [network.prepare(u, times, cfg) for u in batch]
    return network.velocities(prepared, [u.noise for u in batch], steps)


def package_velocity(theirs, u, time, cfg):
    reference = torch.nn.functional.pad(u.reference, (0, 0, 0, u.frames - len(u.reference)))
    passes = theirs(u.noise[None], reference[None], u.ids[None], time, cfg_infer=cfg > 0)
    conditioned, *free = passes
    return conditioned + (conditioned - free[0]) * cfg if free else conditioned


@torch.inference_mode()
def test_the_velocity_is_the_packages(both):
    theirs, ours, _, _ = both
    for u in (utterance(83, 31), utterance(40, 40)):
        for cfg in (2.0, 0.0):
            prepared = ours.prepare(u, TIMES, cfg)
            for step in (0, 3, 6):
                assert (
                    distance(
                        ours.velocities([prepared], [u.noise], [step])[0], package_velocity(theirs, u, TIMES[step], cfg)
                    )
                    < 1e-5
                )


@torch.inference_mode()
def test_an_utterance_is_the_same_alone_and_in_a_batch(both):
    _, ours, _, _ = both
    batch = [utterance(*size) for size in ((40, 10), (83, 31), (61, 20))]
    for u, velocity in zip(batch, velocities(ours, batch, [2, 2, 2]), strict=True):
        assert distance(velocity, *velocities(ours, [u], [2])) < 1e-6


@torch.inference_mode()
def test_an_utterance_is_the_same_beside_others_at_other_times_of_other_schedules(both):
    _, ours, _, _ = both
    u, others = utterance(83, 31), [utterance(40, 10), utterance(61, 20), utterance(83, 5)]
    manners = [(TIMES, 2.0), (TIMES, 2.0), (time_grid(5, 0.0), 0.0), (time_grid(5, 0.0), 1.0)]
    prepared = [ours.prepare(one, *manner) for one, manner in zip([u, *others], manners, strict=True)]
    together = ours.velocities(prepared, [one.noise for one in (u, *others)], [6, 2, 4, 4])
    for one, manner, step, velocity in zip([u, *others], manners, [6, 2, 4, 4], together, strict=True):
        assert distance(velocity, *velocities(ours, [one], [step], *manner)) < 1e-6


def test_the_weights_a_configuration_must_have_are_the_packages(both):
    _, _, arch, state = both
    assert dit_shapes(arch, TOKENS) == {name: tuple(weight.shape) for name, weight in state.items()}


@torch.inference_mode()
def test_a_convolution_is_the_same_in_whichever_layout_is_quicker():
    weight, x = torch.randn(64, 4, KERNEL), torch.randn(2, 50, 64)
    plain = torch.nn.functional.conv1d(x.transpose(1, 2), weight, padding=KERNEL // 2, groups=16).transpose(1, 2)
    image = weight[:, :, None].contiguous(memory_format=torch.channels_last)
    for way in (weight, image, *Packed.laid_out([weight])):
        assert distance(Packed.convolved(x, way, None), plain) < 1e-6


@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 1e-6), (torch.bfloat16, 0.01), (torch.float16, 0.002)])
@torch.inference_mode()
def test_a_product_is_the_same_laid_out_beforehand_and_a_row_the_same_in_any_company(dtype, most):
    weight, bias, x = torch.randn(96, 64) / 8, torch.randn(96), torch.randn(300, 64)
    plain = torch.nn.functional.linear(x, weight, bias)
    exact = {False: plain, True: torch.nn.functional.gelu(plain, approximate="tanh")}
    for widens, wanted in exact.items():
        product = Packed.product(weight.to(dtype), bias.to(dtype), widens)
        made = product(x.to(dtype))
        assert made.dtype is dtype
        assert distance(made.float(), wanted) < most
        assert torch.equal(made[:7], product(x[:7].to(dtype)))


@torch.inference_mode()
def test_attention_head_by_head_is_as_near_in_bf16_as_the_librarys():
    packed = Packed([torch.ones(70, 1, 16)], [2], torch.bfloat16)
    q, k, v = torch.randn(3, 140, 2, 32)
    exact = packed.attend(q, k, v)
    assert exact.shape == (140, 64)
    assert distance(packed.attend(q.bfloat16(), k.bfloat16(), v.bfloat16()).float(), exact) < 0.01


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@torch.inference_mode()
def test_half_precision_stays_near_with_time_rope_and_state_in_fp32(both, dtype):
    """In 16 bit the package's RoPE is off by radians late in a sound; here late frames are as near as early ones."""
    _, ours, arch, state = both
    u = utterance(900, 300)
    (near,) = velocities(DiT(arch, state, "cpu", dtype), [u], [3])
    (exact,) = velocities(ours, [u], [3])
    assert near.dtype == torch.float32
    limit = 0.04 if dtype is torch.bfloat16 else 0.005
    assert distance(near, exact) < limit
    assert distance(near[-100:], exact[-100:]) < limit
