"""What text is here: cleaned once at the door, and cut into the tokens that index, matcher and FTS5 share."""
