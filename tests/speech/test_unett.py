"""The inference UNetT against the package's, of each kind of skip, alone and in a batch, and in half precision."""

import pytest
import torch
from f5_tts.model import UNetT as Package

from engine.speech.checkpoint import UNetTArch
from engine.speech.unett import UNetT, unett_shapes

from .test_dit import TIMES, TOKENS, distance, package_velocity, utterance, velocities

SMALL = {"dim": 64, "depth": 4, "heads": 2, "ff_mult": 2}
ARCHS = {
    "E2TTS_Base": {"text_mask_padding": False, "pe_attn_head": 1},
    "added, convolved": {"skip_connect_type": "add", "conv_layers": 2, "text_dim": 32, "qk_norm": "rms_norm"},
    "no skip": {"skip_connect_type": "none", "conv_layers": 1, "attn_backend": "flash_attn"},
}


@pytest.fixture(params=ARCHS)
def both(request):
    """(the package's, ours in fp32, the configuration, its weights)."""
    arch = UNetTArch(**SMALL | ARCHS[request.param])
    torch.manual_seed(0)
    theirs = Package(**SMALL | ARCHS[request.param] | {"attn_backend": "torch"}, text_num_embeds=TOKENS, mel_dim=100)
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    state = {name: weight for name, weight in theirs.state_dict().items() if not name.endswith("inv_freq")}
    return theirs.eval(), UNetT(arch, state, "cpu", torch.float32), arch, state


@torch.inference_mode()
def test_the_velocity_is_the_packages(both):
    theirs, ours, arch, state = both
    assert unett_shapes(arch, TOKENS) == {name: tuple(weight.shape) for name, weight in state.items()}
    for u, cfg in ((utterance(83, 31), 2.0), (utterance(40, 40), 0.0)):
        prepared = ours.prepare(u, TIMES, cfg)
        for step in (0, 6):
            assert (
                distance(
                    ours.velocities([prepared], [u.noise], [step])[0], package_velocity(theirs, u, TIMES[step], cfg)
                )
                < 1e-5
            )


@torch.inference_mode()
def test_an_utterance_is_the_same_alone_and_in_a_batch(both):
    _, ours, _, _ = both
    batch = [utterance(*size) for size in ((40, 10), (83, 31))]
    together = velocities(ours, batch, [2, 2])
    for u, velocity in zip(batch, together, strict=True):
        assert torch.equal(velocity, velocities(ours, [u], [2])[0])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@torch.inference_mode()
def test_half_precision_stays_near_with_time_rope_and_state_in_fp32(both, dtype):
    _, ours, arch, state = both
    u, half = utterance(900, 300), UNetT(arch, state, "cpu", dtype)
    (near,), (exact,) = (velocities(network, [u], [3]) for network in (half, ours))
    assert near.dtype == torch.float32
    assert half.net.rotary_embed.inv_freq.dtype == half.net.time_embed.time_mlp[0].weight.dtype == torch.float32
    assert half.net.text_embed.text_embed.weight.dtype == half.net.norm_out.g.dtype == torch.float32
    assert half.net.layers[0][2].to_q.weight.dtype == dtype
    limit = 0.04 if dtype is torch.bfloat16 else 0.005
    assert distance(near, exact) < limit
    assert distance(near[-100:], exact[-100:]) < limit
