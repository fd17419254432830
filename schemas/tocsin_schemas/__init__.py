"""What travels: the contracts of every event, and the topics that carry them.

Imports pydantic and the standard library only, so that anything may import it: a service,
a script of the customer's, a notebook. Adding an optional field is always allowed; any other
change is a new version with an upcaster (see `registry`).
"""
