"""The page in a real browser: the first minute, an own clip, the microphone, cancelling, errors, a reload, axe."""

import re
import time

import pytest
from gradio_client import Client

from ..conftest import read, words_missed
from .browser import advanced, chromium, generate, opened, ready, say, seconds, serious

LINE = "The windows are open, and the kettle is on."
LONG = "\n\n".join([LINE] * 12)


def seeded(page):
    """A fixed seed."""
    advanced(page)
    page.get_by_label("Seed").fill("7")
    page.locator("#advanced button.label-wrap", has_text="standard quality, speed 1, seed 7").wait_for(timeout=20_000)


def own_clip(page, file):
    page.locator("#voices label", has_text="Your own clip").click()
    page.locator("#own input[type=file]").set_input_files(file)


def test_the_first_minute_needs_nothing_typed_and_loads_nothing(app, page):
    assert page.locator("#voices input:checked").input_value() == "tomas"
    assert page.locator("#text textarea").input_value()
    assert page.locator("#reference_text textarea").input_value()
    assert "example" in page.locator("#result").inner_text().lower()
    page.wait_for_function("document.querySelector('#screen img').naturalWidth > 100")
    assert seconds(page, "#player") > 2
    page.locator("#player button.play-pause-button").click()
    page.wait_for_function(
        "[...document.querySelectorAll('#player #waveform div')].find(d => d.shadowRoot)"
        ".shadowRoot.querySelector('audio').currentTime > 0.3"
    )
    primary = page.locator("button.primary:visible")
    assert [button.inner_text() for button in primary.all()] == ["Generate"]


def test_an_example_voice_speaks_and_the_result_can_be_played_and_downloaded(page, listen, whose, tmp_path):
    seeded(page)
    page.locator("#voices label", has_text="Owen").click()
    say(page, LINE)
    assert "Done in" in generate(page)
    facts = page.locator("#result").inner_text()
    assert "Owen, take 1" in facts
    assert LINE in facts
    assert "Nobody had wound the clock since spring." in facts
    assert re.search(r"Seed\s*7\b", facts)
    assert 1 < seconds(page, "#player") < 6
    page.wait_for_function("document.querySelector('#screen img').naturalWidth > 100")
    with page.expect_download() as download:
        page.locator("#result_actions a, #result_actions button", has_text="Download WAV").first.click()
    assert download.value.suggested_filename == "timbre-the-windows-are-open-and-the-demo-7.wav"
    download.value.save_as(tmp_path / "take.wav")
    assert len(read(tmp_path / "take.wav")) / 24_000 == pytest.approx(seconds(page, "#player"), abs=0.1)
    assert whose(tmp_path / "take.wav") == "owen"
    assert words_missed(LINE, listen(tmp_path / "take.wav").text) <= 0.12, "one of nine at most"
    assert page.get_by_role("button", name="Copy link").is_visible()
    assert page.locator("#result [data-link]").get_attribute("data-link").startswith("http://127.0.0.1")


def test_takes_of_the_visit_stay_to_compare(page):
    seeded(page)
    for text in ("Hello there.", "Good morning."):
        say(page, text)
        generate(page)
    rows = page.locator("#takes li")
    assert rows.count() == 3  # two takes and the example
    first = seconds(page, "#player")
    page.get_by_role("button", name="Show Tomas, take 1").click()
    page.wait_for_function("document.querySelector('#result').innerText.includes('Hello there.')")
    page.locator("#player", has_text="Tomas, take 1").wait_for()
    seconds(page, "#player", before=first)


def test_progress_is_told_at_least_once_a_step_and_never_goes_back(page):
    say(page, LINE)
    page.evaluate("""() => {
      window.seen = [];
      new MutationObserver(() => {
        const bar = document.querySelector('#status .tb-bar'), line = document.querySelector('#status').innerText;
        if (bar) window.seen.push([+bar.getAttribute('aria-valuenow'), line]);
      }).observe(document.querySelector('#status'), {subtree: true, childList: true, characterData: true, attributes: true});
    }""")
    generate(page)
    seen = page.evaluate("window.seen")
    values = [value for value, _ in seen]
    assert values == sorted(values)
    steps = {line for _, line in seen if "Step" in line}
    assert len(steps) >= 9  # of 10


def test_an_own_clip_is_heard_into_the_box_and_speaks(page, human):
    seeded(page)
    own_clip(page, human[0])
    box = page.locator("#reference_text textarea")
    page.wait_for_function(
        "document.querySelector('#reference_text textarea').value.toLowerCase().includes('nature')", timeout=60_000
    )
    assert "English" in page.locator("#heard_note").inner_text()
    assert box.is_editable()
    say(page, "Hello there, how are you?")
    assert "Done in" in generate(page)
    assert "some call me nature" in page.locator("#result").inner_text().lower()


