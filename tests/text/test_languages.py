"""A guess is told only when it is sure: a wrong warning is worse than none."""

import pytest

from engine.text import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello there, how are you today?", "en"),
        ("She sells sea shells by the sea shore.", "en"),
        ("Guten Tag, wie geht es Ihnen heute?", "de"),
        ("Bonjour tout le monde, comment allez-vous ?", "fr"),
        ("Hola, ¿cómo estás? Espero que todo vaya muy bien.", "es"),
        ("今天天气很好，我们出去走走吧。", "zh"),
        ("東京は今日も暑いです", "ja"),
        ("안녕하세요, 오늘 날씨가 좋네요", "ko"),
        ("Добрый день, сегодня хорошая погода на улице.", "ru"),
        ("شكرا جزيلا لك على مساعدتك لي في هذا العمل", "ar"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    ["", " ", "Hello", "Stop!", "la la la la la", "Barack Obama Angela Merkel", "123", "🙂", "\ud800", "x" * 500],
)
def test_unsure(text: str) -> None:
    assert language_of(text) == ""
