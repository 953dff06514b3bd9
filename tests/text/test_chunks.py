"""Chunks hold the whole text, none above the limit, cut where a speaker would pause."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text import chunk, normalise
from engine.types import Chunk

WORDS = st.sampled_from(["Hello", "doctor", "a", "it", "supercalifragilistic", "naïve", "世界", "你好，", "e\u0301", "end.", "why?", "so,", "b;", "。", "\n\n"])  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=60).map(" ".join)).map(
    lambda text: normalise(text, "")
)
PROSE = "It was the best of times, it was the worst of times; it was the age of wisdom. Was it? It was. "


def walk(text: str, chunks: tuple[Chunk, ...]) -> int:
    """Where in `text` the last chunk ends, each standing where the docstring of `chunk` says."""
    at = 0
    for piece in chunks:
        assert text.startswith(piece.text, at)
        at += len(piece.text)
        gap = "\n\n" if piece.ends_paragraph else " "
        assert not piece.ends_paragraph or text.startswith(gap, at)
        at += len(gap) if text.startswith(gap, at) else 0
    return at


@settings(max_examples=500)
@given(TEXTS, st.integers(4, 150))
def test_chunks_rejoin_to_the_text(text: str, limit: int) -> None:
    chunks = chunk(text, limit)
    assert walk(text, chunks) == len(text)
    assert [piece.number for piece in chunks] == list(range(len(chunks)))
    assert sum(piece.ends_paragraph for piece in chunks) == text.count("\n\n")
    for piece in chunks:
        assert 0 < len(piece.text.encode()) <= limit
        assert piece.text == piece.text.strip()


def texts(text: str, limit: int) -> list[str]:
    return [piece.text for piece in chunk(text, limit)]


def test_nothing_to_say_has_no_chunks() -> None:
    assert chunk("", 100) == ()


def test_sentences_stay_whole_and_are_packed() -> None:
    assert texts("One two. Three four. Five six.", 22) == ["One two. Three four.", "Five six."]


def test_clauses_then_words_then_letters() -> None:
    assert texts("One two three, four five six.", 16) == ["One two three,", "four five six."]
    assert texts("One two three four", 9) == ["One two", "three", "four"]
    assert texts("abcdefghij", 4) == ["abcd", "efgh", "ij"] or texts("abcdefghij", 4) == ["abc", "def", "ghij"]


def test_no_tiny_last_chunk() -> None:
    sizes = [len(part) for part in texts("word " * 21, 100)]
    assert len(sizes) == 2
    assert max(sizes) - min(sizes) <= 5


def test_paragraphs_are_never_packed_together() -> None:
    assert chunk("Hi.\n\nYou.", 100) == (Chunk(0, "Hi.", True), Chunk(1, "You.", False))


def test_characters_and_their_marks_are_not_torn() -> None:
    assert all("\ufffd" not in part for part in texts("你好世界" * 20, 4))
    assert texts("g\u0303" * 4, 7) == ["g\u0303" * 2] * 2


def test_chinese_sentences_are_cut_without_a_space() -> None:
    assert texts("今天很好。我们出去。", 18) == ["今天很好。", "我们出去。"]


def test_limit_below_one_character_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        chunk("a", 3)


def test_attack_34_letters_without_a_space() -> None:
    begin = time.process_time()
    sizes = [len(part) for part in texts("a" * 100_000, 135)]
    assert time.process_time() - begin < 1
    assert sum(sizes) == 100_000
    assert len(sizes) == 741


def test_long_prose_is_fast() -> None:
    text = (PROSE * 2500)[:200_000].strip()
    begin = time.process_time()
    chunks = chunk(text, 135)
    assert time.process_time() - begin < 3
    assert walk(text, chunks) == len(text)


def test_the_first_chunk_is_short_where_something_ends_early() -> None:
    text = "The windows are open. " + PROSE * 3
    first, *rest = texts(text.strip(), 200)
    assert first == "The windows are open."
    assert max(map(len, rest)) - min(map(len, rest)) < 100
    assert texts("Well, come in and sit down, " + "and tell me what you saw " * 3 + ". " + PROSE, 120)[0] == "Well, come in and sit down,"  # fmt: skip
    assert len(texts("word " * 100, 150)[0]) > 100, "not in mid-clause"
    assert len(texts("The windows are open. The kettle is on.", 100)) == 1, "what is spoken in one go stays whole"
