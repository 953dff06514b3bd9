"""What was spoken wrongly on purpose is found, told, said again or cut off: with fakes at the two seams (what speaks, what
hears), and once with the real model and the real Whisper.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine import BadParameter, Cancelled, CloneRequest, HearingUnavailable, Partial, Stage, Step, Transcript, Word
from engine.choosing import LONG, another, choose, wanted
from engine.ended import ended
from engine.hearing import check
from engine.listening import Listener, cut_edges
from engine.speech import EulerSampler
from engine.speech.sampler import draw_noise
from engine.text.words import split
from engine.types import RATE, Chunk, Reference

from .conftest import take_of, words_missed

LINE = "The kettle is on the table, and the garden is green."
CHUNKS = (Chunk(0, "The old harbour is very cold."), Chunk(1, "Some people like it."), Chunk(2, "We do."))
SILENCE = -11.5
"""Of a log-mel: the least the package's mel can be."""


class Mouth:
    """Speaks by a script: what is said at each try of a text; the sound only tells which try it was."""

    def __init__(self, together=1, **script):
        self.together = together
        self.script, self.tries, self.keys, self.stages = script, {}, [], []

    def __call__(self, chunks, stage):
        self.stages.append(stage)
        for number, chunk in enumerate(chunks):
            assert chunk.number == number
            if number % self.together == 0:
                yield Step(number + 1, len(chunks), 1, 1, min(self.together, len(chunks) - number))
            self.keys.append(chunk.key)
            said = self.script.get(split(chunk.text)[0], [chunk.text])
            at = self.tries[chunk.text] = self.tries.get(chunk.text, -1) + 1
            self.said = said[min(at, len(said) - 1)]
            yield Partial(number + 1, len(chunks), np.full(RATE, len(self.keys), np.float32))


class Ear:
    """Hears what the mouth has said last."""

    def __init__(self, mouth, deaf_from=99):
        self.mouth, self.deaf_from, self.heard = mouth, deaf_from, 0

    def __call__(self, text, samples):
        from engine.listening import Spoken

        self.heard += 1
        if self.heard >= self.deaf_from:
            raise HearingUnavailable("Whisper is gone.")
        yield Stage("checking")
        words = [Word(word, n * 0.3, n * 0.3 + 0.3) for n, word in enumerate(self.mouth.said.split())]
        return Spoken(samples, check(text, words, "", max(len(words) * 0.3, 0.1)))


def chosen(mouth, attempts=3, chunks=CHUNKS, **ear):
    """The events, the notes, and the number of the try that was kept of each part."""
    events, notes = ended(choose(chunks, mouth, Ear(mouth, **ear), attempts))
    return events, notes, [int(event.samples[0]) for event in events if isinstance(event, Partial)]


def test_what_is_right_is_spoken_once():
    mouth = Mouth()
    events, notes, parts = chosen(mouth)
    assert mouth.stages == ["speaking"]
    assert parts == [1, 2, 3]
    assert [event.chunk for event in events if isinstance(event, Partial)] == [1, 2, 3]
    assert notes == ("Checked: every word was heard.",)


def test_a_dropped_word_is_found_told_and_said_again():
    mouth = Mouth(Some=["Some people it.", "Some people like it."])
    events, notes, parts = chosen(mouth)
    assert mouth.stages == ["speaking", "repairing", "speaking"]
    assert mouth.keys == ["", "", "1/1", ""]
    assert parts == [1, 3, 4]
    assert [event.chunk for event in events if isinstance(event, Partial)] == [1, 2, 3], "in order, once each"
    assert notes == ("1 part made again: “like” was missing.", "Checked: every word was heard.")


def test_what_failed_is_said_again_and_told_before_more_is_spoken():
    mouth = Mouth(The=["The old harbour is cold.", "The old harbour is very cold."], Some=["Some people."])
    events, notes, _ = chosen(mouth, attempts=2)
    assert mouth.keys == ["", "0/1", "", "1/1", "1/2", ""]
    told = [event.chunk for event in events if isinstance(event, Step | Partial)]
    assert told == [1, 1, 1, 2, 2, 2, 2, 3, 3], "a Step for each try of a part, then its Partial"
    assert {event.chunks for event in events if isinstance(event, Step | Partial)} == {3}
    assert notes[0] == "1 part made again: “very” was missing."
    assert notes[1].startswith("1 part still not right")


