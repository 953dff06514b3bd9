"""A fake studio, the real assets, and the whole app launched with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from engine import Settings
from tests.ui.fakes import FakeStudio
from ui.files import Files
from ui.voices import Gallery


@pytest.fixture
def studio(tmp_path):
    return FakeStudio(Settings(workspace=tmp_path / "workspace"))


@pytest.fixture(scope="session")
def gallery():
    return Gallery.read()


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path / "clips", tmp_path / "page", 600)


@pytest.fixture
def clip(gallery):
    return gallery.voices[0].clip


@dataclass
class Served:
    url: str
    studio: FakeStudio
    demo: object


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The app as `app.py` launches it, on a port of its own, with a fake studio."""
    from ui.app import build_app, launch_options

    folder: Path = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "page"))
        studio = FakeStudio(Settings(workspace=folder))
        demo = build_app(studio)
        _, url, _ = demo.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options(studio))
        yield Served(url, studio, demo)
        demo.close()
