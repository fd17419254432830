"""Days told in the text, placed on the calendar by the day of publication."""
