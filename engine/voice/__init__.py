"""A clip -> Reference."""

from .reference import Hear, align, prepare

__all__ = ["Hear", "align", "prepare"]
