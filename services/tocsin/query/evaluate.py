"""Decides whether an article meets a query, and shows why. The door that search, back-test, alerts and
the matcher's oracle share, so that they cannot disagree.
"""

from tocsin.query.ast import Node
from tocsin.query.explain import Clause, clauses, explain, spans
from tocsin.query.reader import Reader
from tocsin.query.view import View

__all__ = ["Clause", "Reader", "clauses", "explain", "matches", "spans"]


def matches(root: Node, view: View) -> bool:
    """Whether the article meets the query."""
    return Reader(view).meets(root)
