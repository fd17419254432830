"""Thin shells that carry the stages: poll, handle, publish, commit."""
