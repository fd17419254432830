"""Item to clean title, text, address, dates and language."""
