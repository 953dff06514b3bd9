"""Own clips under ids, and what may be served."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.files import Files


def test_a_clip_comes_back_by_its_id_alone(files, clip):
    id = files.keep(clip)
    assert len(id) == 32
    assert files.find(id).read_bytes() == clip.read_bytes()
    assert files.keep(clip) != id


def test_a_clip_that_was_made_brings_its_source_along(files, clip, tmp_path):
    (made := tmp_path / "made.flac").write_bytes(b"mended")
    id = files.keep(made, clip, "how")
    source, how = files.source(id)
    assert (source.read_bytes(), how) == (clip.read_bytes(), "how")
    assert files.find(id).read_bytes() == b"mended"
    assert Path(files.reopen(id)).read_bytes() == clip.read_bytes()
    assert files.source(files.keep(clip)) is None
    assert Path(files.reopen(files.keep(made))).read_bytes() == b"mended"
    assert (files.source("../x"), files.reopen("../x")) == (None, None)


def test_a_clip_outlives_its_upload(files, tmp_path):
    upload = tmp_path / "upload.wav"
    upload.write_bytes(b"sound")
    id = files.keep(upload)
    upload.unlink()
    assert files.find(id).read_bytes() == b"sound"


@pytest.mark.parametrize(
    "id",
    ["", "../../etc/passwd", "/etc/passwd", "a" * 31, "A" * 32, "a" * 32, "a" * 32 + "\n", None, 7, ["a" * 32], {}],
)
def test_what_is_no_id_finds_nothing(files, id):
    assert files.find(id) is None


@given(st.text(max_size=40))
def test_no_text_is_a_path(id):
    assert Files(Path("/"), Path("/"), 60).find(id) is None


@pytest.mark.parametrize("name", ["a.WAV", "a", "a.exe;rm -rf", "a.%2f", "a.\n", "x" * 200 + ".mp3"])
def test_a_kept_clip_bears_no_name_of_the_uploader(files, tmp_path, name):
    upload = tmp_path / name
    upload.write_bytes(b"sound")
    kept = files.find(files.keep(upload))
    assert kept.name in ("clip", "clip.wav", "clip.mp3", "clip.exe")


def test_what_is_served_has_its_telling_name_in_a_folder_nobody_can_guess(files, clip):
    first, second = files.publish(clip, "timbre-hello-demo-1.wav"), files.publish(clip, "timbre-hello-demo-1.wav")
    assert first.endswith("/timbre-hello-demo-1.wav")
    assert first != second


def test_a_place_for_a_new_file_is_served_and_nobody_can_guess_it(files):
    place = files.place("clip.flac")
    place.write_bytes(b"sound")
    assert place.name == "clip.flac"
    assert place.is_relative_to(files.page)
    assert len(place.parent.name) == 32
    assert files.place("clip.flac").parent != place.parent


def test_what_is_old_is_swept(files, clip):
    old = files.keep(clip)
    folder = files.find(old).parent
    past = time.time() - 605
    os.utime(folder, (past, past))
    new = files.keep(clip)
    assert files.find(old) is None
    assert files.find(new) is not None
