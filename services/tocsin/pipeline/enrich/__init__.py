"""What stands in an article: places, actors, figures, dates, credits."""
