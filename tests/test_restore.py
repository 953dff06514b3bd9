"""A file made by Timbre gives the form back; every other is told to be what it is, and harms nothing."""

import json
import os
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.audio import encode
from engine.errors import BadInput
from engine.restore import made_by_timbre, restore
from engine.takes import describe
from engine.types import FORMATS, CloneRequest, Part, Take

from .audio.sounds import ENGLISH, film, voiced

REQUEST = CloneRequest(
    clip=None,
    text="„Grüße“ \\ \x1b[31m \0 😀\n\n世界",
    reference_text="Some call me nature.",
    language="en",
    model="demo",
    nfe=7,
    cfg_strength=1.5,
    sway_sampling=-0.5,
    speed=0.8,
    seed=2**32 - 1,
    cross_fade=0.05,
    remove_silence=True,
    word_times=True,
    pause=1.0,
    format="flac",
    loudness="podcast",
    check="until right",
    dictionary="word,say\ngif,jiff\n",
)
HASH = "ab" * 32


def make(file, format="wav", request=REQUEST, tags=None):
    """A file as a take is finished, from a request or with tags of one's own."""
    take = Take(
        id="cd" * 16, file=file, picture=file, seconds=0.5, request=request, seed=request.seed, reference_hash=HASH,
        reference_seconds=5.0, chunks=(request.text,), model=request.model, model_hash="0", timings={},
        created="2026-11-24T12:00:00+00:00",
    )  # fmt: skip
    encode(voiced(0.5), file, format, describe(take) if tags is None else tags)
    return file


def told(file, **changes):
    """A file whose request says other things than Timbre would."""
    request = {"text": "Hello.", **changes}
    return make(file, tags={"timbre": json.dumps({"request": request})})


def refusal(file):
    with pytest.raises(BadInput) as caught:
        restore(file)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert str(file) not in sentence
    return sentence


@pytest.mark.parametrize("format", FORMATS)
def test_the_form_is_as_it_was(tmp_path, format):
    made = replace(REQUEST, format=format)
    restored = restore(make(tmp_path / "take", format, made))
    assert restored.request == made
    assert (restored.created, restored.reference_hash) == ("2026-11-24T12:00:00+00:00", HASH)
    assert restored.notes == ()
    assert made_by_timbre(tmp_path / "take")


def test_every_field_is_tried():
    """One that is added to the form is added to REQUEST, with another value than its default."""
    assert [field.name for field in fields(REQUEST) if getattr(REQUEST, field.name) == field.default] == []


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("letter", ["a", "世", "😀", '"', "\n", "\x01"])
def test_two_hundred_thousand_letters(tmp_path, format, letter):
    long = replace(REQUEST, text=letter * 200_000)
    assert restore(make(tmp_path / "take", format, long)).request == long


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for file in (tmp_path / "none", tmp_path, tmp_path / "pipe", Path("nul\0"), Path("x" * 5000)):
        assert "choose it again" in refusal(file)
        assert not made_by_timbre(file)


@pytest.mark.parametrize("data", [b"", b"x", b"%PDF-1.7 of a thesis", b"\x89PNG\r\n\x1a\n" * 40, b"PK\3\4" * 99])
def test_what_is_no_sound(tmp_path, data):
    (tmp_path / "take.wav").write_bytes(data)
    assert "no sound file" in refusal(tmp_path / "take.wav")
    assert not made_by_timbre(tmp_path / "take.wav")


def test_what_somebody_else_made(tmp_path):
    soundfile.write(tmp_path / "a.mp3", voiced(1), 24_000)
    soundfile.write(tmp_path / "a.ogg", voiced(1), 24_000, "VORBIS")
    film(tmp_path / "a.m4a", voiced(1, rate=48_000), "aac")
    film(tmp_path / "a.webm", voiced(1, rate=48_000), "libopus")
    make(tmp_path / "band.flac", "flac", tags={"artist": "Timbre", "comment": "Live."})
    for file in (ENGLISH, *tmp_path.iterdir()):
        assert "does not tell" in refusal(file)
        assert not made_by_timbre(file)


def test_one_of_ours_whose_request_was_taken_out(tmp_path):
    comment = "AI-generated speech, made by Timbre with demo."
    assert "does not tell" in refusal(make(tmp_path / "take.mp3", "mp3", tags={"comment": comment}))
    assert made_by_timbre(tmp_path / "take.mp3")


def test_a_wav_that_breaks_off(tmp_path):
    file = make(tmp_path / "take")
    file.write_bytes(file.read_bytes()[:-9000])
    assert "breaks off" in refusal(file)


