"""Sounds and clips for the tests: made here, or people's own from the f5-tts package."""

from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
import soundfile
from scipy.signal import lfilter

from engine.types import RATE, Samples

PEOPLE = Path(str(find_spec("f5_tts").submodule_search_locations[0])) / "infer/examples"
ENGLISH = PEOPLE / "basic/basic_ref_en.wav"
LIMITS = {"most_bytes": 10_000_000, "most_seconds": 60.0}


def voiced(seconds: float, seed: int = 0, level: float = 0.1, rate: int = RATE) -> Samples:
    """A hum of 90 to 250 Hz with two formants, swelling with the syllables: speech to all that looks at levels."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    pitch = random.uniform(90, 250) * (1 + 0.1 * np.sin(2 * np.pi * random.uniform(0.5, 2) * time))
    sound = sum(np.sin(2 * np.pi * k * np.cumsum(pitch) / rate) / k for k in range(1, 12))
    for formant in random.uniform((300, 900), (800, 2400)):
        pole = 0.97 * np.exp(2j * np.pi * formant / rate)
        sound = lfilter([1 - abs(pole)], [1, -2 * pole.real, abs(pole) ** 2], sound)
    sound *= 0.4 + 0.6 * np.abs(np.sin(np.pi * random.uniform(2, 4) * time))
    sound += 1e-3 * np.std(sound) * random.standard_normal(len(time))
    return (sound * level / np.sqrt(np.mean(sound**2))).astype(np.float32)


def film(file: Path, sound: Samples, codec: str, rate: int = 48_000, video: str = "") -> None:
    """Write a container FFmpeg names by the file's ending, with `sound` (at `rate`) and perhaps a moving picture."""
    with av.open(file, "w") as container:
        moving = container.add_stream(video, rate=10, width=64, height=64, pix_fmt="yuv420p") if video else None
        stream = container.add_stream(codec, rate=rate, layout="mono") if codec else None
        for number in range(10 if moving else 0):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number * 20, np.uint8), "rgb24")
            container.mux(moving.encode(frame))
        if moving:
            container.mux(moving.encode(None))
        if stream:
            frame = av.AudioFrame.from_ndarray(sound[None], "fltp", "mono")
            frame.sample_rate = rate
            fitted = av.AudioResampler(stream.format, "mono", rate, frame_size=stream.frame_size or None)
            for part in (*fitted.resample(frame), *fitted.resample(None)):
                container.mux(stream.encode(part))
            container.mux(stream.encode(None))


def long_flac(file: Path, seconds: int, rate: int = 4_000) -> None:
    """Silence by the hour, in a few bytes."""
    with soundfile.SoundFile(file, "w", rate, 1, "PCM_16", format="FLAC") as out:
        block = np.zeros(rate * 60, np.int16)
        for _ in range(seconds // 60):
            out.write(block)
