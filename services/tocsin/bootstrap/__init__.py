"""Composition roots: which adapter stands behind which port."""
