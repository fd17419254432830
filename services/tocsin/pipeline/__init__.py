"""The path of the news, pure: no network, no disk, no clock of its own, never awaits.

One folder a stage, in the order of `topology.py`; stages do not know one another.
"""
