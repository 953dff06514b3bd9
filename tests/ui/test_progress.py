"""Events and errors as sentences."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Accepted, BadText, CloneRequest, Export, Exported, Loading, Stage, Step, Waiting
from ui.progress import STAGES, Progress, as_gradio, follow, tell

counts = st.integers(-3, 10**12)
events = st.one_of(
    st.builds(Accepted, st.text()),
    st.builds(Waiting, counts),
    st.builds(Loading, st.text(), counts, counts),
    st.builds(Stage, st.sampled_from(sorted(STAGES))),
    st.builds(Step, counts, counts, counts, counts),
    st.builds(Exported, st.builds(Export, st.text())),
)


@given(st.lists(events, max_size=30))
def test_progress_never_goes_back_and_stays_between_0_and_1(sequence):
    progress = Progress()
    for event in sequence:
        after = progress.after(event)
        assert 0 <= progress.fraction <= after.fraction <= 1
        progress = after


def test_each_kind_of_event_is_told_in_words():
    told = lambda event: Progress().after(event).line  # noqa: E731
    assert told(Waiting(1)).startswith("Waiting: 1 job is ahead")
    assert told(Waiting(3)).startswith("Waiting: 3 jobs are ahead")
    assert told(Loading("Demo model", 5_000_000, 20_000_000)) == "Loading Demo model. 5 MB of 20 MB"
    assert told(Step(2, 5, 3, 16)) == "Speaking part 2 of 5. Step 3 of 16"
    assert told(Step(1, 1, 3, 16)) == "Speaking. Step 3 of 16"
    assert told(Stage("transcribing")) == "Listening to the clip"


def test_every_step_moves_the_bar():
    progress, seen = Progress(), []
    for chunk in range(1, 4):
        for step in range(1, 17):
            progress = progress.after(Step(chunk, 3, step, 16))
            seen.append(progress.fraction)
    assert len(set(seen)) == 48


def test_a_person_reads_our_sentences_and_no_internals(caplog):
    assert tell(BadText("There is no text.")) == "There is no text."
    with caplog.at_level(logging.ERROR, "timbre"):
        assert "/secret/path" not in tell(OSError("/secret/path"))
    assert "/secret/path" in caplog.text, "a fault of ours is logged"
    assert str(as_gradio(BadText("There is no text.")).message) == "There is no text."


def test_leaving_the_events_takes_the_job_out(studio, clip):
    events = follow(studio, CloneRequest(clip, "Hello there"))
    for event, _ in events:
        if isinstance(event, Step):
            break
    events.close()
    assert len(studio.closed) == 1
    assert studio.steps == 1


def test_what_is_wrong_at_once_is_raised_at_once(studio):
    with pytest.raises(BadText):
        list(follow(studio, CloneRequest(studio.settings.workspace, "")))
