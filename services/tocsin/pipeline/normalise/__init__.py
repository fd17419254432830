"""From a collected item to an article: address, title, text, clocks, language."""

from tocsin.pipeline.normalise.stage import normalise

__all__ = ["normalise"]