def test_typed_words_are_left_alone(page, human):
    own_clip(page, human[0])
    box = page.locator("#reference_text textarea")
    box.fill("My own words")
    page.locator("#clip_note", has_text="not what is heard").wait_for(timeout=60_000)
    page.locator("#differences", has_text="Hardly any of your words are heard").wait_for(timeout=60_000)
    assert box.input_value() == "My own words"
    assert page.locator("#stretches input").count()
    assert page.locator("#stretches input:checked").count() == 0


def test_blank_words_are_heard_on_generate(page, human):
    seeded(page)
    own_clip(page, human[0])
    page.wait_for_function(
        "document.querySelector('#reference_text textarea').value.includes('nature')", timeout=60_000
    )
    page.locator("#reference_text textarea").fill("")
    say(page, "Hello there.")
    assert "Done in" in generate(page)
    assert "some call me nature" in page.locator("#result").inner_text().lower()


def test_the_microphone_shows_its_level_and_its_recording_speaks(page):
    seeded(page)
    page.locator("#voices label", has_text="Your own clip").click()
    page.locator("#own [aria-label='Record audio']").click()
    page.locator("#own .record-button").click()
    page.locator(".tb-level.live").wait_for(timeout=10_000)
    page.wait_for_timeout(4000)  # it takes so long to say a few words
    assert page.locator(".tb-level i").evaluate("e => e.getBoundingClientRect().width") > 5
    page.locator("#own .stop-button").click()
    page.wait_for_function("document.querySelector('#reference_text textarea').value.length > 5", timeout=60_000)
    say(page, "Hello there.")
    assert "Done in" in generate(page)


def test_a_denied_microphone_is_told(app, playwright):
    with chromium(playwright, "--deny-permission-prompts") as browser, opened(browser, app.url) as page:
        page.locator("#voices label", has_text="Your own clip").click()
        page.locator("#own [aria-label='Record audio']").click()
        page.wait_for_timeout(500)
        record = page.locator("#own .record-button")
        if record.is_visible():
            record.click()
        page.wait_for_function("/microphone/i.test(document.querySelector('.tb-level p').innerText)", timeout=10_000)
        assert "drop a file" in page.locator(".tb-level p").inner_text()
        page.errors.clear()  # gradio's recorder tells it to the console too


def test_cancel_stops_and_what_is_done_can_be_kept(app, page):
    seeded(page)
    page.locator("#check label", has_text="Off").click()
    say(page, LONG)
    page.get_by_role("button", name="Generate", exact=True).click()
    page.wait_for_function("/part [3-9]/.test(document.querySelector('#status').innerText)", timeout=90_000)
    page.locator("#cancel").dispatch_event("click")  # the page moves too much for a pointer to find it at once
    page.locator("#status", has_text="Cancelled.").wait_for(timeout=20_000)
    assert re.search(r"[2-9] of \d+ parts were finished", page.locator("#status").inner_text())
    health = Client(app.url, verbose=False).predict(api_name="/health")
    assert (health["running"], health["waiting"]) == (0, 0)
    keep = page.get_by_role("button", name="Keep what is done")
    page.set_viewport_size({"width": 390, "height": 844})
    assert keep.evaluate("button => button.scrollWidth <= button.clientWidth"), "its words run over its edge"
    page.set_viewport_size({"width": 1440, "height": 1000})
    keep.click()
    page.wait_for_function("document.querySelector('#result').innerText.includes('the first')", timeout=20_000)
    assert seconds(page, "#player") > 3


def test_a_page_that_goes_away_ends_its_job(app, browser):
    client = Client(app.url, verbose=False)
    with opened(browser, app.url) as page:
        say(page, LONG)
        page.get_by_role("button", name="Generate", exact=True).click()
        page.wait_for_function("/Step/.test(document.querySelector('#status').innerText)", timeout=60_000)
        assert client.predict(api_name="/health")["running"] == 1
    deadline = time.monotonic() + 20
    while client.predict(api_name="/health")["running"] and time.monotonic() < deadline:
        time.sleep(0.2)
    assert client.predict(api_name="/health")["running"] == 0