def test_all_of_a_batch_are_heard_before_what_failed_in_it_is_said_again():
    mouth = Mouth(together=2, The=["The old harbour is cold.", "The old harbour is very cold."])
    _, _, parts = chosen(mouth)
    assert mouth.keys == ["", "", "0/1", ""]
    assert parts == [3, 2, 4]


def test_the_best_is_kept_when_the_budget_is_spent_and_that_is_told():
    mouth = Mouth(The=["The is very cold.", "The old is very cold.", "Cold.", "The."])
    events, notes, parts = chosen(mouth)
    assert mouth.stages == ["speaking", *["repairing"] * 3, "speaking"]
    assert parts == [2, 6, 7], "the try with one word lost"
    assert notes == ("1 part still not right, listen to it: “harbour” was missing.",)
    assert sum(isinstance(event, Partial) for event in events) == 3


def test_until_right_goes_on():
    mouth = Mouth(We=[*["We."] * 7, "We do."])
    assert chosen(mouth, attempts=12)[2] == [1, 2, 10]
    assert len(mouth.stages) == 8


def test_where_hearing_breaks_down_the_take_stands_and_that_is_told():
    mouth = Mouth()
    _, notes, parts = chosen(mouth, deaf_from=2)
    assert parts == [1, 2, 3]
    assert notes == ("The words could not be checked: Whisper is gone.",)


def test_each_try_is_another_and_the_same_again():
    chunk = Chunk(4, "The kettle is on the table, and the garden is green.")
    tries = [another(chunk, attempt) for attempt in range(7)]
    assert tries[0] == (chunk,)
    assert [piece.pace for (piece,) in (tries[2], tries[5])] == [0.87, 1.12]
    assert another(replace(chunk, pace=1.2), 2)[0].pace == pytest.approx(1.2 * 0.87)
    assert {piece.pace for piece in another(replace(chunk, pace=1.2), 3)} == {1.2}
    assert [piece.text for piece in tries[3]] == ["The kettle is on the table,", "and the garden is green."]
    keys = [piece.key for pieces in tries for piece in pieces]
    assert len({*keys}) == len(keys)
    assert tries == [another(chunk, attempt) for attempt in range(7)]
    assert len(another(Chunk(0, "Hi."), 3)) == 1
    noises = [draw_noise(9, 7, key or 4) for key in keys]
    assert len({float(noise[0, 0]) for noise in noises}) == len(noises)


def speech(*spans, seconds=3.0):
    """Noise where something is said."""
    rng = np.random.default_rng(1)
    sound = rng.normal(0, 1e-5, round(seconds * RATE)).astype(np.float32)
    for start, end in spans:
        sound[round(start * RATE) : round(end * RATE)] += rng.normal(0, 0.1, round((end - start) * RATE))
    return sound


def test_a_leak_at_the_start_is_cut_at_the_silence():
    sound = speech((0.1, 0.8), (1.2, 2.9))
    words = [Word("nature", 0.1, 0.8), Word("we", 1.25, 2), Word("do", 2, 2.9)]
    found = check("We do.", words, "They call me mother nature.", 3.0)
    assert found.leaked == 1
    shorter, gone = cut_edges(sound, found)
    assert gone == ("nature",)
    assert len(sound) - len(shorter) == pytest.approx(1.15 * RATE, abs=0.03 * RATE)
    assert np.array_equal(shorter, sound[len(sound) - len(shorter) :])


def test_what_runs_on_without_a_silence_is_not_cut():
    sound = speech((0.1, 2.9))
    words = [Word("nature", 0.1, 0.8), Word("we", 0.8, 2), Word("do", 2, 2.9)]
    shorter, gone = cut_edges(sound, check("We do.", words, "mother nature.", 3.0))
    assert gone == ()
    assert len(shorter) == len(sound)


