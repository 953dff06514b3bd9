"""Words said again: by the bundled model, in a take of its own, and what cannot be mended."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf

from engine import BadClip, BadInput, BadParameter, BadText, Done, Partial, RepairRequest, Timed, Word
from engine.audio.patch import FADE
from engine.ended import ended
from engine.hearing import Whisper
from engine.listening import ROOM, Listener
from engine.parts import Version
from engine.repair import Repair, mend, open_repair
from engine.store import Weights
from engine.studio import ASSETS
from engine.takes import write_change
from engine.text.words import split
from engine.types import RATE, Part, Reference, Restored

from .conftest import read
from .test_choosing import Reader

FIRST = LAST = 15
"""The children, who become teachers."""


@pytest.fixture(scope="module")
def asked(spoken, voice):
    take, words = spoken
    return RepairRequest(take.file, voice[0], FIRST, LAST, text="teachers", tries=2, seed=1, words=words)


@pytest.fixture(scope="module")
def mended(studio, asked):
    """The candidates, the best first, each with its words."""
    events = [*studio.repair(asked)]
    takes = [event.take for event in events if isinstance(event, Done)]
    return [*zip(takes, [event.words for event in events if isinstance(event, Timed)], strict=True)]


def pcm(file):
    return sf.read(file, dtype="int16")[0]


def test_all_but_the_words_stays_as_it_is_to_the_bit(spoken, mended):
    take, words = spoken
    before, slip = pcm(take.file), 0.1
    for candidate, _ in mended:
        after = pcm(candidate.file)
        start = int((words[FIRST].start - slip) * RATE) - FADE
        end = int((words[LAST].end + slip) * RATE) + FADE
        assert (after[:start] == before[:start]).all()
        assert (after[end - len(before) :] == before[end:]).all()
        assert (after[start : start + RATE // 2] != before[start : start + RATE // 2]).any()
    assert len({pcm(candidate.file).tobytes() for candidate, _ in mended}) == len(mended)


def test_the_new_words_are_heard_and_the_times_of_those_after_them_move_along(spoken, mended, listen):
    take, words = spoken
    candidate, told = mended[0]
    assert "the teachers ran outside" in listen(candidate.file).text.lower()
    longer = candidate.seconds - take.seconds
    assert abs(longer) < 0.2
    assert words[FIRST].start - 1e-3 <= told[FIRST].start <= told[LAST].end - 0.15
    assert told[LAST].end <= words[LAST].end + longer + 1e-3
    assert [word.text for word in told] == candidate.request.text.split()
    assert told[:FIRST] == words[:FIRST]
    assert [w.start for w in told[LAST + 1 :]] == pytest.approx([w.start + longer for w in words[LAST + 1 :]], abs=1e-3)
    assert np.abs(read(candidate.file)).max() < 1
    piece, whole = (
        pcm(candidate.file)[int(w[0].start * RATE) : int(w[-1].end * RATE)] / 32768 for w in ([told[FIRST]], told)
    )
    assert 0.5 < np.sqrt(np.mean(piece**2)) / np.sqrt(np.mean(whole**2)) < 2, "neither shouted nor whispered"


def test_the_file_tells_what_was_said_again(studio, spoken, mended):
    (take, _), (candidate, _) = spoken, mended[0]
    told = studio.restore(candidate.file)
    assert told.mended == candidate.mended == ("“children”, now “teachers”",)
    assert told.request == replace(take.request, text=take.request.text.replace("children", "teachers"))
    assert candidate.notes == ("Said again: “children”, now “teachers”.",)


def test_more_words_in_their_place_move_those_after_and_a_spelling_is_shown_nowhere(studio, spoken, asked):
    take, _ = spoken
    text = take.request.text
    repair = open_repair(asked, studio.restore(take.file))
    repair = replace(repair, asked=replace(asked, text=" some of\nthe  cats", say="sum uv thuh kats"))
    told = repair.candidate(np.zeros(RATE, np.float32)).words
    assert repair.text == text.replace("children", "some of the cats")
    assert [word.text for word in told] == repair.text.split()
    assert all(word.start <= word.end for word in told)
    assert [word.start for word in told] == sorted(word.start for word in told)
    assert repair.told == "“children”, now “some of the cats”, said as “sum uv thuh kats”"
    assert replace(repair, asked=replace(asked, text="", say="chill dren")).text == text


@pytest.mark.parametrize("text", ["net", "!好", "“x”", "。好", "a b"])
def test_words_of_a_script_without_spaces_run_into_no_others(spoken, asked, text):
    take, _ = spoken
    words = [Word(word, n / 10, n / 10 + 0.1) for n, word in enumerate(split("用Wi-Fi网，好"))]
    made = Restored(replace(take.request, text="用Wi-Fi网，好"), "", "", ())
    version = Version(np.zeros(RATE, np.float32), made.request.text, (Part(4, 0, RATE),), tuple(words))
    repair = Repair(replace(asked, first=2, last=2, text=text), made, version)
    told = repair.candidate(np.zeros(RATE, np.float32))
    assert [word.text for word in told.words] == split(told.text) == ["用", "Wi-Fi", *split(text), "好"]


def test_numbers_of_words_may_come_as_floats(studio, spoken, asked):
    take, _ = spoken
    floats = replace(asked, first=float(FIRST), last=float(LAST))
    assert open_repair(floats, studio.restore(take.file)).span == "children"


@pytest.mark.parametrize("when", [0.0, 3_000.0])
def test_words_of_any_times_give_the_model_no_more_than_seconds_around_them(studio, asked, when):
    words = tuple(replace(word, start=when, end=when) for word in asked.words)
    repair = open_repair(replace(asked, words=()), studio.restore(asked.file))
    for first in (0, 1, FIRST, len(words) - 1):
        was = replace(repair.was, sound=np.zeros(3_100 * RATE, np.float32), words=words)
        gap = replace(repair, was=was, asked=replace(asked, first=first, last=first)).gap()
        assert len(gap.stretch) <= 12.1 * RATE


class Ear:
    """Hears as another does, and knows how many seconds of each sound."""

    def __init__(self, transcriber):
        self.transcriber, self.seconds = transcriber, []

    loaded = True

    def transcribe(self, samples, language):
        self.seconds.append(len(samples) / RATE)
        return self.transcriber.transcribe(samples, language)

    def unload(self):
        self.transcriber.unload()


def test_of_a_long_take_only_what_is_near_the_words_is_heard(make_studio, studio, spoken, asked, tmp_path):
    (take, words), sound = spoken, read(spoken[0].file)
    text = " ".join([take.request.text] * 8)
    parts = tuple(Part(len(words), n * len(sound), (n + 1) * len(sound)) for n in range(8))
    made = write_change(studio.restore(take.file), Version(np.tile(sound, 8), text, parts, ()), "", (), {}, tmp_path)
    ear, at = Ear(Whisper(lambda: Weights(studio.settings, ASSETS).whisper("base"), "cpu", "", 60)), 5
    first = at * len(words) + FIRST
    long = replace(asked, file=made[0].file, first=first, last=first, tries=1, words=())
    told = next(e.words for e in make_studio(transcriber=ear).repair(long) if isinstance(e, Timed))
    assert max(ear.seconds) == pytest.approx(3 * take.seconds)
    said = text.split()
    assert [word.text for word in told] == [*said[:first], "teachers", *said[first + 1 :]]
    heard, true = (
        np.array([word.start for word in each]) for each in (told[first - 3 : first], words[FIRST - 3 : FIRST])
    )
    assert np.median(np.abs(heard - true - at * take.seconds)) < 0.15
    assert {word.probability for word in told[: len(words)]} == {0.0}
    assert (told[0].start, told[len(words) - 1].end) == (0, pytest.approx(take.seconds))
    edges = [edge for word in told for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    with pytest.raises(BadText, match="200 are allowed"):
        [*studio.repair(replace(long, first=0, text=""))]
    with pytest.raises(BadParameter, match="144 words"):
        [*studio.repair(replace(long, first=144, last=144))]


def test_each_of_the_new_words_tells_how_surely_it_was_heard(studio, spoken, asked, voice):
    take, words = spoken
    clip = Reference(read(voice[0]), voice[1], "en", "hash")
    sounds = [Partial(1, 1, np.zeros(RATE, np.float32))]
    for say, more, sure in (("", (), [0.9, 0.0, 0.7]), ("some of the cats", ("of",), [0.0] * 3)):
        repair = open_repair(replace(asked, text="some loud cats", say=say), studio.restore(take.file))
        begin, past = repair.context
        new = Word("some", 0, 0, 0.9), *(Word(word, 0, 0, 0.8) for word in more), Word("cats", 0, 0, 0.7)
        heard = *words[begin:FIRST], *new, *words[LAST + 1 : past]
        _, (found,) = ended(mend(repair, sounds, Listener(Reader(heard), clip, "en", {}), None))
        assert [word.probability for word in found.words[FIRST : LAST + 3]] == sure
        assert found.words[:FIRST] == words[:FIRST]


def test_the_new_words_are_where_they_were_heard_and_never_beyond_their_neighbours(studio, spoken, asked, voice):
    take, words = spoken
    clip = Reference(read(voice[0]), voice[1], "en", "hash")
    repair = open_repair(replace(asked, text="some loud cats"), studio.restore(take.file))
    begin, past = repair.context
    first, origin = words[FIRST].start, words[begin].start - ROOM
    new = [("some", first - 1, first + 0.1), ("loud", first + 0.2, first + 0.3), ("cats", first + 0.4, first + 99)]
    heard = (
        *(replace(word, start=0.0, end=0.0) for word in words[begin:FIRST]),
        *(Word(text, start - origin, end - origin, 0.9) for text, start, end in new),
        *(replace(word, start=100.0, end=100.0) for word in words[LAST + 1 : past]),
    )
    sounds = [Partial(1, 1, np.zeros(RATE, np.float32))]
    _, (found,) = ended(mend(repair, sounds, Listener(Reader(heard), clip, "en", {}), None))
    told = found.words[FIRST : FIRST + 3]
    assert [word.start for word in told] == pytest.approx([first, first + 0.2, first + 0.4])
    assert [word.end for word in told[:2]] == pytest.approx([first + 0.1, first + 0.3])
    assert told[-1].end <= found.words[FIRST + 3].start


def test_what_cannot_be_mended_is_told_before_anything_is_made(studio, asked, human, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    for wrong, error in (
        ({"first": -1}, BadParameter),
        ({"first": 2, "last": 1}, BadParameter),
        ({"first": float("nan")}, BadParameter),
        ({"tries": 9}, BadParameter),
        ({"seed": 2**32}, BadParameter),
        ({"say": None}, BadParameter),
        ({"text": ["a"]}, BadParameter),
        ({"text": "a" * 201}, BadText),
        ({"say": "a" * 201}, BadText),
        ({"say": "…"}, BadText),
        *(
            ({"words": (replace(asked.words[0], **wrong), *asked.words[1:])}, BadParameter)
            for wrong in (
                {"text": 7},
                {"start": -1},
                {"start": float("nan")},
                {"start": "0"},
                {"end": 9.0},
                {"end": None},
                {"probability": 2},
            )
        ),
        ({"clip": None}, BadClip),
        ({"file": tmp_path / "text.wav"}, BadInput),
        ({"file": human[0]}, BadInput),
    ):
        with pytest.raises(error):
            studio.repair(replace(asked, **wrong))
    with pytest.raises(BadClip, match="not the clip"):
        [*studio.repair(replace(asked, clip=human[0]))]
    with pytest.raises(BadParameter, match="18 words"):
        [*studio.repair(replace(asked, last=18))]
    beyond = *asked.words[:-1], replace(asked.words[-1], end=60)
    for words in (asked.words[1:], beyond):
        with pytest.raises(BadParameter, match="not the take's"):
            [*studio.repair(replace(asked, words=words))]
