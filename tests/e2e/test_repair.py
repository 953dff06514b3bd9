"""Words of a take said again, by the real model: on the page and by a client; all else stays as it is, to the bit."""

import numpy as np
import pytest
import soundfile as sf
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from engine.audio.patch import FADE
from engine.types import RATE
from ui.voices import Gallery

from .browser import downloaded, say

SLIP = 0.1
"""Seconds beyond a word's heard edges where it may be cut, as in `engine.repair`."""


@pytest.fixture(scope="module")
def example():
    return Gallery.read().example


def pcm(file):
    return sf.read(file, dtype="int16")[0]


def same_but(before, after, start, end):
    """Whether two sounds differ between two seconds of the first, and nowhere else."""
    head, tail = round((start - SLIP) * RATE) - FADE, len(before) - round((end + SLIP) * RATE) - FADE
    outside = np.array_equal(after[:head], before[:head]) and np.array_equal(after[-tail:], before[-tail:])
    return outside and not np.array_equal(after, before)


def test_a_client_has_a_word_said_again(app, voice, example, listen):
    client = Client(app.url, verbose=False)
    asked = handle_file(str(example.file)), handle_file(str(voice[0]))
    number = example.request.text.split().index("kettle")
    files, told = client.predict(*asked, number, text="garden", tries=2, seed=1, api_name="/repair")
    assert len(files) == len(told) == 2
    words, sounds = told[0]["words"], [pcm(file) for file in files]
    longer = (len(sounds[0]) - len(pcm(example.file))) / RATE
    assert [word["text"] for word in words] == told[0]["text"].split()
    assert words[number]["text"] == "garden"
    for sound in sounds:
        assert same_but(pcm(example.file), sound, words[number - 1]["end"], words[number + 1]["start"] - longer)
    assert "the garden is on" in listen(files[0]).text.lower()
    assert told[0]["mended"] == ["“kettle”, now “garden”"]
    assert client.predict(handle_file(files[0]), api_name="/restore")["mended"] == told[0]["mended"]
    with pytest.raises(AppError, match="not the clip"):
        client.predict(asked[0], handle_file(str(example.file)), 0, api_name="/repair")


def test_a_word_on_the_page_is_clicked_said_again_chosen_and_undone(page, example, tmp_path):
    before = pcm(example.file)
    page.get_by_role("button", name="Follow and mend words").click()
    word = page.get_by_role("option", name="windows", exact=True)
    word.click(timeout=60_000)
    assert page.get_by_label("Say again").first.input_value() == "windows"
    start, end = (float(word.get_attribute(f"data-{edge}")) for edge in ("start", "end"))
    page.get_by_role("button", name="Say again", exact=True).click()
    page.get_by_role("button", name="Use Try 3").wait_for(timeout=120_000)
    page.get_by_role("button", name="Play Try 2").click()
    page.get_by_role("button", name="Stop Try 2").wait_for()
    page.get_by_role("button", name="Use Try 2").click()
    page.get_by_role("button", name="Undo the change").wait_for(timeout=30_000)
    assert "Said again: “windows”." in page.locator("#result").inner_text()
    assert same_but(before, downloaded(page, tmp_path)[1], start, end)
    page.get_by_role("button", name="Undo the change").click()
    page.get_by_role("button", name="Undo the change").wait_for(state="hidden", timeout=30_000)
    assert np.array_equal(downloaded(page, tmp_path)[1], before)


def test_a_word_that_is_taken_while_a_job_runs_goes_into_its_take_once_that_is_over(page):
    page.get_by_role("button", name="Follow and mend words").click()
    page.get_by_role("option", name="windows", exact=True).click(timeout=60_000)
    page.get_by_role("button", name="Say again", exact=True).click()
    page.get_by_role("button", name="Use Try 3").wait_for(timeout=120_000)
    say(page, "Hello there. Good morning to all of you.")
    page.get_by_role("button", name="Generate", exact=True).click()
    page.locator("#status .tb-status.run").wait_for(timeout=10_000)
    page.get_by_role("button", name="Use Try 1").click()
    page.locator("#waits", has_text="as soon as the running job is").wait_for()
    page.locator("#status .tb-status.done").wait_for(timeout=120_000)
    page.locator("#waits p").wait_for(state="hidden")
    assert "take 1" in page.locator("#player").inner_text()
    page.get_by_role("button", name="Show Tomas, example").click()
    page.locator("#result .tb-notes", has_text="Said again: “windows”.").wait_for(timeout=20_000)
