"""Any article and any query over few words, so that they meet: what parity is tested with.

Words of several scripts, with marks inside, upper and lower case; values with blanks; open figures.
Queries keep the rules of the grammar (design §5): a negation stands beside a positive clause, story
conditions only at the top.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

from hypothesis import strategies as st

from support import builders as b
from tocsin.query.ast import (
    And,
    DateRange,
    FigureKind,
    FigureRange,
    Fuzzy,
    InStory,
    Node,
    Not,
    Or,
    OriginsRange,
    Phrase,
    Prefix,
    Term,
)
from tocsin.query.view import view_of
from tocsin_schemas.article import Article, Citation, EventDate, Figure, Language, Mention, Stamp
from tocsin_schemas.contract import Kind, Span
from tocsin_schemas.identity import digest_id
from tocsin_schemas.story import ClusteredArticle, OriginCount

WORDS = (
    "raid", "raids", "Raider", "village", "vilage", "O'Neil", "U.S.", "3.14", "café", "naïve",
    "Вана", "سوات", "東京", "ニュース", "straße", "a_b", "e-mail", "ABC", "👍", "and", "not", "near",
    "soldiers", "soldier", "bombing", "bombign", "x:y", "co\u200dop", "ภาษาไทย", "I\u0307stanbul",
)  # fmt: skip
VALUES = ("Angoor Adda", "Wana", "São Paulo", "al-Qaeda", "Wana Bazaar", "D'Arcy", "東京 都")
KEYWORD_FIELDS = ("place", "actor", "person", "tag", "country", "lang", "source", "family", "cites")
FIGURES: tuple[FigureKind, ...] = ("killed", "wounded", "missing", "kidnapped")
STORIES = tuple(digest_id("story", str(n)) for n in range(3))
DAYS = tuple(date(2008, 9, day) for day in (1, 3, 20))
HERE = Span(start=0, end=1)

_text = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from([" ", ", ", ". ", "\n", " — ", "/", "-"])),
    max_size=14,
).map(lambda pairs: "".join(word + mark for word, mark in pairs))
_number = st.integers(0, 12)
_open_number = st.none() | _number
_mentions = st.lists(st.sampled_from(VALUES), max_size=2).map(
    lambda values: tuple(Mention(value=v, span=HERE) for v in values)
)


@st.composite
def figures(draw: st.DrawFn) -> Figure:
    kinds: tuple[Kind, ...] = FIGURES
    low, high = draw(_open_number), draw(_open_number)
    if low is not None and high is not None and low > high:
        low, high = high, low
    roles: tuple[Literal["event", "background"], ...] = ("event", "background")
    role = draw(st.sampled_from(roles))
    return Figure(kind=draw(st.sampled_from(kinds)), min=low, max=high, role=role, span=HERE)


@st.composite
def articles(draw: st.DrawFn) -> ClusteredArticle:
    """Any article, read and clustered; its id is for the caller to give."""
    start = draw(st.sampled_from(DAYS))
    end = max(start, draw(st.sampled_from(DAYS)))
    moment = datetime(2008, 9, 3, 12, tzinfo=UTC) + draw(st.integers(-48, 48)) * timedelta(hours=1)
    source = draw(st.sampled_from([b.a_source(), b.a_source("Daily Times", family="Times Group")]))
    inner: Article = b.an_article(
        draw(_text),
        draw(_text),
        source=source,
        places=draw(_mentions),
        persons=draw(_mentions),
        actors=draw(_mentions),
        countries=draw(
            st.sampled_from([(), (Mention(value="PK", span=HERE), Mention(value="US", span=HERE))])
        ),
        tags=draw(_mentions),
        cites=draw(st.sampled_from([(), (Citation(outlet="Dawn", place="Karachi", span=HERE),)])),
        language=Language(code=draw(st.sampled_from(["en", "ps", "und"]))),
        figures=tuple(draw(st.lists(figures(), max_size=3))),
        dates=draw(st.sampled_from([(), (EventDate(start=start, end=end, span=HERE),)])),
        published=Stamp(at=draw(st.sampled_from([None, moment]))),
    )
    origins = tuple(
        OriginCount(name=name, article_id=digest_id(name))
        for name in ("AFP", "Dawn", "BBC")[: draw(st.integers(0, 3))]
    )
    story = b.a_story(id=draw(st.sampled_from(STORIES)), origins=origins)
    return b.a_clustered(inner, story=story)


def _tokens() -> list[str]:
    """Every token that the words make, and a few that none does."""
    view = view_of(b.a_clustered(b.an_article(" ".join(WORDS), "")))
    return sorted({*view.title, "absent", "vilages", "soldeirs"})


TOKENS = _tokens()
_LONG = [t for t in TOKENS if len(t) >= 5 and t.isalpha()]
_token = st.sampled_from(TOKENS)
_where = st.sampled_from(["", "title", "text"])
_value = st.sampled_from([*(v.lower() for v in VALUES), "são paulo", "sao paulo", "pk", "en", "dawn",
                          "daily times", "times group"])  # fmt: skip
_keyword = st.sampled_from(KEYWORD_FIELDS)


@st.composite
def date_ranges(draw: st.DrawFn) -> DateRange:
    ends = [
        datetime(2008, 9, 1, tzinfo=UTC) + timedelta(hours=draw(st.integers(0, 600)))
        for _ in range(2)
    ]
    start, end = sorted(ends)
    return DateRange(
        draw(st.sampled_from(["published", "event_date"])),
        draw(st.sampled_from([None, start])),
        end + timedelta(hours=1),
    )


_leaf: st.SearchStrategy[Node] = st.one_of(
    st.builds(Term, _where, _token),
    st.builds(Term, _keyword, _value),
    st.builds(
        Phrase, _where, st.lists(_token, min_size=2, max_size=3).map(tuple), st.integers(0, 5)
    ),
    st.builds(Prefix, _where, _token.filter(lambda t: len(t) >= 3).map(lambda t: t[:4])),
    st.builds(Prefix, _keyword, _value.filter(lambda v: len(v) >= 3).map(lambda v: v[:3])),
    st.builds(Fuzzy, _where, st.sampled_from(_LONG)),
    st.builds(FigureRange, st.sampled_from(FIGURES), _open_number, _number),
    st.builds(FigureRange, st.sampled_from(FIGURES), _number, _open_number),
    date_ranges(),
)


def _joined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(inner, min_size=2, max_size=3)
    with_negation = st.tuples(inner, st.lists(inner, min_size=1, max_size=2)).map(
        lambda pair: And((pair[0], *(Not(part) for part in pair[1])))
    )
    return st.one_of(
        parts.map(lambda p: And(tuple(p))), parts.map(lambda p: Or(tuple(p))), with_negation
    )


_tree = st.recursive(_leaf, _joined, max_leaves=6)
_story = st.builds(InStory, st.sampled_from(STORIES)) | st.builds(
    OriginsRange, st.integers(0, 3), st.none() | st.integers(1, 3)
)


def queries() -> st.SearchStrategy[Node]:
    """Any query that the grammar allows."""
    return _tree | st.tuples(_tree, _story).map(And) | _story
