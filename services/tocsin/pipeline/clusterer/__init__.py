"""Dedup and cluster in one handler: the stages don't know one another, this knows both."""

from tocsin.pipeline.clusterer.handler import Clusterer

__all__ = ["Clusterer"]
