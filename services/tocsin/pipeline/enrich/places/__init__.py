"""Countries and places that an article is about, from the names that stand in it."""
