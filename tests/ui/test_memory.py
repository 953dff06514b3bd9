"""A form over a reload; a browser's storage may hold anything."""

from pathlib import Path

import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import CloneRequest
from engine.types import CHECKS
from tests.ui.fakes import MODELS
from ui.files import Files
from ui.memory import KEYS, recall
from ui.panels.settings import CHECKS as TITLES
from ui.panels.voice import OwnClip
from ui.voices import Gallery

GALLERY = Gallery.read()
GOOD = {
    "voice": "owen", "text": "Hello", "reference_text": "words", "language": "de", "nfe": 7, "speed": 1.2,
    "cfg_strength": 0, "sway_sampling": -0.5, "cross_fade": 0.2, "pause": 1, "seed": "42", "remove_silence": True, "word_times": True,
    "format": "flac", "loudness": "broadcast", "check": "until right", "dictionary": "gif,jiff", "model": "demo",
}  # fmt: skip
SKIPPED = gr.skip()


def back(memory, clip_id="", files=None):
    values = recall(GALLERY, files or Files(Path("/nowhere"), Path("/nowhere"), 60), MODELS, memory, clip_id)
    return dict(zip(("voice", *KEYS, "recording", "level", "own_row", "own"), values, strict=True))


def test_a_form_comes_back_whole():
    found = back(GOOD)
    assert {name: found[name] for name in GOOD} == GOOD


def test_all_of_a_request_but_its_clip_is_remembered():
    assert {*KEYS} == {*CloneRequest.__dataclass_fields__} - {"clip"}


def test_an_own_clip_comes_back_by_its_id(files, clip):
    found = back(GOOD | {"voice": "own"}, files.keep(clip), files)
    assert found["own"] == OwnClip(chosen=True)
    assert found["recording"]["value"].startswith(str(files.page))
    assert Path(found["recording"]["value"]).read_bytes() == clip.read_bytes()


@pytest.mark.parametrize("id", ["/etc/passwd", "../x", {"path": "/etc/passwd"}, None])
def test_a_path_in_storage_does_nothing(files, id):
    assert back({"voice": "own"}, id, files)["recording"]["value"] is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("nfe", 1e9), ("nfe", "7"), ("nfe", True), ("speed", float("nan")), ("speed", None), ("seed", "-1"), ("seed", 7),
     ("seed", "9" * 11), ("format", "exe"), ("loudness", "loud"), ("model", "../../x"), ("language", "xx"), ("remove_silence", 1), ("word_times", 1), ("text", {}),
     ("text", "x" * 300_000), ("voice", "../../etc/passwd"), ("voice", ["own"])],
)  # fmt: skip
def test_a_value_the_form_cannot_hold_is_left_out(name, value):
    found = back(GOOD | {name: value})
    assert found[name] == SKIPPED
    assert found["text" if name != "text" else "nfe"] == GOOD["text" if name != "text" else "nfe"]


json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOOD]) | st.text(), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(json, json)
def test_nothing_in_storage_breaks_the_page(memory, clip_id):
    back(memory, clip_id)


def test_every_check_has_a_title():
    assert (*TITLES,) == CHECKS
