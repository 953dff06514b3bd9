"""The app started as a person starts it, with a real S3 server beside it, and a browser."""

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from playwright.sync_api import sync_playwright

from ..servers import free_port, s3_server
from .browser import chromium, opened, renew

ROOT = Path(__file__).parents[2]


@dataclass
class App:
    """A running app: where it answers, how long it took to, and what it wrote to its log."""

    url: str
    process: subprocess.Popen
    seconds_to_answer: float
    log: Path


@contextmanager
def running(folder, **environment):
    """`python app.py` in a process of its own, until it answers; ended by SIGTERM, which must suffice."""
    port, log = free_port(), folder / "log.txt"
    values = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("TIMBRE_", "S3_", "AWS_", "GRADIO_"))},
        "GRADIO_SERVER_PORT": str(port),
        "TIMBRE_WORKSPACE": str(folder / "workspace"),
        "TIMBRE_MODEL": "demo",
        "HF_HUB_OFFLINE": "1",
        **environment,
    }
    url, begin = f"http://127.0.0.1:{port}/", time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=values, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=2).read()
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() - begin < 60, log.read_text()
                time.sleep(0.05)
        yield App(url, process, time.monotonic() - begin, log)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.fail("the app did not end when it was told to")


@pytest.fixture(scope="package")
def bucket(tmp_path_factory):
    """A real S3 server with an empty bucket `timbre`: (server, folder of the bucket)."""
    folder = tmp_path_factory.mktemp("s3")
    (folder / "timbre").mkdir()
    with s3_server(folder) as server:
        yield server, folder / "timbre"


@pytest.fixture(scope="package")
def app(tmp_path_factory, bucket):
    """The app with a bucket, for all tests that do not need one of their own."""
    server, _ = bucket
    with running(
        tmp_path_factory.mktemp("app"),
        S3_BUCKET="timbre",
        AWS_ACCESS_KEY_ID=server.key,
        AWS_SECRET_ACCESS_KEY=server.secret,
        AWS_ENDPOINT_URL=server.endpoint,
    ) as app:
        yield app


@pytest.fixture(scope="package")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright, human, tmp_path_factory):
    """A chromium whose microphone hears the human clip, again and again."""
    samples, rate = sf.read(human[0], dtype="int16")
    loop = tmp_path_factory.mktemp("microphone") / "speech.wav"
    sf.write(loop, np.concatenate([samples, np.zeros(rate // 2, np.int16)]), rate)
    with chromium(
        playwright,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={loop}",
    ) as browser:
        yield browser


@pytest.fixture(scope="module")
def window(browser, app):
    with opened(browser, app.url) as page:
        yield page


@pytest.fixture
def page(window):
    """The page, as each test of a module finds it."""
    renew(window)
    yield window
    assert not window.errors
