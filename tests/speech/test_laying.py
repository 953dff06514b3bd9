"""Phones laid on a clip: against times that are known, with a pause, in noise, and where there is nothing to lay."""

import json

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

from engine.speech.laying import lay
from engine.studio import ASSETS
from engine.text.pronunciation import PAUSING

from ..known import pronunciation

SAYS = pronunciation(ASSETS)
PAUSE = 24_000


@pytest.fixture(scope="module", params=["owen", "mara"])
def voice(request):
    """The first three seconds of a bundled voice, and the phones of all its words."""
    (told,) = [
        each
        for each in json.loads((ASSETS / "voices/voices.json").read_text())
        if each["name"].lower() == request.param
    ]
    samples, _ = sf.read(ASSETS / "voices" / f"{request.param}.wav", dtype="float32")
    return samples, SAYS.phones(told["text"])


def begins(laid):
    """Where each run of one phone begins, pauses left out."""
    return [i for i, phone in enumerate(laid) if phone not in PAUSING and (not i or laid[i - 1] != phone)]


def test_every_frame_has_a_phone_in_the_order_of_the_words(voice, demo):
    samples, phones = voice
    mel = demo.mel(samples).numpy()
    laid = lay(SAYS, phones, mel)
    assert len(laid) == len(mel)
    left = iter(phones)
    assert all(any(phone == one for one in left) for i, phone in enumerate(laid) if not i or laid[i - 1] != phone)


def test_pauses_are_laid_where_it_is_still(voice, demo):
    samples, phones = voice
    mel = demo.mel(samples).numpy()
    still = np.array([phone in PAUSING for phone in lay(SAYS, phones, mel)])
    level = mel.mean(1)
    assert level[still].mean() < level[~still].mean() - 1.8  # nepers
    spread = np.array([phone in PAUSING for phone in SAYS.spread(phones, len(mel))])
    assert level[still].mean() < level[spread].mean()


@pytest.mark.parametrize("noise", [0.0, 0.003])
def test_a_second_of_pause_moves_what_follows_by_a_second(voice, demo, noise):
    samples, phones = voice
    rng = np.random.default_rng(0)
    still = demo.mel(samples).numpy().mean(1)
    middle = 256 * (len(still) // 3 + int(np.argmin(still[len(still) // 3 : 2 * len(still) // 3])))
    longer = np.concatenate([samples[:middle], np.zeros(PAUSE, np.float32), samples[middle:]])
    longer = (longer + noise * rng.standard_normal(len(longer))).astype(np.float32)
    before, after = lay(SAYS, phones, demo.mel(samples).numpy()), lay(SAYS, phones, demo.mel(longer).numpy())
    moved = [new - old for old, new in zip(begins(before), begins(after), strict=True)]
    late = [place > middle / 256 for place in begins(before)]
    off = [abs(by - PAUSE / 256 * after) for by, after in zip(moved, late, strict=True)]
    assert np.mean(np.array(off) <= 5) > 0.85  # 50 ms
    assert np.median(off) <= 2


@given(st.text("abc ,.XQ'", max_size=30), st.integers(1, 200))
def test_any_words_are_laid_on_any_sound(text, frames):
    phones = SAYS.phones(text)
    laid = lay(SAYS, phones, np.random.default_rng(frames).normal(size=(frames, 100)).astype(np.float32))
    assert len(laid) == frames
    assert set(laid) <= set(phones)
