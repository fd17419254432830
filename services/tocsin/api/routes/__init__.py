"""One file per page or door."""