@pytest.mark.parametrize("format", FORMATS)
def test_tags_that_break_off(tmp_path, format):
    file = make(tmp_path / "take", format, replace(REQUEST, text="word " * 20_000))
    data = file.read_bytes()
    file.write_bytes(data[:-2000] if format == "wav" else data[:50_000])
    assert "damaged" in refusal(file)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "7",
        '"request"',
        "{}",
        '{"request": null}',
        '{"request": []}',
        '{"request": "text"}',
        '{"request": {}}',
        '{"request": {"text": null}}',
        '{"request": {"text": ["a"]}}',
        '{"request": {"text": "a"}',
        "[" * 1_000_000,
        '{"request":' * 100_000,
        '{"request": {"text": "a", "seed": ' + "9" * 5000 + "}}",
        '{"request": {"text": "' + "a" * 4_000_000 + '"}}',
    ],
    ids=lambda text: text[:20],
)
def test_what_is_told_is_damaged(tmp_path, text):
    assert "damaged" in refusal(make(tmp_path / "take", tags={"artist": "Timbre", "timbre": text}))
    assert made_by_timbre(tmp_path / "take")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nfe", 1e9),
        ("nfe", "16"),
        ("nfe", True),
        ("speed", float("nan")),
        ("speed", float("inf")),
        ("speed", -1),
        ("seed", 2**32),
        ("seed", 10**400),
        ("seed", 0.5),
        ("pause", [1]),
        ("cfg_strength", {}),
        ("format", "exe"),
        ("format", ["wav"]),
        ("loudness", "loud"),
        ("loudness", ["podcast"]),
        ("check", "maybe"),
        ("check", None),
        ("dictionary", "gif"),
        ("dictionary", {"gif": "jiff"}),
        ("language", "../../etc"),
        ("model", 7),
        ("reference_text", None),
        ("reference_text", "a" * 30_000),
        ("remove_silence", "yes"),
        ("word_times", 1),
    ],
)
def test_what_cannot_be_is_left_out_and_told(tmp_path, name, value):
    restored = restore(told(tmp_path / "take", **{name: value, "sway_sampling": 0.5}))
    assert restored.request == CloneRequest(clip=None, text="Hello.", sway_sampling=0.5)
    (note,) = restored.notes
    assert name in note
    assert note.endswith(".")


def test_what_another_version_made(tmp_path):
    hostile = {"<script>alert(1)</script>": 1, "a\nb": 1, "x" * 99: 1}
    restored = restore(told(tmp_path / "take", nfe=9, emotion="glad", whisper=True, **hostile))
    assert restored.request == CloneRequest(clip=None, text="Hello.", nfe=9)
    assert restored.notes == ("The file was made by another version of Timbre; left out: emotion, whisper.",)
    assert "left out: 2." in restore(told(tmp_path / "take", **{"a b": 1, "\0": 2})).notes[0]
    many = {f"name{number}": number for number in range(100_000)}
    assert len(restore(told(tmp_path / "take", **many)).notes[0]) < 200


def test_a_path_in_it_is_never_used(tmp_path):
    restored = restore(told(tmp_path / "take", clip="/etc/passwd", path="/etc/passwd"))
    assert restored.request.clip is None
    assert "/etc" not in str(restored)


@pytest.mark.parametrize("value", [None, 7, "x" * 65, "a\nb", "日", ["a"]])
def test_facts_that_are_none(tmp_path, value):
    facts = {"request": {"text": "a"}, "created": value, "reference_hash": value}
    restored = restore(make(tmp_path / "take", tags={"timbre": json.dumps(facts)}))
    assert (restored.created, restored.reference_hash) == ("", "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([field.name for field in fields(CloneRequest)]) | st.text()


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(NAMES, JSON, max_size=6), st.text())
def test_any_json_gives_a_request_that_could_have_been_typed(tmp_path, request_, text):
    from engine.checks import check_request

    restored = restore(told(tmp_path / "take", **{**request_, "text": text}))
    check_request(replace(restored.request, clip=Path()))
    assert restored.request.text == text.encode("utf-8", "replace").decode()
    assert all(note.endswith(".") and "\n" not in note for note in restored.notes)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FORMATS), st.integers(0, 2**31), st.integers(1, 60), st.floats(0.1, 1))
def test_damaged_bytes_restore_or_are_refused(tmp_path, format, seed, changes, kept):
    whole = tmp_path / f"whole.{format}"
    data = bytearray((whole if whole.exists() else make(whole, format)).read_bytes())
    random = np.random.default_rng(seed)
    for at in random.integers(12, len(data), changes):
        data[at] = random.integers(256)
    (tmp_path / "take").write_bytes(data[: int(kept * len(data))])
    try:
        assert isinstance(restore(tmp_path / "take").request.text, str)
    except BadInput as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize(
    "parts",
    [
        None, 7, "12", {"a": 1}, [[1, 0]], [[1, 0, 9_000, 2]], [["x", 0, 9_000]], [[1, 0, float("inf")]], [[2, 0, 9_000]],
        [[0, 0, 4_000], [1, 4_000, 9_000]], [[1, 9_000, 0]], [[1, -9_000, 9_000]], [[1, 0, 100]], [[-1, 0, 4_000], [2, 4_000, 9_000]],
        [[10**400, 0, 9_000]],
    ],
)  # fmt: skip
def test_parts_that_cannot_be_the_takes_are_none(tmp_path, parts):
    tags = {"timbre": json.dumps({"request": {"text": "Hello."}, "parts": parts, "reference_seconds": parts})}
    told = restore(make(tmp_path / "take.wav", tags=tags))
    assert (told.parts, told.reference_seconds) in (((), 0.0), ((), 7.0))


def test_parts_come_back_as_they_were_told(tmp_path):
    tags = {"timbre": json.dumps({"request": {"text": "One two three."}, "parts": [[2, 0, 4_000], [1, 4_500, 9_000]]})}
    assert restore(make(tmp_path / "take.wav", tags=tags)).parts == (Part(2, 0, 4_000), Part(1, 4_500, 9_000))
