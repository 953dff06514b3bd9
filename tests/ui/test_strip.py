"""The words under the player, in a browser: lit as they are spoken, gone to by click and key, downloaded."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from engine import HearingUnavailable, Word
from tests.e2e.browser import chromium, opened, serious
from tests.ui.fakes import even
from ui.panels import result
from ui.strip import strip
from ui.visit import first_visit


@pytest.fixture(scope="module")
def page(served):
    with (
        sync_playwright() as playwright,
        chromium(playwright) as browser,
        opened(browser, served.url, 390, 800) as page,
    ):
        page.get_by_role("button", name="Follow and mend words").click()
        page.locator(".tb-strip [role=option]").first.wait_for(timeout=30_000)
        yield page


def lit(page):
    return page.locator(".tb-strip [aria-current]").all_inner_texts()


def chosen(page):
    return page.locator(".tb-strip [aria-selected=true]").all_inner_texts()


def test_a_word_is_gone_to_by_click_and_several_by_keys(page, gallery):
    words = gallery.example.request.text.split()
    assert page.locator(".tb-strip [role=option]").all_inner_texts() == words
    page.locator(".tb-strip [role=option]").nth(4).click()
    page.wait_for_function("document.querySelector('.tb-strip [aria-current]')")
    assert (lit(page), chosen(page)) == ([words[4]], [words[4]])
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Enter")
    assert chosen(page) == words[4:6]
    assert serious(page) == []


def test_several_words_are_chosen_by_a_drag_and_by_a_finger_that_stays(page, gallery):
    words, option = gallery.example.request.text.split(), page.locator(".tb-strip [role=option]")
    option.nth(2).drag_to(option.nth(4))
    assert chosen(page) == words[2:5]
    touch = page.context.new_cdp_session(page)

    def finger(number, stays):
        box = option.nth(number).bounding_box()
        place = [{"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": place})
        page.wait_for_timeout(stays)
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    finger(1, 50)
    page.wait_for_function("document.querySelectorAll('.tb-strip [aria-selected=true]').length === 1")
    assert chosen(page) == [words[1]]
    finger(3, 700)
    assert chosen(page) == words[1:4]


def test_the_light_moves_while_it_plays(page):
    page.locator(".tb-strip [role=option]").nth(1).click()
    page.wait_for_function("document.querySelector('.tb-strip [aria-current]')")
    before = lit(page)
    page.locator("#player button.play-pause-button").click()
    page.wait_for_function(
        "word => ![null, undefined, word].includes(document.querySelector('.tb-strip [aria-current]')?.innerText)",
        arg=before[0],
    )


def test_their_files_are_downloaded_from_a_menu_that_goes_once_something_is_chosen(page, gallery):
    menu = page.locator(".tb-menu[open]")
    page.locator(".tb-menu summary").click()
    menu.wait_for()
    page.get_by_role("heading", name="Result").click()
    menu.wait_for(state="detached")
    page.locator(".tb-menu summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert not menu.count()
    assert download.value.suggested_filename == f"{Path(gallery.example.filename).stem}.csv"
    rows = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert rows[0] == "word,start_time,end_time"
    assert len(rows) == 1 + len(gallery.example.request.text.split())


def test_words_add_no_tag():
    text = '<img onerror=x> "quoted" {\\an8}'
    page = strip(
        text, even(text, 1.0).words, dict.fromkeys(("srt", "vtt", "words.srt", "ass", "csv", "json"), "/x/<b>")
    )
    assert "<img" not in page
    assert "/x/<b>" not in page
    assert page.count('role="option"') == 4


def test_what_was_not_heard_is_told_and_another_take_keeps_its_words(studio, gallery, files):
    visit = first_visit(gallery)
    studio.timings.deaf = HearingUnavailable("No words were heard; make it again.")
    timed = [*result.listen(studio, visit)][-1][-1]
    assert "make it again" in result.listened(files, visit, timed).words
    studio.timings.deaf = None
    timed = [*result.listen(studio, visit)][-1][-1]
    assert timed.words[-1].probability == 0
    told = result.listened(files, visit, timed).words
    assert 'Marked words were heard <span class="unheard">not at all</span>. What was not heard is placed' in told
    elsewhere = replace(timed, take_id="another", words=(Word("x", 0, 1),))
    assert result.listened(files, visit, elsewhere).words == ""
