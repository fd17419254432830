"""Tocsin: news monitoring that rings once. Silence means nothing new happened."""

__version__ = "0.1.0"
