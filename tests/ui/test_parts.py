"""No word of a person's becomes HTML."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Export, ModelInfo
from tests.ui.fakes import HEALTH, MODELS
from ui import parts
from ui.voices import Gallery, Voice

EVIL = "<img src=x onerror=alert(1)>\"'`${alert(1)}{{this}}</p><script>alert(1)</script>"
TAKE = Gallery.read().example


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def pieces(text):
    """Every piece that holds words which are not ours, with `text` for those words."""
    take = replace(TAKE, request=replace(TAKE.request, text=text, reference_text=text), notes=(text,), model=text)
    yield parts.facts(take, Export("id", link=text, error=text))
    yield parts.take_rows([(text, take, text, False), (text, take, text, True)])
    yield parts.status("bad", text, text, 0.5)
    yield parts.note(text)
    yield parts.voice_cards([Voice(text, text, text, text, Path("x"), (0.5,))])
    yield parts.header(replace(MODELS[1], title=text), replace(HEALTH, device=text, device_reason=text))
    yield parts.model_note(replace(MODELS[1], about=text, licence=text))
    yield parts.spectrogram(take, text)
    yield parts.cost(text, [text])
    yield parts.verdict(text, text, [text])


@given(st.one_of(st.just(EVIL), st.text(alphabet="<>\"'&/ =abonerrimgs`${}", min_size=1)))
def test_words_add_no_tag_and_no_attribute(text):
    plain = [Tags(piece) for piece in pieces("plain")]
    for known, piece in zip(plain, pieces(text), strict=True):
        found = Tags(piece)
        assert found.tags == known.tags
        assert found.attributes == known.attributes


def test_the_players_path_is_an_address_of_its_own():
    assert parts.url('/tmp/a b/ü?#".wav') == "gradio_api/file=/tmp/a%20b/%C3%BC%3F%23%22.wav"


def test_a_take_tells_length_seed_speed_model_and_the_words_copied():
    page = parts.facts(TAKE, None)
    for told in (f"{TAKE.seconds:.1f} s", str(TAKE.seed), f"{TAKE.real_time_factor:.2f}", TAKE.model):
        assert f"<dd>{told}</dd>" in page
    assert TAKE.request.reference_text in page
    assert "data-link" not in page


def test_words_that_must_be_scrolled_can_be_with_the_keys():
    long = replace(TAKE, request=replace(TAKE.request, text="word " * 50))
    assert parts.facts(long, None).count('tabindex="0"') == 1
    assert "tabindex" not in parts.facts(TAKE, None)


def test_an_export_gives_its_link_or_says_why_not():
    assert 'data-link="https://x/?a=1&amp;b=2"' in parts.facts(TAKE, Export("id", link="https://x/?a=1&b=2"))
    assert "Not exported: The bucket is away." in parts.facts(TAKE, Export("id", error="The bucket is away."))


@pytest.mark.parametrize(
    ("licence", "size", "told"),
    [
        ("CC-BY-NC-4.0", 1_350_000_000, "Licence: CC-BY-NC-4.0."),
        ("CC-BY-NC-4.0", 1_350_000_000, "1.4 GB"),
        ("MIT", 30_000_000, "30 MB"),
    ],
)
def test_a_model_tells_its_terms_where_it_is_chosen(licence, size, told):
    assert told in parts.model_note(ModelInfo("m", "M", "", licence, (), 12.0, False, size, False, False))


def test_the_header_says_which_model_answers():
    assert "Demo model" in parts.header(MODELS[0], HEALTH)
    page = parts.header(MODELS[1], HEALTH)
    assert "F5-TTS v1 Base" in page
    assert ">CPU, 2 cores<" in page
    assert 'title="The processor; fp32."' in page


def test_the_time_axis_has_few_ticks_and_none_past_the_end():
    for seconds in (0.4, 2, 9.2, 61, 3600):
        page = parts.spectrogram(replace(TAKE, seconds=seconds), "x.png")
        ticks = page.count(" s</span>")
        assert 1 <= ticks <= 11, (seconds, ticks)
