"""Texts as people and attackers send them: what `normalise` makes of the odd ones, in every language."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BadText
from engine.text import normalise

TOKENS = st.sampled_from(
    "Dr. St. e.g. etc. p.m. U.S. NASA FBI STOP A I II King Henry VIII March May 3 5 12 1/2 24/7 007 2024 1990s 1st 5% $ €5 "
    "$1.5M 555-1234 +1 - -- — – ... … ! ?! , ; : ' \" “ ” ( ) [ ] { } | \\ / * _ ~ ^ # @ & = < > ° °C km m² ½ x@y.com "
    "http://a.b/c 你好 3个 ，。 3:30 10- -5 1,000 1,2 .5 5. A. a.b. 🙂 é e\u0301 \u0301 \u200b \u202e \0 \ud800 مرحبا ١٢ 𝓗 ﬁ ①".split()
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.tuples(TOKENS, st.sampled_from(["", " ", " ", "\n", "\n\n"])), max_size=12).map(
        lambda parts: "".join(token + gap for token, gap in parts)
    ),
)
LANGUAGES = st.sampled_from(["en", "zh", "de", "fr", "ja", "ar", "xx", ""])


@settings(max_examples=600)
@given(TEXTS, LANGUAGES)
def test_what_comes_out_comes_out_the_same_again(text: str, language: str) -> None:
    spoken = normalise(text, language)
    assert normalise(spoken, language) == spoken


@settings(max_examples=300)
@given(TEXTS)
def test_english_comes_out_in_letters_and_plain_punctuation(text: str) -> None:
    for character in normalise(text, "en").replace("\n\n", " "):
        assert character in " .,!?;:'\"-，。！？、" or unicodedata.category(character)[0] in "LMNP", character
        assert not (character.isascii() and character.isdigit())


@settings(max_examples=300)
@given(TEXTS, LANGUAGES)
def test_only_single_spaces_and_paragraph_breaks_part_words(text: str, language: str) -> None:
    spoken = normalise(text, language)
    assert all(paragraph == " ".join(paragraph.split()) != "" for paragraph in spoken.split("\n\n")) or not spoken
    spoken.encode()


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("", ""),
        ("  \n\t ", ""),
        ("A", "A"),
        ("Hi", "Hi"),
        ("No.", "No."),
        ("Hello\r\nthere.\r\n\r\n\r\nNew   paragraph", "Hello there.\n\nNew paragraph"),
        ("one\u2028two\u2029three", "one two three"),
        ("“Yes,” she said — ‘no’…", "\"Yes,\" she said, 'no'..."),
        ("Wait!!!! What?!?!", "Wait! What?"),
        ("well.....", "well..."),
        ("• apples\n• pears", "apples, pears"),
        ("Great 👍🏽👨‍👩‍👧 work ❤️ ✨", "Great work"),
        ("1️⃣ first", "one first"),
        ("~~~ * * * ===", ""),
        ("**bold** and _this_", "bold and this"),
        ("zero\u200bwidth\ufeff and soft\u00adhyphen", "zerowidth and softhyphen"),
        ("a\u00a0b\u3000c", "a b c"),
        ("nul\0 bell\a esc\x1b[31m", "nul bell esc"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("cafe\u0301", "café"),
        ("z" + "\u0300" * 500, "z" + "\u0300" * 3),
        ("𝓗𝓮𝓵𝓵𝓸 Ｗｏｒｌｄ", "Hello World"),
        ("\u202eevil\u202c text", "evil text"),
        ("مرحبا بالعالم", "مرحبا بالعالم"),
        ("שלום world", "שלום world"),
        ("Hello 世界, 你好 there", "Hello 世界, 你好 there"),
        ("我有3只猫 and 3 dogs", "我有三只猫 and three dogs"),
        ("Привет, мир 5", "Привет, мир five"),
    ],
)
def test_odd_english(written: str, spoken: str) -> None:
    assert normalise(written, "en") == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("今天天气很好，我们出去走走吧！", "今天天气很好，我们出去走走吧！"),
        ("他说“你好”。", '他说"你好"。'),
        ("繁體中文也一樣。", "繁體中文也一樣。"),
        ("哪儿的花儿红？", "哪儿的花儿红？"),
        ("我有123元", "我有一百二十三元"),
        ("2024年3月5日", "二零二四年三月五日"),
        ("下午3:30", "下午三点三十分"),
        ("50%的人", "百分之五十的人"),
        ("1/2的人", "二分之一的人"),
        ("打电话555-1234", "打电话五五五，一二三四"),
        ("注意：很好（真的）。", "注意，很好，真的。"),
    ],
)
def test_chinese(written: str, spoken: str) -> None:
    assert normalise(written, "zh") == spoken


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=40))
def test_chinese_characters_pass_unharmed(text: str) -> None:
    assert normalise(text, "zh") == text


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("de", "Ich habe 21 Katzen", "Ich habe einundzwanzig Katzen"),
        ("de", "Es kostet 3,5 Mark", "Es kostet drei Komma fünf Mark"),
        ("de", "1.000 Leute, 50%", "eintausend Leute, fünfzig Prozent"),
        ("fr", "J'ai 80 euros", "J'ai quatre-vingts euros"),
        ("es", "Tengo 15 años", "Tengo quince años"),
        ("ru", "У меня 2 кошки", "У меня два кошки"),
        ("ja", "猫が3匹", "猫が三匹"),
        ("xx", "abc 123", "abc 1 2 3"),
    ],
)
def test_numbers_elsewhere(language: str, written: str, spoken: str) -> None:
    assert normalise(written, language) == spoken


def test_long_number_is_read_digit_by_digit() -> None:
    assert normalise("1234567890123456", "en") == "one two three four five six seven eight nine zero one two three four five six"  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh", "de", ""])
def test_attack_35_number_that_expands_to_pages(language: str) -> None:
    with pytest.raises(BadText, match="1,000 digits"):
        normalise("9" * 1000, language)
    assert len(normalise("9" * 60, language)) < 600


@pytest.mark.parametrize(
    "unit", ["a", "AB ", "1-", "-", "1,", "1/", "$1", "a.", "a-", "a@", '" ', "中", "(", "http://a", "+1", "Ab "]
)
def test_hostile_repetition_takes_seconds_not_minutes(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    begin = time.process_time()
    spoken = normalise(text, "en")
    assert time.process_time() - begin < 15
    assert len(spoken) <= 8 * len(text)
