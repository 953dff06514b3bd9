"""Refusals of text are one sentence each, and say what to do."""

import pytest

from engine.errors import BadText
from engine.text import check, missing_letters, require_letters


def refusal(text: str, most: int = 1000) -> str:
    with pytest.raises(BadText) as caught:
        check(text, most)
    return str(caught.value)


@pytest.mark.parametrize("text", ["", "   ", "\n\t\r\n", "\u3000\u00a0"])
def test_no_text(text: str) -> None:
    assert refusal(text) == "There is nothing to say; write a sentence, then generate."


@pytest.mark.parametrize(
    "text", ["!?...", "***", "🙂🙂", "\u200b\u200d", "\0", "\ud800", "₪ % &", "\u0301\u0301", "—", "()"]
)
def test_only_symbols(text: str) -> None:
    assert "only symbols" in refusal(text)


def test_too_long() -> None:
    assert "200,000 characters and 100,000 are allowed" in refusal("a" * 200_000, 100_000)


def test_endless_number() -> None:
    assert "61 digits" in refusal("1" * 61)


@pytest.mark.parametrize("text", ["a", "5", "你", "½", "مرحبا", "a" * 1000])
def test_speakable(text: str) -> None:
    check(text, 1000)


def test_missing_letters_are_distinct_and_in_order() -> None:
    assert missing_letters(["ж", "a", "ö", "ж", "ni3"], {"a"}) == ("ж", "ö", "ni3")


def test_missing_letters_are_named_at_most_ten() -> None:
    with pytest.raises(BadText) as caught:
        require_letters("жöüß你好世界еёяц", {"a"}, "demo")
    assert str(caught.value) == "The model demo was never taught to read ж ö ü ß 你 好 世 界 е ё and 2 more; write the text without, or choose another model."  # fmt: skip


def test_unprintable_letters_are_named_by_code() -> None:
    with pytest.raises(BadText, match=r"read \\x1b;"):
        require_letters(["\x1b"], set(), "demo")


def test_nothing_missing_is_fine() -> None:
    require_letters("hello", set("helo"), "demo")
