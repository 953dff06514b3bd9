"""A headless chromium driven as a person would: what tests and screenshots share."""

import os
import shutil
from contextlib import contextmanager

import soundfile as sf
from axe_playwright_python.sync_playwright import Axe

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


@contextmanager
def opened(browser, url, width=1440, height=1000, **context):
    """A page of its own, ready. At its end it has asked no other host, and nothing went wrong in it."""
    context = browser.new_context(viewport={"width": width, "height": height}, **context)
    page, outside = context.new_page(), []
    page.errors = []
    page.on("request", lambda r: None if r.url.startswith((url, "data:", "blob:")) else outside.append(r.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    try:
        page.goto(url)
        ready(page)
        yield page
    finally:
        context.close()
    assert (outside, page.errors) == ([], [])


def ready(page):
    """Wait until the page is drawn, and the server has been asked about what stands in its form: the cost is told."""
    page.locator("#player #waveform").wait_for(timeout=30_000)
    page.locator("#cost p").wait_for(timeout=30_000)


def renew(page):
    """The page as at a first visit: nothing is remembered. Much cheaper than another one."""
    # What the page that goes still has on its way is not to be remembered: half a form could not be sent, and costs nothing.
    page.evaluate("localStorage.clear(); Storage.prototype.setItem = () => {}")
    page.reload()
    ready(page)


def advanced(page):
    """The fold of the settings, open."""
    page.locator("#advanced button.label-wrap").click()


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


def seconds(page, player, before=0):
    """Of what the player holds, once it knows; where that is another sound than before, once it does."""
    page.locator(f"{player} .waveform-container").wait_for(timeout=60_000)
    known = page.wait_for_function(
        """([player, before]) => {
          const wave = [...document.querySelectorAll(`${player} #waveform div`)].find(d => d.shadowRoot);
          const length = wave?.shadowRoot.querySelector('audio')?.duration;
          return length !== before && length;
        }""",
        arg=[player, before],
        timeout=60_000,
    )
    return known.json_value()


def downloaded(page, folder):
    """The take in the player, saved into a folder: its file and its samples."""
    with page.expect_download() as download:
        page.locator("#result_actions a, #result_actions button", has_text="Download WAV").first.click()
    file = folder / f"{len([*folder.iterdir()])}.wav"
    download.value.save_as(file)
    return file, sf.read(file, dtype="int16")[0]


def serious(page):
    """What axe finds that is serious or critical, once no colour changes any more."""
    page.wait_for_function("document.getAnimations().every(a => !(a instanceof CSSTransition))")
    found = Axe().run(page).response["violations"]
    return [
        (violation["id"], [node["target"] for node in violation["nodes"]][:3])
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ]
