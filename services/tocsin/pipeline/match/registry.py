"""The subscriptions as the alerter holds them: parsed once, looked up by the words of an article.

A query that can no longer be read (its list is gone) stops its subscription, and says why; it never
stops the desk.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from tocsin.errors import UsageError
from tocsin.pipeline.match import conditions
from tocsin.pipeline.match.decide import Asks
from tocsin.pipeline.match.engine import Engine
from tocsin.query.ast import Node, Query
from tocsin.query.canonical import text_of
from tocsin.query.evaluate import Reader
from tocsin.query.explain import spans
from tocsin.query.parse import parse
from tocsin.query.view import View
from tocsin_schemas.article import Article
from tocsin_schemas.contract import Kind, Span
from tocsin_schemas.subscription import Reason, Subscription, WordList


@dataclass(frozen=True, slots=True)
class Saved:
    """A subscription whose query can be read: what is needed to decide, and nothing more, since a desk
    holds a hundred thousand.
    """

    id: str
    name: str
    query: str
    query_version: int
    effective_from: datetime
    unconfirmed_after_s: int
    demo: bool
    own: tuple[Node, ...]
    conditions: tuple[conditions.Condition, ...]
    asks: Asks

    def met_by(self, view: View) -> bool:
        """Whether an article meets the query, the story's conditions left aside."""
        reader = Reader(view)
        return all(reader.meets(node) for node in self.own)

    def evidence(self, article: Article, view: View) -> tuple[tuple[str, ...], tuple[Span, ...]]:
        """The clauses that the article meets, as written out, then what was asked of its story; and
        where the words of the former stand.
        """
        reader, root = Reader(view), conditions.article_root(self.own)
        met = [n for n in conditions.leaves(self.own) if reader.meets(n)]
        found = () if root is None else spans(root, article, view)
        return tuple(text_of(n) for n in (*met, *self.conditions)), found


def saved(subscription: Subscription, query: Query) -> Saved:
    """A subscription made ready to decide. `wounded` rings where the query names it (design §6)."""
    own, asked = conditions.part(query.root)
    kinds = frozenset(subscription.kinds) | conditions.kinds_named(query.root)
    return Saved(
        id=subscription.id,
        name=subscription.name,
        query=subscription.query,
        query_version=subscription.query_version,
        effective_from=subscription.effective_from,
        unconfirmed_after_s=subscription.unconfirmed_after_s,
        demo=subscription.demo,
        own=own,
        conditions=asked,
        asks=_asks(frozenset(subscription.reasons), tuple(subscription.origins), kinds),
    )


@lru_cache(maxsize=1024)
def _asks(reasons: frozenset[Reason], origins: tuple[int, ...], kinds: frozenset[Kind]) -> Asks:
    """Most subscriptions ask for the same: one value for all of them."""
    return Asks(reasons, origins, kinds)


class Registry:
    """Every enabled subscription, and the engine that finds those an article meets."""

    def __init__(self) -> None:
        self._engine = Engine()
        self._saved: dict[str, Saved] = {}
        self._loose: set[str] = set()
        self._lists: dict[str, tuple[str, ...]] = {}
        self.stopped: dict[str, str] = {}
        """Subscription id → why its query can't be read."""

    def lists(self, lists: Iterable[WordList]) -> None:
        """The reusable lists, all of them; the caller puts the subscriptions that use them again."""
        self._lists = {w.name: w.words for w in lists if not w.deleted}

    def put(self, subscription: Subscription) -> Saved | None:
        """Add or change a subscription; null where it does not watch (disabled, deleted, stopped)."""
        self.remove(subscription.id)
        if subscription.deleted or not subscription.enabled:
            return None
        try:
            query = parse(subscription.query, self._lists)
        except UsageError as error:
            self.stopped[subscription.id] = str(error)
            return None
        one = saved(subscription, query)
        self.add(one)
        return one

    def add(self, one: Saved) -> None:
        """Watch for a subscription whose query is read already."""
        root, ident = conditions.article_root(one.own), one.id
        if root is None:
            self._loose.add(ident)
        else:
            self._engine.add(ident, root)
        self._saved[ident] = one

    def remove(self, subscription_id: str) -> None:
        """Watch no longer; nothing happens if it did not."""
        self.stopped.pop(subscription_id, None)
        if self._saved.pop(subscription_id, None) is None:
            return
        if subscription_id in self._loose:
            self._loose.discard(subscription_id)
        else:
            self._engine.remove(subscription_id)

    def get(self, subscription_id: str) -> Saved | None:
        """The subscription, if it watches."""
        return self._saved.get(subscription_id)

    def match(self, view: View) -> list[str]:
        """Ids of the subscriptions whose article part `view` meets, in order."""
        loose = (i for i in self._loose if self._saved[i].met_by(view))
        return sorted({*self._engine.match(view), *loose})


def using(subscriptions: Iterable[Subscription], name: str) -> list[Subscription]:
    """Subscriptions whose query may speak of the list `name`, those that could not be read too."""
    sign = f"@list:{name}"
    return [s for s in subscriptions if sign in s.query]
