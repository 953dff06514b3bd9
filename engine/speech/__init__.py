"""Reference + chunks -> waveform. Knows no file names, no page, and of models only what `store` hands over."""

from .device import Device, Gpu, Machine, choose
from .infill import Gap, infill
from .lending import Models
from .machine import this_machine
from .memory import ThriftySampler
from .model import Model
from .network import Utterance
from .sampler import EPSS, EulerSampler, Sampler
from .synthesis import Manner, manner_of, speak, speech_frames
from .vocoder import Vocoder
from .watermark import FOUND, Watermark

__all__ = [
    "EPSS",
    "FOUND",
    "Device",
    "EulerSampler",
    "Gap",
    "Gpu",
    "Machine",
    "Manner",
    "Model",
    "Models",
    "Sampler",
    "ThriftySampler",
    "Utterance",
    "Vocoder",
    "Watermark",
    "choose",
    "infill",
    "manner_of",
    "speak",
    "speech_frames",
    "this_machine",
]
