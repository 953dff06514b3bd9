"""An own clip in a real browser: its report, a cure before and after, a long clip's parts, typed against heard, a video."""

import numpy as np
import pytest
import soundfile as sf

from ..audio.sounds import PEOPLE
from .browser import seconds, serious
from .conftest import running

SLOW = 120_000


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """With a model that copies 12 s of a clip; nothing is spoken here, so its weights need not be there."""
    with running(tmp_path_factory.mktemp("app"), TIMBRE_MODEL="F5TTS_v1_Base") as app:
        yield app


@pytest.fixture
def page(page, request):
    page.set_viewport_size({"width": getattr(request, "param", 1440), "height": 1000})
    page.locator("#voices label", has_text="Your own clip").click()
    page.wait_for_function("!document.querySelector('#reference_text textarea').value")  # the example's words are gone
    yield page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    assert serious(page) == []


def drop(page, file):
    page.locator("#own input[type=file]").set_input_files(file)
    page.locator("#card .tb-report").wait_for(timeout=SLOW)


def other(page, file):
    """Through the button for files that the recording's field refuses."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Use a video or another file").click()
    chooser.value.set_files(file)


def words(page):
    return page.locator("#reference_text textarea").input_value()


def heard(page):
    page.wait_for_function("document.querySelector('#reference_text textarea').value.includes('nature')", timeout=SLOW)


@pytest.fixture
def noisy(human, tmp_path):
    samples, rate = sf.read(human[0])
    noise = np.random.default_rng(0).normal(0, np.std(samples) / 5, len(samples))
    sf.write(tmp_path / "noisy.wav", 0.6 * (samples + noise), rate)
    return tmp_path / "noisy.wav"


@pytest.fixture
def long(human, tmp_path):
    samples, rate = sf.read(human[0])
    other, _ = sf.read("assets/voices/priya.wav")  # what is said thrice in a row, Whisper may hear twice
    pause = np.zeros(int(0.7 * rate))
    sf.write(tmp_path / "long.wav", np.concatenate([samples, pause, other, pause, samples]), rate)
    return tmp_path / "long.wav"


def test_a_good_clip_is_one_line(page, human):
    drop(page, human[0])
    assert "Good clip: 5.3 s, quiet room" in page.locator("#card").inner_text()
    assert page.locator("#clip button:visible", has_text="Undo").count() == 0
    assert page.locator("#stretches").is_hidden()
    page.locator("#voices label", has_text="Owen").click()
    page.locator("#card").wait_for(state="hidden", timeout=20_000)


def test_noise_is_removed_heard_before_and_after_and_undone(page, noisy):
    drop(page, noisy)
    heard(page)
    page.get_by_role("button", name="Remove the noise").click()
    assert seconds(page, "#cured") == pytest.approx(5.33, abs=0.1)
    assert page.locator("#own").is_hidden()
    page.locator("#card .good").wait_for(timeout=SLOW)
    page.locator("#side label", has_text="Before").click()
    page.locator("#own").wait_for(state="visible", timeout=20_000)
    page.locator("#side label", has_text="After").click()
    page.locator("#cured").wait_for(state="visible", timeout=20_000)
    page.locator("#voices label", has_text="Owen").click()
    page.locator("#cured").wait_for(state="hidden", timeout=20_000)
    page.locator("#voices label", has_text="Your own clip").click()
    page.locator("#cured").wait_for(state="visible", timeout=20_000)
    page.wait_for_timeout(1500)
    assert page.locator("#cured").is_visible(), "trying an example undoes nothing"
    page.get_by_role("button", name="Undo").click()
    page.locator("#own").wait_for(state="visible", timeout=SLOW)
    page.get_by_role("button", name="Remove the noise").wait_for(timeout=SLOW)


def test_of_a_long_clip_a_part_is_taken_and_another_can_be_chosen(page, long):
    drop(page, long)
    page.locator("#stretches input:checked").wait_for(state="attached", timeout=SLOW)
    length = "document.querySelector('#reference_text textarea').value.length"
    page.wait_for_function(f"{length} < 125", timeout=SLOW)
    assert 3 <= seconds(page, "#cured") <= 12
    # One more or less, as Whisper hears it; that any can be picked is held in tests/ui/test_clip.py.
    page.locator("#stretches .tb-card").last.locator("label").click()
    page.wait_for_function("[...document.querySelectorAll('#stretches input')].at(-1)?.checked", timeout=20_000)
    page.wait_for_function("!document.querySelector('#clip_note p')", timeout=SLOW)
    assert "nature" in words(page).lower()
    page.get_by_role("button", name="Undo").click()
    page.locator("#own").wait_for(state="visible", timeout=SLOW)
    page.wait_for_function(f"{length} > 130", timeout=SLOW)


def test_of_a_clip_that_fits_a_shorter_part_can_be_used_and_undone(page):
    drop(page, PEOPLE / "multi/town.flac")
    page.locator("#stretches fieldset", has_text="like the whole clip").wait_for(timeout=SLOW)
    assert page.locator("#stretches input:checked").count() == 0
    whole = words(page)
    page.locator("#stretches .tb-card label").click()
    assert 3 <= seconds(page, "#cured") <= 6.6
    box = "document.querySelector('#reference_text textarea').value"
    page.wait_for_function(f"whole => {box}.length < whole.length", arg=whole, timeout=SLOW)
    assert words(page) in whole
    page.get_by_role("button", name="Undo").click()
    page.locator("#own").wait_for(state="visible", timeout=SLOW)
    page.wait_for_function(f"whole => {box} === whole", arg=whole, timeout=SLOW)
    assert page.locator("#stretches input:checked").count() == 0


@pytest.mark.parametrize("page", [1440, 390], indirect=True)
def test_typed_words_are_compared_and_settled(page, human):
    page.locator("#reference_text textarea").fill("Some call me nature, others call her mother nature.")
    drop(page, human[0])
    page.locator("#differences", has_text="1 word differs").wait_for(timeout=SLOW)
    assert page.locator("#differences del").first.inner_text() == "her"
    page.get_by_role("button", name="Take heard: me").click()
    page.wait_for_function(
        "/others call me mother/i.test(document.querySelector('#reference_text textarea').value)", timeout=20_000
    )
    page.locator("#reference_text textarea").fill("Something else")
    page.locator("#text textarea").click()
    page.get_by_role("button", name="Compare with what is heard").click()
    page.locator("#differences", has_text="Hardly any of your words are heard").wait_for(timeout=SLOW)


def test_a_video_gets_in_and_what_is_no_sound_is_a_sentence(page, human, tmp_path):
    (tmp_path / "notes.pdf").write_bytes(b"%PDF-1.4 " * 100)
    page.locator("#own input[type=file]").set_input_files(tmp_path / "notes.pdf")  # where gradio's player refuses it
    page.locator("#heard_note .bad").wait_for(timeout=SLOW)
    assert page.locator(".toast-body").count() == 0
    other(page, video(human[0], tmp_path))
    page.locator("#card .tb-report").wait_for(timeout=SLOW)
    heard(page)


def video(clip, folder):
    """The clip as a phone's mp4."""
    import av

    samples, rate = sf.read(clip, dtype="float32")
    with av.open(str(folder / "phone.mp4"), "w") as container:
        picture = container.add_stream("mpeg4", rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("aac", rate=rate)
        sound.layout = "mono"
        for _ in range(10):
            container.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")))
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = rate
        container.mux(sound.encode(frame))
        container.mux([*picture.encode(), *sound.encode()])
    return folder / "phone.mp4"
