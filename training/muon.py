"""Muon, the optimiser of the hidden matrices: momentum, made orthogonal, then a step (Keller Jordan, 2024).

In fp32: torch.optim.Muon works in bfloat16, 20 times slower where the processor has none. It does not know the model.
"""

from collections import defaultdict

import torch
from torch import Tensor
from torch.nn import Parameter


class Muon:
    """Steps of about AdamW's size (0.2 times the root of the longer side), no weight decay."""

    def __init__(self, parameters: list[Parameter], momentum: float = 0.95) -> None:
        self._momentum = momentum
        self._moments = [torch.zeros_like(p) for p in parameters]
        self._alike: dict[torch.Size, list[tuple[Parameter, Tensor]]] = defaultdict(list)
        for parameter, moment in zip(parameters, self._moments, strict=True):
            self._alike[parameter.shape].append((parameter, moment))

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Matrices of one shape are made orthogonal together."""
        for shape, pairs in self._alike.items():
            parameters, moments = zip(*pairs, strict=True)
            gradients = [parameter.grad for parameter in parameters]
            torch._foreach_lerp_(moments, gradients, 1 - self._momentum)
            updates = torch._foreach_lerp(gradients, moments, self._momentum)
            size = -rate * 0.2 * max(shape) ** 0.5
            torch._foreach_add_(parameters, orthogonal(torch.stack(updates)).unbind(), alpha=size)

    def state_dict(self) -> list[Tensor]:
        """The moments, in the parameters' order."""
        return self._moments

    def load_state_dict(self, moments: list[Tensor]) -> None:
        """Go on from these."""
        for mine, theirs in zip(self._moments, moments, strict=True):
            mine.copy_(theirs)


def orthogonal(stack: Tensor) -> Tensor:
    """The nearest orthogonal matrices, nearly, of a stack [count, rows, columns]: five Newton-Schulz rounds.

    Coefficients as in torch.optim.Muon.
    """
    a, b, c = 3.4445, -4.775, 2.0315
    tall = stack.shape[-2] > stack.shape[-1]
    x = stack.mT if tall else stack
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = a * x + (b * square + c * (square @ square)) @ x
    return x.mT if tall else x
