"""Half precision on a processor: what is measured decides."""

import time

import pytest
import torch

from engine.speech.precision import kept, least_seconds, product_seconds


@pytest.mark.parametrize(
    ("promised", "seconds", "used"),
    [
        (torch.bfloat16, {torch.bfloat16: 1.0, torch.float32: 3.0}, torch.bfloat16),
        (torch.bfloat16, {torch.bfloat16: 8.0, torch.float32: 1.0}, torch.float32),
        (torch.float32, {}, torch.float32),
    ],
)
def test_the_faster_is_used_and_fp32_needs_no_measuring(promised, seconds, used):
    assert kept(promised, seconds.__getitem__) is used


def test_what_comes_with_the_first_time_alone_does_not_count():
    pauses = iter([0.2, 0.02, 0.0, 0.02])
    assert least_seconds(lambda: time.sleep(next(pauses))) < 0.01
    assert next(pauses, None) is None


def test_measuring_takes_less_than_a_second():
    begun = time.process_time()
    assert product_seconds(torch.float32) > 1e-4  # 0.5 GFLOP
    assert product_seconds(torch.bfloat16) > 1e-4
    assert time.process_time() - begun < 2  # on a busy machine, both