class Reader:
    """A transcriber that reads its lines from a script."""

    loaded = True

    def __init__(self, *lines):
        self.lines = list(lines)

    def transcribe(self, samples, language):
        yield Stage("transcribing")
        return Transcript("", language, self.lines.pop(0))

    def unload(self): ...


def test_a_cut_piece_is_heard_again_before_it_is_believed():
    leak = (Word("nature", 0.35, 1.05), Word("we", 1.5, 2.2), Word("do", 2.3, 3.1))
    clean = (Word("we", 0.3, 1.0), Word("do", 1.1, 1.9))
    reference = Reference(speech((0, 3)), "Mother nature. ", "en", "hash")
    for second, gone in ((clean, ("nature",)), ((), ())):
        steps = Listener(Reader(leak, second), reference, "en", {})("We do.", speech((0.1, 0.8), (1.2, 2.9)))
        _, spoken = ended(steps)
        assert spoken.cut == gone
        assert (spoken.check.leaked == 0) == bool(gone)
        assert -1 <= spoken.check.likeness <= 1.001


def test_it_is_on_for_long_texts_where_words_can_be_heard():
    short, long = (CloneRequest(None, "word " * count) for count in (LONG - 1, LONG))
    assert (wanted(short, True), wanted(long, True), wanted(long, False)) == (False, True, False)
    assert not wanted(CloneRequest(None, "word " * LONG, check="off"), True)
    assert wanted(CloneRequest(None, "Hi.", check="until right"), True)


@pytest.mark.parametrize("value", ["yes", "ON", None, True, 3, [], "until"])
def test_attack_36_a_check_that_cannot_be_is_refused_at_once(studio, voice, value):
    with pytest.raises(BadParameter, match="until right"):
        studio.clone(CloneRequest(voice[0], LINE, check=value))


def test_without_hearing_it_is_refused_when_asked_for(make_studio, voice):
    studio = make_studio(settings={"whisper": "none"})
    with pytest.raises(HearingUnavailable, match="turn the check off"):
        studio.clone(CloneRequest(voice[0], LINE, reference_text=voice[1], check="on"))


class Spoiling(EulerSampler):
    """The real sampler, whose first utterance breaks off in the middle."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def sample(self, model, batch, times, cfg_strength):
        mels = yield from super().sample(model, batch, times, cfg_strength)
        self.seen += [utterance.noise for utterance in batch]
        if len(self.seen) > 1:
            return mels
        (mel,), (utterance,) = mels, batch
        start = len(utterance.reference)
        mel = mel.clone()
        mel[start + (len(mel) - start) // 2 :] = SILENCE
        return [mel]


def test_lost_words_are_heard_and_said_again_by_the_real_parts(make_studio, voice, listen):
    sampler = Spoiling()
    studio = make_studio(sampler=sampler, settings={"check_attempts": 1})
    asked = CloneRequest(voice[0], LINE, reference_text=voice[1], language="en", model="demo", seed=7, check="on")
    events = list(studio.clone(asked))
    take = take_of(events)
    assert [e.name for e in events if isinstance(e, Stage) and e.name != "checking"][:3] == [
        *("reading", "speaking", "repairing")
    ]
    assert not torch.equal(sampler.seen[0], sampler.seen[1]), "another try has other noise"
    assert take.notes[0].startswith("1 part ")
    assert words_missed(LINE, listen(take.file).text) < 0.3, "half of them were lost"
    assert {"checking", "repairing"} <= take.timings.keys()
    assert take.request.check == "on"


def test_cancelling_takes_effect_between_the_tries(make_studio, voice):
    studio = make_studio(sampler=Spoiling())
    asked = CloneRequest(voice[0], LINE, reference_text=voice[1], model="demo", nfe=5, seed=7, check="on")
    events = studio.clone(asked)
    take_id = next(events).take_id
    while next(events) != Stage("repairing"):
        pass
    studio.cancel(take_id)
    with pytest.raises(Cancelled):
        next(events)
