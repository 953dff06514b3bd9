"""The report card is right about clips whose faults are known, on voices that no threshold was chosen on."""

import time
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.report_card import snr_errors, tally
from engine.types import RATE
from engine.voice.report import examine

from . import built


@pytest.fixture(scope="module")
def judged():
    """Each fourth clip of five held-out voices, with its report card."""
    clips = built.clips(built.held_out_voices(teachers=False))[::4]
    assert len(clips) >= 60
    return [(clip, examine(clip.make())) for clip in clips]


def test_each_finding_is_made_where_it_belongs_and_seldom_elsewhere(judged):
    for kind, sums in tally(judged).items():
        assert sums.recall >= 0.9, f"{kind} was missed in {sums.missed}"
        assert sums.false_alarms <= 0.05, f"{kind} was said of {sums.wrong}"


def test_the_noise_is_known_within_3_db(judged):
    errors = snr_errors(judged)
    assert len(errors) >= 30
    assert {name: error for name, error in errors.items() if abs(error) > 3 and "babble 0 dB" not in name} == {}
    assert all(abs(error) < 4 for error in errors.values())  # ten voices as loud as the one


def test_reverberation_is_told_in_order():
    sound = built.person("multi/main.flac")
    told = [examine(built.room(sound, rt60, 5)).rt60 for rt60 in (0.1, 0.3, 0.5, 0.8, 1.2)]
    assert told == sorted(told)
    assert told[1] == pytest.approx(0.3, abs=0.08)
    assert told[2] == pytest.approx(0.5, abs=0.1)


def test_a_good_clip_has_a_good_grade_and_its_numbers_are_told():
    report = examine(built.person("multi/town.flac"))
    assert (report.grade, report.findings) == ("good", ())
    assert report.seconds == pytest.approx(8.4, abs=0.2)
    assert 7 < report.speech_seconds <= report.seconds
    assert -25 < report.level < -15
    assert report.snr > 30
    assert report.clipped == 0


def test_the_worse_a_clip_the_lower_its_grade():
    sound = built.still(built.person("multi/town.flac"))
    hiss = built.noise("white", len(sound), 1)
    assert [examine(built.add(sound, hiss, ratio)).grade for ratio in (35, 14, 3)] == ["good", "fair", "poor"]


def test_a_finding_says_what_is_wrong_and_what_to_do():
    sound = built.person("multi/town.flac")
    [finding] = examine(built.clipped(sound, 0.03)).findings
    assert finding.sentence == f"The recording is overdriven: {examine(built.clipped(sound, 0.03)).clipped:.1%} of it is cut off at a ceiling."  # fmt: skip
    assert finding.cure.endswith(".")
    assert finding.serious


def test_what_the_model_takes_decides_what_is_too_long():
    sound = built.person("multi/town.flac")
    assert [finding.kind for finding in examine(sound, longest=5).findings] == ["too_long"]
    assert examine(sound, longest=5).grade == "good"
    hushed = np.concatenate([np.zeros(RATE, np.float32), sound, np.zeros(RATE, np.float32)])
    assert "too_long" not in [finding.kind for finding in examine(hushed, longest=len(sound) / RATE).findings]
    few = sound[: round(2.5 * RATE)]
    assert "Use 6 to 12 s of one voice." in [finding.cure for finding in examine(few).findings]
    assert "too_short" not in [finding.kind for finding in examine(few, longest=4).findings]


def test_where_nobody_speaks_no_voice_is_called_quiet_or_noisy():
    hiss = built.noise("white", 6 * RATE, 1) * 0.02
    assert [finding.kind for finding in examine(hiss).findings] == ["too_short"]


def test_where_the_pause_is_is_told():
    speech = built.person("multi/main.flac")[: 4 * RATE]
    report = examine(np.concatenate([speech, np.zeros(2 * RATE, np.float32), speech]))
    gap = next(finding for finding in report.findings if finding.kind == "silent_gaps")
    pause, at = (float(word) for word in gap.sentence.split() if word[0].isdigit())
    assert pause == pytest.approx(2.1, abs=0.3)
    assert at == pytest.approx(3.9, abs=0.3)


@settings(max_examples=25)
@given(
    st.floats(0.5, 4),
    st.floats(-100, 0),
    st.sampled_from(["noise", "sine", "steps", "clicks", "nothing"]),
    st.integers(0, 9),
)
def test_whatever_comes_is_examined(seconds, level, shape, seed):
    length, random = round(seconds * RATE), np.random.default_rng(seed)
    sound = {
        "noise": random.standard_normal(length).clip(-3, 3) / 3,
        "sine": np.sin(np.arange(length) / (seed + 2)),
        "steps": np.sign(np.sin(np.arange(length) / 40)),
        "clicks": (random.random(length) > 0.9995) * 1.0,
        "nothing": np.zeros(length),
    }[shape]
    report = examine((sound * 10 ** (level / 20)).astype(np.float32))
    numbers = [value for value in asdict(report).values() if isinstance(value, float)]
    assert np.isfinite(numbers).all()
    assert 0 <= report.clipped <= 1
    assert 0 <= report.speech_seconds <= report.seconds + 0.02
    assert report.grade in ("good", "fair", "poor")


def test_it_is_examined_in_a_moment():
    """Under a second of one core for 12 s of sound, once the encoder is loaded."""
    sound = np.resize(built.person("multi/town.flac"), 12 * RATE)
    examine(sound)
    start = time.process_time()
    examine(sound)
    assert time.process_time() - start < 1
