"""Fetch feeds and turn each new entry into an item."""
