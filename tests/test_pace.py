"""Seconds of work, learned from work done."""

import pytest

from engine.pace import KEPT, Pace


def test_what_was_never_measured_is_not_known(tmp_path):
    pace = Pace(tmp_path / "pace.json")
    assert pace.expect({"speaking": 10.0}) is None
    assert pace.expect({"speaking": 0.0}) == 0
    pace.learn({"speaking": (2.0, 4.0), "loading": (0.0, 0)})
    assert pace.expect({"speaking": 10.0}) == pytest.approx(5.0)
    assert pace.expect({"speaking": 10.0, "loading": 1.0}) is None


def test_one_slow_run_is_not_believed(tmp_path):
    pace = Pace(tmp_path / "pace.json")
    for seconds in (1.0, 1.1, 60.0, 0.9, 1.0):
        pace.learn({"speaking": (seconds, 1.0)})
    assert pace.expect({"speaking": 2.0}) == pytest.approx(2.0)


def test_it_outlives_the_process_and_stays_short(tmp_path):
    for seconds in range(1, 3 * KEPT):
        Pace(tmp_path / "pace.json").learn({"speaking": (float(seconds), 1.0)})
    assert Pace(tmp_path / "pace.json").expect({"speaking": 1.0}) == pytest.approx(2.5 * KEPT - 0.5, abs=2)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"speaking": "x"}', '{"speaking": [null]}', "\x00"])
def test_a_damaged_file_is_no_knowledge(tmp_path, content):
    (tmp_path / "pace.json").write_text(content)
    pace = Pace(tmp_path / "pace.json")
    assert pace.expect({"speaking": 1.0}) is None
    pace.learn({"speaking": (1.0, 1.0)})
    assert Pace(tmp_path / "pace.json").expect({"speaking": 1.0}) == pytest.approx(1.0)


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    pace = Pace(tmp_path / "absent" / "pace.json")
    pace.learn({"speaking": (1.0, 1.0)})
    assert pace.expect({"speaking": 1.0}) == pytest.approx(1.0)
