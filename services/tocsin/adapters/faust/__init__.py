"""Hosts pure stages with Faust: it deals partitions and hands over records; we publish and commit.

Faust produces nothing here (outputs go through the bus inside the stage's `work`) and acknowledges
nothing: what it acknowledges on its own account includes what it skipped in a re-balance.
"""
