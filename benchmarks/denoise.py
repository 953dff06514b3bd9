"""What denoising gains and what it costs: dB of speech over noise, and words that Whisper base no longer hears rightly.

    python -m benchmarks.denoise              noise of four kinds at 5, 10 and 15 dB in two clips
    python -m benchmarks.denoise --floor 0.2  with another least gain

Words are counted against what was said. New are those that are wrong after and were right in the noisy clip; where any
word is heard otherwise after than before, the app refuses the cure.
"""

from __future__ import annotations

import argparse

from engine.ended import ended
from engine.hearing import Whisper
from engine.settings import Settings
from engine.store import Weights
from engine.studio import ASSETS
from engine.types import Samples
from engine.voice import changed, denoise
from tests.voice import built

KINDS = ("white", "babble", "fan", "hum")
RATIOS = (5, 10, 15)
SAID = {
    "snow": "6 spoons of fresh snow peas, 5 thick slabs of blue cheese and maybe a snack for her brother bob.",
    "tomas and ines": "We kept the ladder by the kitchen door all winter. The harbour was quiet when the little boat came in.",
}
"""A person reading a sentence that is hard to hear, and two of the example voices."""


def heard(whisper: Whisper, sound: Samples) -> str:
    """What Whisper base hears."""
    return ended(whisper.transcribe(sound, "en"))[1].text


def main() -> None:
    """Add noise, take it out, hear both, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--floor", type=float, default=denoise.FLOOR)
    denoise.FLOOR = parser.parse_args().floor
    weights = Weights(Settings(), ASSETS)
    whisper = Whisper(lambda: weights.whisper("base"), "cpu", "int8", 900)
    clean = {"snow": built.person("multi/main.flac"), "tomas and ines": built.example("tomas", "ines")}
    print(
        f"{'clip':16}{'noise':8}{'dB':>3}{'gain':>7}{'wrong before':>14}{'after':>7}  new, and whether the cure is refused"
    )
    for clip, speech in clean.items():
        for kind in KINDS:
            for ratio in RATIOS:
                noise = built.noise(kind, len(speech), built.seed_of(f"{clip}{kind}{ratio}"))
                noisy = built.add(speech, noise, ratio)
                cured = denoise.denoise(noisy)
                gain = built.over_noise(cured, speech) - built.over_noise(noisy, speech)
                first, then = heard(whisper, noisy), heard(whisper, cured)
                before, after = changed(SAID[clip], first), changed(SAID[clip], then)
                new = ", ".join(word for word in after if word not in before)
                told = f"{new}{' refused' if changed(first, then) else ''}"
                print(f"{clip:16}{kind:8}{ratio:3}{gain:6.1f} {len(before):14}{len(after):7}  {told}", flush=True)


if __name__ == "__main__":
    main()
