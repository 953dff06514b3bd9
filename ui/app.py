"""The page's table of contents: header, tabs in their order, and the endpoints for clients."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from engine import Studio

from . import api, api_parts, api_repair, parts
from .files import Files
from .tabs import clone
from .theme import look
from .voices import Gallery

WAITING = 200
"""Events that may wait for a thread; more are refused. How many jobs may wait is the engine's to say."""


def build_app(studio: Studio, gallery: Gallery | None = None) -> gr.Blocks:
    """The whole app; nothing is loaded by building or opening it."""
    gallery = gallery or Gallery.read()
    settings = studio.settings
    files = Files(settings.workspace / "clips", Path(get_upload_folder()), settings.keep_seconds)
    gr.set_static_paths([gallery.folder / "voices", gallery.folder / "example"])
    with gr.Blocks(title="Timbre: voice cloning", delete_cache=(3600, settings.keep_seconds)) as demo:
        header = gr.HTML(_header(studio), apply_default_css=False, elem_id="head")
        with gr.Tabs(elem_id="tabs"), gr.Tab("Clone"):
            clone.wire(clone.build(gallery, studio.models()), studio, gallery, files, demo, header)
        api.build(studio, files)
        api_repair.build(studio, files)
        api_parts.build(studio, files)
        demo.load(partial(_header, studio), None, header, show_progress="hidden", api_visibility="private")
    demo.queue(max_size=WAITING, api_open=False, default_concurrency_limit=None)
    return demo


def _header(studio: Studio) -> str:
    """With the model that a new form has chosen, whatever others have loaded."""
    return parts.header(next((model for model in studio.models() if model.default), None), studio.health())


def launch_options(studio: Studio) -> dict[str, Any]:
    """How the app is launched: its look, and nothing stored, shown or served that need not be."""
    settings = studio.settings
    return {
        **look(),
        "max_file_size": settings.clip_bytes,
        "max_threads": settings.queue + settings.turns + 40,  # each job that waits or runs holds a thread
        "show_error": False,
        "enable_monitoring": False,
        "run_history": False,
        "ssr_mode": False,
        "footer_links": ["api"],
        "allowed_paths": [],
    }
