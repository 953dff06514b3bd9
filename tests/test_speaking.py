"""What the bundled model says and in whose voice, by Whisper and by the speaker encoder; what that was reckoned to cost."""

import json
from dataclasses import replace

import pytest

from engine import CloneRequest, Timed
from engine.costs import UNHEARD
from engine.studio import ASSETS

from .conftest import read, take_of, words_missed

LINES = [
    "The windows are open, and the kettle is on.",
    "Nobody knew who had left the lamp burning.",
    "Come in, sit down, and tell me what you saw.",
    "Did you remember to water the plants on the balcony?",
    "The last train to the coast leaves at half past nine.",
    "She laughed so hard that she dropped her spoon.",
]


@pytest.fixture(scope="module")
def voices():
    return json.loads((ASSETS / "voices/voices.json").read_text())


@pytest.fixture(scope="module")
def takes(studio, voices):
    def clone(row, text):
        clip = ASSETS / "voices" / row["clip"]
        return take_of(studio.clone(CloneRequest(clip, text, reference_text=row["text"], language="en", seed=7)))

    return [clone(row, text) for row, text in zip(voices, LINES, strict=True)]


def test_there_are_six_voices_that_no_one_takes_for_another(voices, whose):
    assert [whose(ASSETS / "voices" / row["clip"]) for row in voices] == [row["id"] for row in voices]
    assert len(voices) == 6


def test_unseen_sentences_are_understood(takes, listen):
    missed = [words_missed(text, listen(take.file).text) for text, take in zip(LINES, takes, strict=True)]
    assert sum(missed) / len(missed) <= 0.1
    assert min(missed) == 0


def test_each_voice_is_its_references(takes, voices, whose):
    right = [whose(take.file) == row["id"] for take, row in zip(takes, voices, strict=True)]
    assert sum(right) >= 5, "by chance it would be one"


def test_speed_changes_the_length_and_not_the_words(studio, voices, listen):
    clip, words = ASSETS / "voices" / voices[1]["clip"], voices[1]["text"]
    lengths = {}
    for speed in (0.8, 1.25):
        request = CloneRequest(clip, LINES[0], reference_text=words, language="en", seed=7, speed=speed)
        take = take_of(studio.clone(request))
        lengths[speed] = len(read(take.file))
        assert words_missed(LINES[0], listen(take.file).text) <= 0.25
    assert lengths[0.8] / lengths[1.25] == pytest.approx(1.25 / 0.8, rel=0.15)


def test_a_word_of_the_dictionary_is_heard_as_it_is_to_be_said_and_written_as_it_was(studio, voices, listen):
    clip, words = ASSETS / "voices" / voices[1]["clip"], voices[1]["text"]
    request = CloneRequest(
        clip, "The kettle is on the shelf.", words, "en", seed=7, dictionary="kettle,ladder", word_times=True
    )
    events = [*studio.clone(request)]
    heard = listen(take_of(events).file).text.lower()
    assert "ladder" in heard
    assert "kettle" not in heard
    told = next(event.words for event in events if isinstance(event, Timed))
    assert [word.text for word in told] == request.text.split()


def test_a_word_the_lexicon_lacks_is_spelled_out_and_spoken(studio, voices):
    clip, words = ASSETS / "voices" / voices[1]["clip"], voices[1]["text"]
    request = CloneRequest(clip, "Vexlorimbot.", reference_text=words, language="en", seed=7)
    assert len(read(take_of(studio.clone(request)).file)) > 0.4 * 24_000


def test_the_estimate_is_near_what_it_was(make_studio, voices):
    studio = make_studio()
    clip, words = ASSETS / "voices" / voices[0]["clip"], voices[0]["text"]
    request = CloneRequest(clip, LINES[4], reference_text=words, language="en", seed=7, nfe=7)
    assert studio.estimate(request).work_seconds is None
    take_of(studio.clone(request))
    later = replace(request, text=" ".join(LINES), check="off")
    told, take = studio.estimate(later), take_of(studio.clone(later))
    assert told.chunks == len(take.chunks)
    assert told.speech_seconds == pytest.approx(take.seconds, rel=0.2)
    assert told.download_bytes == 0
    timed = replace(request, word_times=True)
    for heard in (replace(later, check="on"), timed):
        assert studio.estimate(heard).notes[-1] == UNHEARD
    list(studio.clone(timed))
    assert UNHEARD not in studio.estimate(timed).notes
    assert studio.estimate(timed).work_seconds > studio.estimate(request).work_seconds
    work = take.timings["speaking"] + take.timings["finishing"]
    assert work / 3 < told.work_seconds < work * 3  # others may be at work on this machine; within 30 % when none is
    assert make_studio(settings={"workspace": studio.settings.workspace}).estimate(later).work_seconds is not None
