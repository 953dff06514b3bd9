"""A headless chromium driven as a person would: what tests and screenshots share."""

import os
import shutil
from contextlib import contextmanager

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip


@contextmanager
def chromium(playwright, *flags):
    """Debian's or anybody's chromium; Playwright's own build is not needed."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
    try:
        yield browser
    finally:
        browser.close()


def opened(context, url):
    """A page, ready; what it asked of outside hosts and what went wrong in it are kept on it."""
    page = context.new_page()
    page.outside, page.errors = [], []
    page.on("request", lambda r: None if r.url.startswith((url, "data:", "blob:")) else page.outside.append(r.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(url)
    page.get_by_role("button", name="Generate", exact=True).wait_for(timeout=30_000)
    # Gradio restores the form after it has drawn it.
    page.wait_for_function("document.querySelector('#player #waveform')", timeout=30_000)
    page.wait_for_timeout(700)
    return page


def say(page, text):
    """Type what is to be said."""
    page.locator("#text textarea").fill(text)


def generate(page, seconds=120):
    """Press the button and wait for the end; the status line's words."""
    # The last job's end is not to be taken for this one's.
    page.evaluate("document.querySelector('#status .tb-status').classList.remove('done', 'bad')")
    page.get_by_role("button", name="Generate", exact=True).click()
    page.locator("#status .tb-status.done, #status .tb-status.bad").wait_for(timeout=seconds * 1000)
    return page.locator("#status").inner_text()


def seconds(page, player):
    """Of what the player holds, once it knows."""
    page.locator(f"{player} .waveform-container").wait_for(timeout=60_000)
    known = page.wait_for_function(
        "player => [...document.querySelectorAll(`${player} #waveform div`)].find(d => d.shadowRoot)"
        "?.shadowRoot.querySelector('audio')?.duration",
        arg=player,
        timeout=60_000,
    )
    return known.json_value()


def serious(page):
    """What axe finds that is serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        (violation["id"], [node["target"] for node in violation["nodes"]][:3])
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ]
