"""When each word of a finished sound is spoken: against times that are known, and what cannot be told."""

from dataclasses import replace

import numpy as np
import pytest

from engine import BadClip, BadText, Exported, HearingUnavailable, NotFound, Transcript
from engine.studio import ASSETS

from .known import known


def last(events):
    return [*events][-1]


def test_words_are_where_they_are_spoken_most_of_them_within_150_ms(spoken):
    take, words = spoken
    assert [word.text for word in words] == take.request.text.split()
    times = np.array([(word.start, word.end) for word in words])
    assert (np.diff(times.ravel()) >= 0).all()
    true = np.array([(word.start, word.end) for word in known(take, ASSETS)])
    assert np.abs(times - true).mean() < 0.08
    assert (np.abs(times - true) < 0.15).mean() > 0.85


def test_a_file_tells_its_own_words_and_a_word_not_spoken_is_marked(studio, spoken):
    (take, words), text = spoken, spoken[0].request.text
    assert last(studio.timings.of_file(take.file)) == Transcript(text, "en", words)
    other = last(studio.timings.of_file(take.file, text.replace("rang", "of the old wooden church rang")))
    assert [word.text for word in other.words if word.probability == 0][-2:] == ["wooden", "church"]
    starts = [word.start for word in other.words]
    assert starts == sorted(starts)


def test_what_cannot_be_timed_is_told(studio, make_studio, spoken, voice, tmp_path):
    take, _ = spoken
    with pytest.raises(NotFound, match="no longer kept"):
        last(studio.timings.of_take(replace(take, file=tmp_path / "gone.wav")))
    with pytest.raises(BadText):
        studio.timings.of_file(take.file, "…!")
    with pytest.raises(BadClip):
        last(studio.timings.of_file(tmp_path / "gone.wav", "Hello"))
    deaf = make_studio(settings={"whisper": "none"})
    with pytest.raises(HearingUnavailable, match="times are not known"):
        last(deaf.timings.of_take(take))


def test_the_times_lie_in_the_bucket_beside_the_take(make_studio, studio, spoken, tmp_path):
    take, words = spoken

    class Folder:
        def put(self, file, key, content_type, metadata):
            (tmp_path / key).parent.mkdir(exist_ok=True)
            (tmp_path / key).write_bytes(file.read_bytes())

        def link(self, key, seconds, filename):
            return f"https://example.com/{key}?as={filename}"

    told = make_studio(storage=Folder()).export(take, words)
    assert {*told.timings} == {"srt", "vtt", "csv", "json"}
    assert told.timings["srt"].startswith(f"https://example.com/timings/{take.id}.srt?as=timbre-the-baker")
    table = (tmp_path / f"timings/{take.id}.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in table[1:4]] == ["The", "baker", "counted"]
    assert Exported(told).export.error == ""
