"""A new piece in a sound: nothing else changes, and there is no seam."""

import numpy as np
import pytest

from engine.audio.patch import FADE, MARGIN, SLACK, patch, quietest
from engine.types import RATE


def tone(seconds, shift=0):
    return (0.5 * np.sin(2 * np.pi * 150 * (np.arange(round(seconds * RATE)) + shift) / RATE)).astype(np.float32)


def test_what_lies_beyond_the_fades_keeps_its_bits_and_the_waves_meet():
    sound, start, end = tone(2), 20_000, 30_000
    new = tone((8_000 + 2 * MARGIN) / RATE, shift=start - MARGIN + SLACK // 2)  # another length, out of step
    patched = patch(sound, start, end, new)
    assert (patched[: start - FADE] == sound[: start - FADE]).all()
    assert (patched[-(len(sound) - end - FADE) :] == sound[end + FADE :]).all()
    assert abs(len(patched) - (len(sound) - 2_000)) <= 2 * SLACK
    assert np.abs(np.diff(patched)).max() < 1.1 * np.abs(np.diff(sound)).max()
    assert np.abs(patched[start - 500 : start + 500]).max() == pytest.approx(0.5, abs=0.02)  # they do not cancel out


@pytest.mark.parametrize(("start", "end"), [(0, 5_000), (43_000, 48_000), (0, 48_000), (100, 200), (24_000, 24_000)])
def test_at_the_ends_too_and_where_nothing_is_replaced(start, end):
    sound, new = tone(2), tone(0.4)
    patched = patch(sound, start, end, new)
    assert abs(len(patched) - (len(sound) - (end - start) + len(new) - 2 * MARGIN)) <= 2 * SLACK
    before, after = max(start - FADE, 0), max(len(sound) - end - FADE, 0)
    assert (patched[:before] == sound[:before]).all()
    assert (patched[len(patched) - after :] == sound[len(sound) - after :]).all()
    assert np.abs(patched).max() < 0.51


def test_the_quietest_place_between_two():
    sound = tone(1)
    sound[10_000:11_000] = 0
    assert 10_000 <= quietest(sound, 5_000, 15_000) <= 11_000
    assert quietest(sound, 700, 600) == 700
