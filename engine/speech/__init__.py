"""Reference + chunks -> waveform. Knows no file names, no page, and of models only what `store` hands over."""

from .device import Device, find_device
from .model import PRUNED, Model, Models
from .sampler import EulerSampler, Sampler, Utterance
from .synthesis import Manner, speak
from .vocoder import Vocoder
from .watermark import Watermark

__all__ = [
    "PRUNED",
    "Device",
    "EulerSampler",
    "Manner",
    "Model",
    "Models",
    "Sampler",
    "Utterance",
    "Vocoder",
    "Watermark",
    "find_device",
    "speak",
]
