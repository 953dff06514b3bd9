"""How a method becomes an endpoint for clients, and what all of them tell alike.

An endpoint has hidden components, since gradio checks a file's path only there. What is no file reaches the engine as it
was sent, so that what is wrong with it is told in the engine's words.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
from gradio.utils import get_function_description

from engine import Take

from .progress import as_gradio
from .widgets import Clip, Flag, Number, Text


@contextmanager
def sentences() -> Iterator[None]:
    """What goes wrong inside reaches the client as one sentence."""
    try:
        yield
    except Exception as error:
        raise as_gradio(error) from None


def facts(take: Take) -> dict[str, Any]:
    """What a client is told of a take."""
    return {
        "take_id": take.id,
        "seed": take.seed,
        "duration": round(take.seconds, 3),
        "reference_text": take.request.reference_text,
        "model": take.model,
        "seconds": {stage: round(seconds, 3) for stage, seconds in take.timings.items()},
        "notes": [*take.notes],
    }


def listen(endpoint: Callable[..., Any], outputs: list[Any], needed: Container[str] = (), **limits: Any) -> None:
    """Put an endpoint on the page that is being built; its inputs are hidden components, made from the method's parameters.

    Clients must give those without a default, and those `needed`.
    """
    _, about, _ = get_function_description(endpoint)
    inputs = [
        _component(parameter, about[name], name in needed or parameter.default is parameter.empty)
        for name, parameter in inspect.signature(endpoint).parameters.items()
        if name != "progress"
    ]
    gr.Button().click(endpoint, inputs, outputs, api_name=endpoint.__name__, **limits)


def _component(parameter: inspect.Parameter, about: str, needed: bool) -> gr.components.Component:
    component: Any
    if parameter.name in ("clip", "file"):
        component = Clip(label=parameter.name, type="filepath")
    else:
        kind: Callable[..., Any] = {str: Text, Any: Text, bool: Flag}.get(parameter.annotation, Number)
        # Without a value of its own clients must give one.
        component = kind(None if needed else parameter.default, label=parameter.name)
    component.about = about
    return component
