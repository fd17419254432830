"""What stands in an article, each with its place: countries, people, figures, days, whose words."""

from tocsin.pipeline.enrich.stage import enrich

__all__ = ["enrich"]
