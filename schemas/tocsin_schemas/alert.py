"""A match worth telling, with all that its reader needs to judge it."""

from pydantic import Field

from tocsin_schemas.contract import Contract, Id, Kind, Mode, Span, UtcTime
from tocsin_schemas.subscription import Reason


class ToldRange(Contract):
    """What a subscription has been told of one kind: only ever widened."""

    kind: Kind
    min: int | None = None
    max: int | None = None
    lowered: int | None = Field(default=None, description="figure last told as lowered")


class AlsoRang(Contract):
    """A further reason of the same snapshot: counts as told and as rung."""

    reason: Reason
    fact: str = ""


class Why(Contract):
    """Evidence: the sentence, the matched clauses and where their words stand."""

    sentence: str = Field(description="`Killed moved from 9–9 to 9–20: maximum +11, needed 1.`")
    clauses: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    snippet: str = ""
    snippet_marks: tuple[tuple[int, int], ...] = ()


class DarkFeed(Contract):
    """A feed that was not ok between the story's first sight and the alert."""

    feed_id: Id
    name: str
    state: str
    since: UtcTime | None = None


class Alert(Contract):
    """`alert.raised`. Key: alert id (subscription, founding story, reason, fact)."""

    id: Id
    subscription_id: Id
    subscription_name: str
    query: str
    query_version: int
    story_id: Id
    founding_story_id: Id
    story_title: str
    story_revision: int
    reason: Reason
    fact: str = ""
    also: tuple[AlsoRang, ...] = ()
    article_id: Id
    article_version: int
    article_revision: int
    article_title: str
    url: str = ""
    source_name: str
    published: UtcTime | None = None
    collected: UtcTime
    rang: UtcTime = Field(description="stream time of the deciding event")
    why: Why
    told: tuple[ToldRange, ...] = Field(default=(), description="after this alert")
    articles: int = 0
    copies: int = 0
    origins: tuple[str, ...] = ()
    ancestors: tuple[str, ...] = Field(
        default=(), description="ids merged into the story: what was done about them holds for it"
    )
    coverage: tuple[DarkFeed, ...] = ()
    demo: bool = False
    mode: Mode = "live"
