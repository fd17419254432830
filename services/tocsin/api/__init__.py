"""The page and the JSON doors."""
