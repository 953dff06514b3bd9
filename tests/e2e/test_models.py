"""Two visitors who choose other models while the other's job runs or waits: nobody's job changes model."""

import hashlib
import json
import re

import pytest
from gradio_client import Client
from safetensors.torch import load_file, save_file

from engine.restore import restore
from engine.studio import ASSETS

from .browser import advanced, downloaded, opened, say
from .conftest import running

DEMO, WEIGHTS = ASSETS / "demo", "model.safetensors"
LONG = "\n\n".join(["The windows are open, and the kettle is on."] * 4)


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    """A folder with the demo's files, in whose weights one matrix differs."""
    folder = tmp_path_factory.mktemp("second")
    for file in DEMO.iterdir():
        (folder / file.name).symlink_to(file)
    state = load_file(DEMO / WEIGHTS)
    state["ema_model.transformer.input_embed.proj.weight"] *= 1.01
    (folder / WEIGHTS).unlink()
    save_file(state, folder / WEIGHTS)
    return folder


@pytest.fixture(scope="module")
def app(second, tmp_path_factory):
    """With a second model, which its operator lists."""
    files = {"checkpoint": WEIGHTS, "vocab": "vocab.txt", "config": "config.yaml"}
    listed = json.dumps({"second": {key: str(second / name) for key, name in files.items()}})
    with running(tmp_path_factory.mktemp("app"), TIMBRE_CHECKPOINTS=listed, TIMBRE_WHISPER="none") as app:
        yield app


def choose(page, model):
    """Choose a model in the fold."""
    page.locator("#model input").click()
    page.get_by_role("option", name=model).click()
    shows(page, model)


def shows(page, model):
    """Wait until the page's head and the fold's field name this model."""
    page.locator("#head .tb-badge", has_text=model).wait_for(timeout=20_000)
    assert model in page.locator("#model input").input_value()


def begin(page, told):
    """Press the button, and wait until the status line tells this."""
    page.get_by_role("button", name="Generate", exact=True).click()
    page.locator("#status", has_text=told).wait_for(timeout=60_000)


def result(page, folder):
    """The model that the page tells of the finished job, and the hash of the weights that the file names."""
    page.locator("#status .tb-status.done").wait_for(timeout=90_000)
    told = re.search(r"Model\s+(\S+)", page.locator("#result").inner_text())[1]
    made = restore(downloaded(page, folder)[0])
    assert made.request.model == told
    return told, made.model_hash


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_two_visitors_switch_models_while_the_others_job_runs_and_waits_and_no_job_changes_its_model(
    app, browser, second, tmp_path
):
    with opened(browser, app.url) as alice, opened(browser, app.url) as bob:
        advanced(alice)
        say(alice, LONG)
        advanced(bob)
        say(bob, "The bell rang twice.")
        choose(bob, "second")
        shows(alice, "Demo")
        begin(alice, "Speaking")
        begin(bob, "Waiting")
        choose(alice, "second")
        choose(bob, "Demo")
        health = Client(app.url, verbose=False).predict(api_name="/health")
        assert (health["running"], health["waiting"], health["model"]) == (1, 1, "demo"), "the jobs go on as they were"
        assert result(alice, tmp_path) == ("demo", sha256(DEMO / WEIGHTS))
        assert result(bob, tmp_path) == ("second", sha256(second / WEIGHTS))
        shows(alice, "second")
        shows(bob, "Demo")
        with opened(browser, app.url) as carol:  # the model in memory is not hers
            advanced(carol)
            say(carol, "Hello there.")
            shows(carol, "Demo")
    loaded = re.findall(r"model (\w+) loaded", app.log.read_text())
    assert loaded == ["demo", "second"], "each once"
