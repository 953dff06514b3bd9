"""Money, fractions, percentages and units: what numbers count."""

from __future__ import annotations

import re

from ..numbers import cardinal, ordinal, plural
from .rules import ALONE, NUMBER, Rule, choice, rule, stop

CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "US$": ("U S dollar", "U S dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "", ""),
    "₩": ("won", "won", "", ""),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₽": ("ruble", "rubles", "kopeck", "kopecks"),
    "₺": ("lira", "lira", "", ""),
    "₿": ("bitcoin", "bitcoins", "", ""),
    "₦": ("naira", "naira", "", ""),
    "₪": ("shekel", "shekels", "", ""),
    "₱": ("peso", "pesos", "", ""),
    "₫": ("dong", "dong", "", ""),
    "₴": ("hryvnia", "hryvnias", "", ""),
    "¢": ("cent", "cents", "", ""),
    "USD": ("U S dollar", "U S dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "JPY": ("yen", "yen", "", ""),
    "CAD": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "AUD": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "CHF": ("Swiss franc", "Swiss francs", "", ""),
}
MAGNITUDES = {"k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion", "t": "trillion"}
MAGNITUDES |= {word: word for word in ("thousand", "million", "billion", "trillion")}
_PER = {"km/h": "kilometer", "kph": "kilometer", "kmh": "kilometer", "mph": "mile"}
_PLAIN = {
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "nm": "nanometer", "µm": "micrometer",
    "mi": "mile", "yd": "yard", "yds": "yard", "ft": "foot", "in.": "inch", "kg": "kilogram", "g": "gram",
    "mg": "milligram", "µg": "microgram", "lb": "pound", "lbs": "pound", "oz": "ounce", "l": "liter", "L": "liter",
    "ml": "milliliter", "mL": "milliliter", "cl": "centiliter", "dl": "deciliter", "gal": "gallon", "ms": "millisecond",
    "s": "second", "sec": "second", "secs": "second", "min": "minute", "mins": "minute", "h": "hour", "hr": "hour",
    "hrs": "hour", "yrs": "year", "V": "volt", "W": "watt", "kW": "kilowatt", "MW": "megawatt", "GW": "gigawatt",
    "kWh": "kilowatt hour", "mAh": "milliamp hour", "kcal": "kilocalorie", "kJ": "kilojoule", "dB": "decibel",
    "kB": "kilobyte", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "MP": "megapixel",
    "px": "pixel", "°": "degree",
}  # fmt: skip
_SQUARES = {"m": "meter", "km": "kilometer", "cm": "centimeter", "mm": "millimeter", "ft": "foot", "in": "inch", "mi": "mile"}  # fmt: skip
_FIXED = {
    "%": "percent", "x": "times", "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz",
    "fps": "frames per second", "rpm": "R P M", "psi": "P S I", "dpi": "D P I", "kbps": "kilobits per second",
    "Mbps": "megabits per second", "Gbps": "gigabits per second",
}  # fmt: skip


def _many(word: str) -> str:
    irregular = {"foot": "feet", "inch": "inches", "hertz": "hertz"}
    first, _, rest = word.rpartition(" ")
    return f"{first} {irregular.get(rest) or plural(rest)}".strip()


UNITS: dict[str, tuple[str, str]] = {sign: (word, _many(word)) for sign, word in _PLAIN.items()}
UNITS |= {sign: (word, word) for sign, word in _FIXED.items()}
UNITS |= {sign: (f"{word} per hour", f"{_many(word)} per hour") for sign, word in _PER.items()}
UNITS |= {"m/s": ("meter per second", "meters per second")}  # fmt: skip
UNITS |= {sign + two: (f"square {word}", f"square {_many(word)}") for sign, word in _SQUARES.items() for two in "²2"}
UNITS |= {f"sq {sign}": (f"square {word}", f"square {_many(word)}") for sign, word in _SQUARES.items()}
UNITS |= {sign + "³": (f"cubic {word}", f"cubic {_many(word)}") for sign, word in _SQUARES.items()}
UNITS |= {degree + sign: (f"degree {name}", f"degrees {name}") for sign, name in (("C", "Celsius"), ("F", "Fahrenheit")) for degree in ("°", "° ")}  # fmt: skip
SAID = {"24/7": "twenty-four seven", "9/11": "nine eleven", "50/50": "fifty fifty"}
"""Written as fractions, said otherwise."""
_FRACTION = r"(?:\d+ )?\d+/\d+"
_QUANTITY = rf"(?:{_FRACTION}|{NUMBER})"


def _price(match: re.Match[str]) -> str:
    minus, before, low, high, magnitude, after = match.group("minus", "before", "low", "high", "magnitude", "after")
    one, many, cent, cents = CURRENCIES[before or after]
    sign = "minus " if minus else ""
    if high or magnitude:
        amount = f"{cardinal(low)} to {cardinal(high)}" if high else cardinal(low)
        return " ".join(filter(None, (f"{sign}{amount}", MAGNITUDES.get((magnitude or "").lower()), many)))
    whole, _, fraction = low.partition(".")
    if len(fraction) != 2 or not cent:
        return f"{sign}{cardinal(low)} {one if low == '1' else many}"
    parts = [f"{cardinal(whole)} {one if whole == '1' else many}"] if int(whole.replace(",", "") or 0) else []
    if int(fraction) or not parts:
        parts.append(f"{cardinal(str(int(fraction)))} {cent if fraction == '01' else cents}")
    return sign + " and ".join(parts)


def _fraction(figure: str) -> str:
    """«3/4», «1 1/2» or «24/7» as it is said."""
    if figure in SAID:
        return SAID[figure]
    whole, _, part = figure.rpartition(" ")
    above, below = part.split("/")
    if not 2 <= int(below) <= 100 or int(above) >= 1000:
        spoken = f"{cardinal(above)} over {cardinal(below)}"
    elif int(above) == 1:
        name = {2: "half", 4: "quarter"}.get(int(below)) or ordinal(below).removeprefix("one ")
        spoken = f"{'a' if whole else 'one'} {name}"
    else:
        name = {2: "halves", 4: "quarters"}.get(int(below)) or plural(ordinal(below).removeprefix("one "))
        spoken = f"{cardinal(above)} {name}"
    return f"{cardinal(whole)} and {spoken}" if whole else spoken


def _amount(figure: str) -> str:
    return _fraction(figure) if "/" in figure else cardinal(figure)


def _measure(match: re.Match[str]) -> str:
    figure, dash, sign = match.groups()
    proper = "/" in figure and " " not in figure
    one, many = UNITS[sign]
    word = one if figure == "1" or proper or dash else many
    return f"{_amount(figure)}{dash or ' '}{word}{stop(match) if sign == 'in.' else ''}"


def _feet(match: re.Match[str]) -> str:
    return f"{cardinal(match[1])} feet {cardinal(match[2])} inches"


_PRICE = rf"(?P<low>{NUMBER})(?: ?- ?(?P<high>{NUMBER}))?(?: ?(?P<magnitude>{choice(MAGNITUDES)})(?!\w))?"
_MINUS = r"(?P<minus>(?<!\w)-)?"
MONEY: tuple[Rule, ...] = (
    rule(rf"{_MINUS}(?<!\w)(?P<before>{choice(CURRENCIES)}) ?(?i:{_PRICE})(?P<after>)", _price),
    rule(rf"{_MINUS}(?P<before>){ALONE}(?i:{_PRICE}) ?(?P<after>{choice(CURRENCIES)})(?!\w)", _price),
    *(rule(re.escape(sign), f" {names[1]} ") for sign, names in CURRENCIES.items() if not sign[-1].isalpha()),
)
RULES: tuple[Rule, ...] = (
    rule(rf"{ALONE}(\d{{1,2}})' ?(\d{{1,2}})(?:\"|'')", _feet),
    rule(rf"{ALONE}({_QUANTITY})(?: |(-))?({choice(UNITS)})(?![\w²³])(?:\.(?= [a-z]|,))?", _measure),
    rule(rf"{ALONE}({_FRACTION})(?![\w/])", lambda match: _fraction(match[1])),
)
