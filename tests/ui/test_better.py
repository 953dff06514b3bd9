"""One click from the demo to the best model, and back with the reason."""

from engine import ModelUnavailable
from engine.settings import Settings
from ui.panels import better

from .fakes import MODELS, FakeStudio


def studio(tmp_path, **values):
    return FakeStudio(Settings(workspace=tmp_path), **values)


def test_the_button_names_the_model_and_its_size():
    assert better.label(MODELS[1]) == "Use F5-TTS v1 Base, 1.4 GB"
    assert better.label(MODELS[0]) == "Use Demo"


def test_the_download_is_told_and_then_the_model_chosen(tmp_path):
    shown = [*better.get(studio(tmp_path), "demo")]
    assert "Downloading F5-TTS v1 Base: 5 MB of 1,350 MB." in shown[1][0]
    assert shown[0][2]["visible"]  # the stop button
    assert shown[-1][3] == "F5TTS_v1_Base"


def test_an_unreachable_hub_leaves_the_demo_and_says_why(tmp_path):
    shown = [
        *better.get(studio(tmp_path, unreachable=ModelUnavailable("The hub cannot be reached; check it.")), "demo")
    ]
    assert "The hub cannot be reached; check it. The demo stays chosen." in shown[-1][0]
    assert shown[-1][3] == "demo"
    assert shown[-1][1]["visible"]


def test_the_line_says_what_the_demo_is(tmp_path):
    line, get, stop = better.stopped(studio(tmp_path))
    assert "small model of our own" in line
    assert get["visible"] and not stop["visible"]  # noqa: PT018
