"""The door: how the app starts, what it refuses, how it ends."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

import app
from ui.app import launch_options

ROOT = Path(__file__).parents[2]


def start(tmp_path, **environ):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {**os.environ, "GRADIO_SERVER_PORT": str(port), "TIMBRE_WORKSPACE": str(tmp_path), **environ}
    environ.pop("GRADIO_TEMP_DIR", None)
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True)
    return process, f"http://127.0.0.1:{port}/"


def test_it_answers_and_ends_on_sigterm(tmp_path):
    left, other = tmp_path / "page-99999999", tmp_path / f"page-{os.getpid()}"
    for folder in (left, other):
        folder.mkdir()
    process, url = start(tmp_path)
    try:
        for _ in range(600):
            try:
                page = httpx.get(url)
                break
            except httpx.TransportError:
                assert process.poll() is None, process.stderr.read()
                time.sleep(0.05)
        assert "Timbre" in page.text
        assert not left.exists(), "what an earlier run left is swept"
        assert other.exists(), "another app's files are not"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()


@pytest.mark.parametrize(("name", "value"), [("TIMBRE_LINK_SECONDS", "soon"), ("TIMBRE_TYPO", "1")])
def test_a_wrong_setting_is_one_sentence_and_status_2(tmp_path, name, value):
    process, _ = start(tmp_path, **{name: value})
    _, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert name in told
    assert len(told.strip().splitlines()) == 1


def test_attack_45_a_log_record_is_one_line():
    record = logging.LogRecord(
        "timbre", logging.INFO, "", 0, "said %s", ("a\nINFO faked\r\x1b[31mred\u2028\x00",), None
    )
    line = app.OneLine("%(levelname)s %(message)s").format(record)
    assert line == "INFO said a\\nINFO faked\\r\\x1b[31mred\\u2028\\x00"


def test_it_is_launched_with_nothing_kept_or_shown_that_need_not_be(studio):
    options = launch_options(studio)
    assert options["max_file_size"] == studio.settings.clip_bytes
    assert options["max_threads"] > studio.settings.queue + studio.settings.turns
    for name in ("show_error", "enable_monitoring", "run_history", "ssr_mode", "allowed_paths"):
        assert not options[name], name
