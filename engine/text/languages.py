"""Which language a text is in, guessed in order to warn, and what languages are called. Knows nothing of which a model
speaks.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SURE = 0.7
"""Probability from which a guess is told: a wrong warning is worse than none. Of 25 short texts tried, all above it were
right; wrong ones stayed below 0.41, as `Hello` (0.06) and `I love sushi and karaoke` (0.40)."""
SAMPLE = 2_000
"""Characters looked at: more of them do not make a guess better."""

# fmt: off
LANGUAGES = {
    "af": "Afrikaans", "ar": "Arabic", "hy": "Armenian", "az": "Azerbaijani", "be": "Belarusian", "bs": "Bosnian",
    "bg": "Bulgarian", "ca": "Catalan", "zh": "Chinese", "hr": "Croatian", "cs": "Czech", "da": "Danish", "nl": "Dutch",
    "en": "English", "et": "Estonian", "fi": "Finnish", "fr": "French", "gl": "Galician", "de": "German", "el": "Greek",
    "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "is": "Icelandic", "id": "Indonesian", "it": "Italian",
    "ja": "Japanese", "kn": "Kannada", "kk": "Kazakh", "ko": "Korean", "lv": "Latvian", "lt": "Lithuanian",
    "mk": "Macedonian", "ms": "Malay", "mr": "Marathi", "mi": "Maori", "ne": "Nepali", "no": "Norwegian",
    "fa": "Persian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sr": "Serbian",
    "sk": "Slovak", "sl": "Slovenian", "es": "Spanish", "sw": "Swahili", "sv": "Swedish", "tl": "Tagalog",
    "ta": "Tamil", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "cy": "Welsh",
}
"""Names of the languages Whisper hears well; others are heard too when they are detected."""
# fmt: on


def language_of(text: str) -> str:
    """Two-letter code (ISO 639-1) of the language `text` is in; empty when unsure: too short, mixed, no language."""
    language, probability = _identifier().classify(text[:SAMPLE])
    return language if probability >= SURE and len(language) == 2 else ""


def language_name(code: str) -> str:
    """What the language of a two-letter code is called in English; the code where we have no name for it."""
    return LANGUAGES.get(code, code)


@cache
def _identifier() -> LanguageIdentifier:
    """The model inside py3langid, which takes half a second to load."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
