"""Events and errors as sentences."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Accepted, BadText, CloneRequest, Estimate, Export, Exported, Loading, Origin, Stage, Step, Waiting
from ui.progress import STAGES, Progress, as_gradio, cost, duration, follow, tell, verdict

counts = st.integers(-3, 10**12)
events = st.one_of(
    st.builds(Accepted, st.text()),
    st.builds(Waiting, counts),
    st.builds(Loading, st.text(), counts, counts),
    st.builds(Stage, st.sampled_from(sorted(STAGES))),
    st.builds(Step, counts, counts, counts, counts, counts),
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
    assert told(Loading("v1", 5_000_000, 1_350_000_000, 24e6)) == "Loading v1. 5 MB of 1,350 MB, 24.0 MB/s, 56 s left"
    assert told(Loading("v1", 5_000_000, 1_350_000_000, 9_400.0)).endswith("9 kB/s, 39 h 45 min left")
    assert told(Loading("v1", 5_000_000, 20_000_000, 3.0)).endswith("5 MB of 20 MB")  # stalled: nobody knows how long
    assert told(Step(2, 5, 3, 16)) == "Speaking part 2 of 5. Step 3 of 16"
    assert told(Step(1, 1, 3, 16)) == "Speaking. Step 3 of 16"
    assert told(Step(2, 5, 3, 16, 4)) == "Speaking parts 2 to 5 of 5. Step 3 of 16"
    assert told(Stage("transcribing")) == "Listening to the clip"


def test_every_step_moves_the_bar():
    progress, seen = Progress(), []
    for chunk in range(1, 4):
        for step in range(1, 17):
            progress = progress.after(Step(chunk, 3, step, 16))
            seen.append(progress.fraction)
    assert len(set(seen)) == 48


def test_parts_made_together_move_the_bar_as_far_as_one_after_the_other():
    together, apart = Progress().after(Step(2, 4, 16, 16, 3)), Progress().after(Step(4, 4, 16, 16))
    assert together.fraction == pytest.approx(apart.fraction)
    assert Progress().after(Step(2, 4, 8, 16, 2)).fraction == pytest.approx(
        Progress().after(Step(2, 4, 16, 16)).fraction
    )


def test_a_person_reads_our_sentences_and_no_internals(caplog):
    assert tell(BadText("There is no text.")) == "There is no text."
    with caplog.at_level(logging.ERROR, "timbre"):
        assert "/secret/path" not in tell(OSError("/secret/path"))
    assert "/secret/path" in caplog.text, "a fault of ours is logged"
    assert str(as_gradio(BadText("There is no text.")).message) == "There is no text."


def test_leaving_the_events_takes_the_job_out(studio, clip):
    events = follow(studio.clone(CloneRequest(clip, "Hello there")))
    for event, _ in events:
        if isinstance(event, Step):
            break
    events.close()
    assert len(studio.closed) == 1
    assert studio.steps == 1


def test_what_is_wrong_at_once_is_raised_at_once(studio):
    with pytest.raises(BadText):
        list(follow(studio.clone(CloneRequest(studio.settings.workspace, ""))))


def test_a_cost_is_one_sentence():
    assert cost(Estimate(1, 2.4, 0.2, 0)) == "1 part, about 2 s of speech, about 1 s of work."
    told = "40 parts, about 7 min of speech, work not measured yet on this machine, 1.4 GB to download first."
    assert cost(Estimate(40, 412.0, None, 1_404_400_000)) == told


@given(st.floats(0, 10**6))
def test_a_duration_is_near_and_short(seconds):
    told = duration(seconds)
    units = {"s": 1, "min": 60, "h": 3600}
    words = told.split()
    total = sum(int(number) * units[unit] for number, unit in zip(words[::2], words[1::2], strict=True))
    assert total == pytest.approx(seconds, rel=0.35, abs=1)
    assert len(words) <= 4


def test_durations_turn_to_the_next_unit_where_a_person_would():
    told = {0: "1 s", 14.2: "14 s", 99: "99 s", 99.6: "2 min", 720: "12 min", 3599: "1 h 0 min", 3900: "1 h 5 min"}
    assert {seconds: duration(seconds) for seconds in told} == told


def test_a_verdict_says_what_each_fact_is_worth():
    told = {(m, t): verdict(Origin(0.9 if m else 0.1, m, t)) for m in (True, False) for t in (True, False)}
    assert len(set(told.values())) == 4
    assert told[True, True].startswith("Timbre made this")
    assert "do not name Timbre" in told[True, False]
    assert "not in its sound" in told[False, True]
    assert told[False, False].startswith("No sign of Timbre")
