"""The parts of a take on the page, by the real model: moved, muted, given a pause, one made again, and all undone."""

import numpy as np

from engine.audio.join import FADE
from engine.restore import restore
from engine.types import RATE

from .browser import downloaded, generate, opened, say, serious

TEXT = "Hello there, my friend. The baker counted his loaves.\n\nThe bell rang twice."


def unfold(page, count):
    """Open the fold of a take of so many parts."""
    page.get_by_role("button", name=f"Parts of the take ({count})").click()
    page.locator("#parts li").nth(count - 1).wait_for()


def parts_of(page):
    """The numbers of the parts in the order they are listed."""
    return page.locator("#parts li").evaluate_all("rows => rows.map(row => +row.dataset.part + 1)")


def settled(page, told):
    """Wait until the player has a take that tells this, and the list can be used."""
    page.locator("#result .tb-notes", has_text=told).wait_for(timeout=120_000)
    page.locator("#parts .tb-parts:not([inert])").wait_for()


def test_parts_are_moved_muted_given_a_pause_one_is_made_again_and_all_is_undone(page, tmp_path):
    say(page, TEXT)
    assert "Done" in generate(page)
    file, before = downloaded(page, tmp_path)
    first, _, third = restore(file).parts
    unfold(page, 3)
    apply = page.get_by_role("button", name="Apply to the take")
    assert apply.is_disabled()
    assert page.get_by_role("button", name="Earlier: part 1").is_disabled()
    earlier = page.get_by_role("button", name="Earlier: part 3")
    earlier.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.ariaLabel") == "Earlier: part 3", "the key stays at hand"
    page.keyboard.press("Space")
    assert parts_of(page) == [3, 1, 2]
    pause = page.get_by_label("Pause after part 3 in seconds")
    pause.fill("9")
    apply.click()
    page.locator("#parts_line", has_text="from 0 to 5").wait_for()
    page.locator("#parts .tb-parts:not([inert])").wait_for()
    assert (parts_of(page), pause.input_value()) == ([3, 1, 2], "9"), "what was set stays"
    pause.fill("1.5")
    page.get_by_role("button", name="Mute part 2").click()
    page.get_by_role("button", name="Play part 1").click()
    page.get_by_role("button", name="Stop part 1").wait_for()
    apply.click()
    settled(page, "Changed: parts laid anew: 3 (then 1.5 s), 1.")
    file, laid = downloaded(page, tmp_path)
    length = third.end - third.start
    assert np.array_equal(laid[: length - FADE], before[third.start : third.end - FADE])
    assert np.array_equal(laid[-(first.end - FADE) :], before[FADE : first.end])
    assert len(laid) == length + round(1.5 * RATE) + first.end
    assert restore(file).request.text == "The bell rang twice. Hello there, my friend."
    assert parts_of(page) == [3, 1, 2], "the muted part can be had back"
    assert apply.is_disabled()
    page.get_by_role("button", name="Make part 1 again").click()
    page.get_by_role("button", name="Stop", exact=True).wait_for()
    settled(page, "part 1 made again")
    file, again = downloaded(page, tmp_path)
    assert np.array_equal(again[: length - FADE], laid[: length - FADE])
    assert not np.array_equal(again[-RATE:], laid[-RATE:])
    assert [told.split(" with")[0] for told in restore(file).mended] == [
        "part 1 made again",
        "parts laid anew: 3 (then 1.5 s), 1",
    ]
    page.get_by_role("button", name="Undo the change").click()
    page.wait_for_function("!document.querySelector('#result .tb-notes').textContent.includes('made again')")
    page.get_by_role("button", name="Undo the change").click()
    page.get_by_role("button", name="Undo the change").wait_for(state="hidden", timeout=30_000)
    assert np.array_equal(downloaded(page, tmp_path)[1], before)
    assert parts_of(page) == [1, 2, 3]


def test_making_a_part_again_is_stopped_and_one_part_has_nothing_to_set(app, browser):
    with opened(browser, app.url, 390, 900, color_scheme="dark") as page:
        unfold(page, 1)
        assert page.locator("#parts li").count() == 1
        assert not page.get_by_role("button", name="Mute part 1").count()
        for begun in ("", "Step"):  # at once, and in the middle
            page.get_by_role("button", name="Make part 1 again").click()
            page.locator("#parts_line", has_text=begun).wait_for(timeout=60_000)
            page.get_by_role("button", name="Stop", exact=True).click()
            page.locator("#parts_line", has_text="Stopped.").wait_for()
            page.get_by_role("button", name="Stop", exact=True).wait_for(state="hidden")
            page.wait_for_timeout(1000)  # gradio's page forgets what it cancelled once the server has answered
        assert page.get_by_role("button", name="Make part 1 again").is_enabled()
        assert not page.get_by_role("button", name="Undo the change").is_visible()
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"


def test_a_muted_part_can_be_had_back_once_a_word_of_another_was_said_again(page, tmp_path):
    say(page, TEXT)
    assert "Done" in generate(page)
    unfold(page, 3)
    page.get_by_role("button", name="Mute part 2").click()
    page.get_by_role("button", name="Apply to the take").click()
    settled(page, "Changed: parts laid anew: 1, 3.")
    page.get_by_role("button", name="Follow and mend words").click()
    page.get_by_role("option", name="bell", exact=True).click(timeout=60_000)
    page.get_by_role("button", name="Say again", exact=True).click()
    page.get_by_role("button", name="Use Try 1").click(timeout=120_000)
    settled(page, "Said again: “bell”.")
    assert restore(downloaded(page, tmp_path)[0]).request.text == "Hello there, my friend. The bell rang twice."
    mute = page.get_by_role("button", name="Mute part 2")
    assert mute.get_attribute("aria-pressed") == "true"
    mute.click()
    page.get_by_role("button", name="Apply to the take").click()
    page.wait_for_function("!document.querySelector('#result .tb-notes').textContent.includes('laid anew')")
    told = restore(downloaded(page, tmp_path)[0])
    assert (told.request.text, told.mended) == (TEXT, ("“bell”",))
