"""The sampler against the package's own inference, and against itself in batches."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch

from engine.ended import ended
from engine.speech.network import Utterance
from engine.speech.pitch import harmonics, heights_of
from engine.speech.sampler import EPSS, EulerSampler, draw_noise, time_grid
from engine.speech.synthesis import Manner, lay_out
from engine.speech.voice import DOUBT, prepare_voice
from engine.studio import ASSETS
from engine.types import Chunk, Reference

from .conftest import CLIP_TEXT

MANNER = Manner(nfe=7, cfg_strength=2.0, sway_sampling=-1.0, speed=1.0, seed=3)
REFERENCE_TEXT = CLIP_TEXT + " "


def run(model, batch, times, cfg=2.0):
    ticks, mels = ended(EulerSampler().sample(model, batch, times, cfg))
    return [tick.step for tick in ticks], mels


def distance(a, b):
    return float((a - b).norm() / b.norm())


class Silent:
    """A vocoder for the package that costs nothing."""

    def decode(self, mel):
        return torch.zeros(1, mel.shape[-1] * 256)


@pytest.mark.parametrize(
    ("name", "steps", "cfg"),
    [
        *((name, steps, cfg) for name in ("tiny", "e2") for steps, cfg in ((5, 2.0), (16, 0.0))),
        ("tiny", 7, 0.0),
        ("tiny", 20, 2.0),
    ],
)
def test_a_chunk_is_what_the_package_makes_of_it_with_the_same_noise(request, clip, name, steps, cfg):
    from f5_tts.infer.utils_infer import infer_batch_process

    tiny = request.getfixturevalue(name)
    chunk = Chunk(0, "The kettle is on, and the old atlas is back on its shelf.")
    torch.manual_seed(11)
    (_, _, theirs) = next(
        infer_batch_process(
            (torch.from_numpy(clip)[None], 24_000), CLIP_TEXT, [chunk.text], tiny.theirs, Silent(),
            progress=None, nfe_step=steps, cfg_strength=cfg, device="cpu",
        )
    )  # fmt: skip
    level = np.sqrt((clip**2).mean())
    reference = Reference(clip * 0.1 / level if level < 0.1 else clip, REFERENCE_TEXT, "en", "hash")
    voice = prepare_voice(tiny.ours, reference)
    laid = lay_out(tiny.ours, voice, chunk, MANNER)
    torch.manual_seed(11)
    utterance = Utterance(laid.reference, laid.ids, torch.randn(laid.frames, 100))
    done, (ours,) = run(tiny.ours, [utterance], time_grid(steps, -1.0), cfg)
    ours = ours[voice.frames :].T
    assert done == list(range(1, steps + 1))
    assert ours.shape == theirs.shape
    assert theirs.std() > 0.5
    assert distance(ours, torch.from_numpy(theirs)) <= 1e-5


@pytest.mark.parametrize("name", ["tiny", "e2", "demo"])
def test_a_chunk_is_the_same_alone_and_in_a_batch(request, clip, name):
    model = request.getfixturevalue(name)
    model = getattr(model, "ours", model)
    voice = prepare_voice(model, Reference(clip[:60_000], "Some call me nature. ", "en", "hash"))
    texts = ["Hello there, how are you?", "Yes.", "The kettle is on, and the atlas is back on its shelf."]
    batch = [lay_out(model, voice, Chunk(i, text), MANNER) for i, text in enumerate(texts)]
    assert len({u.frames for u in batch}) == 3
    _, together = run(model, batch, time_grid(7, -1.0))
    for utterance, mel in zip(batch, together, strict=True):
        _, (alone,) = run(model, [utterance], time_grid(7, -1.0))
        assert mel.shape == alone.shape == (utterance.frames, 100)
        assert distance(mel, alone) <= 1e-4


def test_each_frame_to_be_made_is_given_what_its_phone_sounds_like_in_the_reference_and_how_high_it_is(
    demo, tiny, clip
):
    reference = Reference(clip[:60_000], "Some call me nature. ", "en", "hash")
    voice = prepare_voice(demo, reference)
    utterance = lay_out(demo, voice, Chunk(0, "Hello there."), MANNER)
    (first, known), (start, told) = utterance.given
    assert (first, start, len(known) + len(told)) == (0, len(utterance.reference), utterance.frames)
    heights = heights_of(reference.samples)[: voice.frames]
    told = told - harmonics(torch.from_numpy(heights[np.arange(-len(told), 0) % len(heights)]))
    ids = utterance.ids.tolist()
    heard, asked = torch.tensor(ids[:start]), ids[start:]
    louder = voice.mel[: voice.frames]
    louder = louder[louder.mean(-1) >= louder.mean()].mean(0)
    for phone, expected in (("l", 1), ("h", 0), (" ", 1)):  # in “call”; in no word of the clip; before and after it
        number = demo.vocabulary[phone]
        own = voice.mel[: voice.frames][heard == number]
        assert bool(len(own)) == bool(expected), phone
        mean = (own.sum(0) + DOUBT * louder) / (len(own) + DOUBT)
        assert torch.allclose(told[asked.index(number)], mean, atol=1e-4), phone
    plain = lay_out(tiny.ours, prepare_voice(tiny.ours, reference), Chunk(0, "Hello there."), MANNER)
    assert plain.given == plain.known


def test_the_reference_comes_back_as_it_was(tiny, clip):
    voice = prepare_voice(tiny.ours, Reference(clip, REFERENCE_TEXT, "en", "hash"))
    _, (mel,) = run(tiny.ours, [lay_out(tiny.ours, voice, Chunk(0, "Hello there."), MANNER)], time_grid(7, -1.0))
    assert torch.equal(mel[: len(voice.mel)], voice.mel)


def test_noise_depends_on_seed_and_chunk_alone():
    assert torch.equal(draw_noise(50, 3, 0), draw_noise(50, 3, 0))
    noises = [draw_noise(50, seed, chunk) for seed in (0, 1, 2**32 - 1) for chunk in (0, 1, 500)]
    assert all(not torch.equal(a, b) for i, a in enumerate(noises) for b in noises[:i])
    together = torch.cat(noises)
    assert abs(together.mean()) < 0.01
    assert abs(together.std() - 1) < 0.01


@pytest.mark.parametrize("nfe", [1, 5, 7, 13, 16, 32, 64])
@pytest.mark.parametrize("sway", [-1.0, 0.0, 1.0])
def test_time_runs_from_0_to_1_in_fp32(nfe, sway):
    times = time_grid(nfe, sway)
    assert times.dtype == torch.float32
    assert times.shape == (nfe + 1,)
    assert times[0] == 0
    assert times[-1] == pytest.approx(1, abs=1e-6)
    assert (times.diff() > 0).all()
    uniform = torch.allclose(time_grid(nfe, 0.0), torch.linspace(0, 1, nfe + 1), atol=1e-6)
    assert uniform == (nfe not in EPSS)


def test_pruned_steps_are_the_packages():
    from f5_tts.model.utils import get_epss_timesteps

    for nfe in (*EPSS, 1, 13, 32):
        assert torch.equal(time_grid(nfe, 0.0), get_epss_timesteps(nfe, "cpu", torch.float32))


def test_the_noise_of_an_utterance_is_left_as_it_was(tiny, clip):
    voice = prepare_voice(tiny.ours, Reference(clip, REFERENCE_TEXT, "en", "hash"))
    utterance = lay_out(tiny.ours, voice, Chunk(0, "Hello there."), MANNER)
    before = utterance.noise.clone()
    run(tiny.ours, [utterance], time_grid(5, -1.0))
    assert torch.equal(utterance.noise, before)


def test_mel_and_pinyin_are_the_packages(tiny, clip):
    from f5_tts.model.modules import MelSpec
    from f5_tts.model.utils import convert_char_to_pinyin

    assert torch.equal(tiny.ours.mel(clip), MelSpec()(torch.from_numpy(clip)[None])[0].T)
    text = "Hello,world; it’s 你好, 3 times."
    assert tiny.ours.tokens(text) == convert_char_to_pinyin([text])[0]


def test_a_model_speaks_without_the_package_being_imported(demo_files):
    """Importing it takes longer than all the rest until the first sound."""
    code = f"""
import sys, pickle, numpy as np
from engine.speech.device import Device
from engine.speech import EulerSampler, Manner, speak
from engine.speech.loading import load
from engine.types import Chunk, Reference
model = load(pickle.loads({pickle.dumps(demo_files)!r}), Device("cpu", "", "float32", "other", 1, ""), lambda event: None)
reference = Reference(np.random.default_rng(0).standard_normal(48000).astype("f4") * 0.1, "Hello there. ", "en", "")
list(speak(model, EulerSampler(), reference, [Chunk(0, "Hello.")], Manner(1, 0.0, 0.0, 1.0, 0)))
print(sorted(set(sys.modules) & {{"f5_tts", "transformers", "librosa", "wandb", "datasets", "x_transformers", "gradio"}}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ASSETS.parent, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr
