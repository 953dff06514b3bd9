"""Sounds on disk come back as they were, and a full disk spoils nothing."""

import errno

import numpy as np
import pytest

from engine.audio import Tape
from engine.errors import DiskFull

SOUNDS = [np.arange(n, dtype=np.float32) / 1000 for n in (5, 0, 1000, 1)]


def test_what_went_in_comes_out(tmp_path):
    tape = Tape.of(tmp_path, SOUNDS)
    assert len(tape) == 4
    assert tape.size == 1006
    for sound, kept in zip(SOUNDS, tape, strict=True):
        assert np.array_equal(sound, kept)
    assert np.array_equal(tape.whole, np.concatenate(SOUNDS))
    assert not [*tmp_path.iterdir()], "it has no name"
    assert not len(Tape(tmp_path).whole)


def test_its_sound_outlives_it_and_cannot_be_written_to(tmp_path):
    whole = Tape.of(tmp_path, SOUNDS).whole
    assert whole[5] == 0
    assert whole[-2] == np.float32(0.999)
    with pytest.raises(ValueError, match="read-only"):
        whole[0] = 1


def test_a_full_disk_is_told_and_what_was_there_stays(tmp_path):
    class Full:
        def seek(self, place): ...

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    tape = Tape.of(tmp_path, SOUNDS)
    file, tape._file = tape._file, Full()
    with pytest.raises(DiskFull, match="disk is full"):
        tape.append(SOUNDS[0])
    tape._file = file
    assert np.array_equal(tape.whole, np.concatenate(SOUNDS))
    with pytest.raises(DiskFull, match="TIMBRE_WORKSPACE"):
        Tape(tmp_path / "gone")
