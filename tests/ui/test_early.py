"""A speech is heard while it is made, in a real browser: without a gap, with a pause, and on in the player when it is done."""

import threading

import pytest
from playwright.sync_api import sync_playwright

from ..e2e.browser import chromium, opened, renew, say

RECORD = """() => {
window.starts = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when) {
  window.starts.push({when, length: this.buffer.duration, making: !!document.querySelector('#status .run')});
  return start.apply(this, arguments);
};
window.plays = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  window.plays.push({at: this.currentTime, parts: +document.querySelector('.tb-early').dataset.at});
  return play.apply(this, arguments);
};
}"""
TAKE = (
    "[...document.querySelectorAll('#player #waveform div')].find(d => d.shadowRoot).shadowRoot.querySelector('audio')"
)
AT = "+document.querySelector('.tb-early').dataset.at"


@pytest.fixture(scope="module")
def window(served):
    with sync_playwright() as playwright, chromium(playwright) as browser, opened(browser, served.url) as page:
        yield page


@pytest.fixture
def page(served, window):
    """The page, with a studio whose second part of five seconds waits for the gate."""
    served.studio.gate, served.studio.part_seconds = threading.Event(), 5
    renew(window)
    window.evaluate(RECORD)
    yield window
    served.studio.gate, served.studio.part_seconds = None, 1


def begin(page):
    say(page, "Two parts of a tone.")
    page.get_by_role("button", name="Generate", exact=True).click()
    listen = page.get_by_role("button", name="Listen while it is made")
    listen.wait_for(timeout=20_000)
    return listen


def test_the_first_part_sounds_before_the_last_is_made_and_the_take_goes_on_from_there(page, served):
    assert page.locator("#early").is_hidden()
    begin(page).click()
    page.wait_for_function(f"{AT} > 0.3", timeout=20_000)
    assert page.locator("#status .run").is_visible(), "it sounds while it is made"
    served.studio.gate.set()
    page.locator("#early").wait_for(state="hidden", timeout=20_000)
    (first, *more), (*_, play) = page.evaluate("[window.starts, window.plays]")
    assert first["making"]
    assert [part["when"] for part in more] == [first["when"] + 5] * len(more), "no gap"
    assert play["at"] == pytest.approx(play["parts"], abs=0.5)
    assert page.evaluate(f"{TAKE}.volume") == 1
    assert page.evaluate(f"{TAKE}.currentTime") > play["at"]


def test_it_pauses_where_it_is_and_the_take_waits_there(page, served):
    begin(page).click()
    page.wait_for_function(f"{AT} > 0.2", timeout=20_000)
    page.get_by_role("button", name="Pause").click()
    page.locator(".tb-early", has_text="Paused").wait_for()
    at = page.evaluate(AT)
    served.studio.gate.set()
    page.locator("#status .done").wait_for(timeout=20_000)
    page.locator("#early").wait_for(state="hidden")
    assert page.evaluate(f"{TAKE}.paused")
    assert page.evaluate(f"{TAKE}.currentTime") == pytest.approx(at, abs=0.15)


def test_nothing_sounds_by_itself_and_nothing_stays_after_the_end(page, served):
    begin(page)
    served.studio.gate.set()
    page.locator("#status .done").wait_for(timeout=20_000)
    page.locator("#early").wait_for(state="hidden")
    assert page.evaluate("window.starts") == []
    assert page.evaluate(f"{TAKE}.paused")


def test_cancelling_ends_the_sound(page, served):
    begin(page).click()
    page.wait_for_function(f"{AT} > 0.2", timeout=20_000)
    page.get_by_role("button", name="Cancel").click()
    served.studio.gate.set()
    page.locator("#status", has_text="Cancelled.").wait_for(timeout=20_000)
    page.locator("#early").wait_for(state="hidden")
