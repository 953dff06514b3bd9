"""How the page's events run: which wait for which, and how one is stopped.

Knows gradio; nothing of what the events do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
"""For the page's own events: no overlay of gradio's, no endpoint for clients, no queue but the engine's."""

HEARING: dict[str, Any] = {"concurrency_limit": 4, "concurrency_id": "hearing"}
"""Clips heard at once, page and clients together: each takes a decoder of its own before Whisper takes its turn."""

ESTIMATING: dict[str, Any] = {"concurrency_limit": 4, "concurrency_id": "estimating"}
"""Cheap, but not for nothing where a text or a file is long: page and clients together."""

AFTER_JOB = """(...values) => new Promise(done => (function look() {
  const runs = document.querySelector('#generate')?.disabled;
  document.querySelector('#waits p').textContent = runs ? 'This is done as soon as the running job is.' : '';
  runs ? setTimeout(look, 300) : done(values);
})())"""
"""A job that runs knows the visit as it was when it began, and would put that back: what would change it waits."""


def stop(
    pressed: Callable[..., Any], running: list[Any], stopped: Callable[..., Any], inputs: Any, outputs: Any
) -> None:
    """`pressed` stops the running events, then shows `stopped`. Gradio calls an event's function before it looks at its
    `cancels`, so what is being stopped could still write over what was shown: these are two listeners, in their order."""
    pressed(None, cancels=running, **QUIET)
    pressed(stopped, inputs, outputs, **QUIET)
