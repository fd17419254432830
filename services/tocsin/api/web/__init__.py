"""The page: templates, styles, one script."""