def test_ctrl_enter_generates_and_an_error_is_a_sentence_in_the_status_line(page):
    say(page, "   ")
    page.locator("#text textarea").press("Control+Enter")
    bad = page.locator("#status .tb-status.bad")
    bad.wait_for(timeout=20_000)
    assert "nothing to say" in bad.inner_text().lower()
    assert "Traceback" not in page.content()
    say(page, "Hello <img src=x onerror=window.hacked=1> there")
    seeded(page)
    page.locator("#text textarea").press("Control+Enter")
    # "<" and "=" are read as words or dropped; what was typed is shown as it was, and never run
    page.locator("#status .tb-status.done").wait_for(timeout=60_000)
    assert "<img src=x" in page.locator("#result").inner_text()
    assert page.evaluate("window.hacked") is None


def test_a_bad_file_is_told_and_the_page_goes_on(page, tmp_path):
    (tmp_path / "notes.wav").write_text("these are my notes, not a sound" * 100)
    own_clip(page, tmp_path / "notes.wav")
    page.locator("#heard_note .bad").wait_for(timeout=20_000)
    assert "no sound file" in page.locator("#heard_note").inner_text()
    page.locator("#own .standard-player").wait_for(state="hidden")  # gradio's, of what the browser cannot play
    assert not page.locator("#own .play-pause-button").is_visible()
    page.locator("#voices label", has_text="Owen").click()
    seeded(page)
    say(page, "Hello there.")
    assert "Done in" in generate(page)


def test_a_server_that_is_away_is_told_in_the_status_line(page):
    page.context.set_offline(True)
    page.get_by_role("button", name="Generate", exact=True).click()
    page.locator("#status .bad", has_text="does not answer").wait_for(timeout=20_000)
    page.context.set_offline(False)


def test_the_form_survives_a_reload(page, human):
    seeded(page)
    own_clip(page, human[0])
    page.wait_for_function(
        "document.querySelector('#reference_text textarea').value.includes('nature')", timeout=60_000
    )
    before = page.evaluate("localStorage['timbre-form']")
    say(page, "This line is to stay.")
    page.wait_for_function("before => localStorage['timbre-form'] !== before", arg=before)
    page.reload()
    page.locator("#cured #waveform").wait_for(timeout=60_000)  # the part that the demo takes
    page.locator("#advanced button.label-wrap", has_text="seed 7").wait_for(timeout=20_000)
    assert page.locator("#text textarea").input_value() == "This line is to stay."
    assert page.locator("#voices input:checked").input_value() == "own"
    assert "nature" in page.locator("#reference_text textarea").input_value().lower()
    assert "Done in" in generate(page)
    assert "Your clip, take 1" in page.locator("#result").inner_text()


def test_where_the_columns_do_not_fit_beside_each_other_both_are_as_wide_as_the_page(page):
    width = "name => document.querySelector(name).offsetWidth"
    assert page.evaluate(width, "#left") == 420
    page.set_viewport_size({"width": 768, "height": 1000})
    assert page.evaluate(width, "#left") == page.evaluate(width, "#work") > 600
    page.set_viewport_size({"width": 1440, "height": 1000})


def test_hostile_storage_does_nothing(page):
    page.evaluate("""() => {
      for (const key of ['timbre-form', 'timbre-clip']) localStorage.setItem(key, '{"voice": "../../etc/passwd"}');
    }""")
    page.reload()
    ready(page)
    assert page.locator("#voices input:checked").input_value() == "tomas"


def serious_anywhere(page):
    """What axe finds on a wide and a narrow page, light and dark; none of them scrolls sideways."""
    found = []
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function("dark => document.body.classList.contains('dark') === dark", arg=scheme == "dark")
            found += serious(page)
    return found


def test_axe_finds_nothing_serious(app, browser):
    with opened(browser, app.url) as page:
        assert serious_anywhere(page) == []
        page.locator("#advanced button.label-wrap").click()
        page.get_by_label("Seed").wait_for()
        assert serious_anywhere(page) == []
        say(page, LONG)
        page.get_by_role("button", name="Generate", exact=True).click()
        run = page.locator("#status .tb-status.run")
        run.wait_for(timeout=10_000)
        assert serious_anywhere(page) == []
        assert run.is_visible(), "it was over before all was seen"
        page.locator("#cancel").dispatch_event("click")
        page.locator("#status", has_text="Cancelled.").wait_for(timeout=20_000)
        say(page, "Hello there.")
        generate(page)
        page.mouse.move(3, 3)
        assert serious_anywhere(page) == []
        say(page, "")
        page.get_by_role("button", name="Generate", exact=True).click()
        page.locator("#status .tb-status.bad").wait_for(timeout=10_000)
        assert serious_anywhere(page) == []
