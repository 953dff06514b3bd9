"""Reference + chunks -> waveform. Knows no file names, no page, and of models only what `store` hands over."""

from .device import Device, choose
from .lending import Models
from .machine import this_machine
from .memory import ThriftySampler
from .model import Model
from .network import Utterance
from .sampler import EPSS, EulerSampler, Sampler
from .synthesis import Manner, speak, speech_frames
from .vocoder import Vocoder
from .watermark import FOUND, Watermark

__all__ = [
    "EPSS",
    "FOUND",
    "Device",
    "EulerSampler",
    "Manner",
    "Model",
    "Models",
    "Sampler",
    "ThriftySampler",
    "Utterance",
    "Vocoder",
    "Watermark",
    "choose",
    "speak",
    "speech_frames",
    "this_machine",
]
