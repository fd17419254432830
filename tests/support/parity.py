"""Articles and queries made to disagree about: hard words in many scripts, and queries taken from the
articles' own tokens, so that they meet; one letter off, one word off, one day off as often.

By seed. The queries keep the rules of the grammar (design §5), not its limits of size.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from support import builders as b
from tocsin.query.ast import (
    And,
    DateRange,
    FigureKind,
    FigureRange,
    Fuzzy,
    InStory,
    Leaf,
    Node,
    Not,
    Or,
    OriginsRange,
    Phrase,
    Prefix,
    Query,
    Term,
)
from tocsin.query.canonical import text_of
from tocsin.query.fields import KEYWORDS
from tocsin.query.view import View, view_of
from tocsin.text.clean import clean
from tocsin_schemas.article import Article, Citation, EventDate, Figure, Language, Mention, Stamp
from tocsin_schemas.contract import Span
from tocsin_schemas.identity import digest_id
from tocsin_schemas.story import ClusteredArticle, OriginCount

WORDS = (
    # plain, and one letter away from each other
    "raid", "raids", "Raider", "riad", "village", "vilage", "villages", "bombing", "bombign", "killed",
    "kiled", "soldier", "soldiers", "the", "of", "and", "OR", "not", "TO", "near",
    # signs within, signs around
    "O'Neil", "O’Neil’s", "U.S.", "3.14", "1,000", "12:30", "x:y", "a_b", "__init__", "wi-fi", "AT&T",
    "C++", "(cut)", '"said"', "[sic]", "{brace}", "back\\slash", "a/b", "1⁄2", "~tilde~1", "star*", "what?",
    "+plus", "-minus", "!no", "||", "&&", "^2", "title:raid", "*:*", "<b>", ">=5",
    # folding
    "café", "naïve", "straße", "STRASSE", "ﬁnance", "Ærø", "Đoković", "Łódź", "İstanbul", "ısı", "ΟΔΟΣ",
    "οδος", "ǧazi", "Ǥuard", "gazi", "guard", "ɴato", "ɶuvre", "ＡＢＣ", "ａ．ｂ", "№5", "ⅷ",
    # marks that stay
    "cafe\u0301s", "e\u0327\u0301x", "Qurʾan", "Hawaiʻi", "ёлка", "елка", "й", "الْعَرَبِيَّةُ", "سوات",
    "بو\u200cخوا", 'צה"ל', "ג'ורג'", "हिन्दी", "ภาษาไทย", "မြန်မာ",
    # signs that are words
    "東京都", "東京", "ニュース", "ｶﾅ", "한국어", "뉴스", "𠮷野", "👍", "👍🏽", "👨\u200d👩\u200d👧", "❤️", "🇫🇷🇩🇪",
    "1️⃣", "‼", "⁉️", "‼\u200d👍", "Ⓜ\u200d👍", "𝐀lpha",
    # longer than a token may be
    "x" * 254 + "'yz", "y" * 255, "z" * 256, "ß" * 200, "ﬃ" * 130, "𝐀" * 128 + "b", "w" * 600,
)  # fmt: skip
COMMON = WORDS[:20]
BLANKS = (" ", " ", " ", ", ", ". ", "\n", "—", "/", "-", "\u00a0", "\u3000", "\u200b", "")
VALUES = (
    "Swat", "Swat Valley", "South Waziristan", "South-Waziristan", "south", "Angoor Adda", "São Paulo",
    "D'Arcy", "U.S. Army", 'The "Base"', "東京 都", "ǧazi", "‼ news", "AND", "a:b*", "back\\slash \\", "x" * 199,
    "Al-Qaeda (in Iraq)", "Q [TO] Q", "straße 9",
)  # fmt: skip
KINDS: tuple[FigureKind, ...] = ("killed", "wounded", "missing", "kidnapped")
STORIES = tuple(digest_id("story", str(n)) for n in range(5))
DAY = date(2008, 9, 1)
HERE = Span(start=0, end=1)
FIRST = datetime.combine(DAY, time(), UTC)
_Text = Literal["", "title", "text"]


def random_articles(rnd: random.Random, count: int) -> list[ClusteredArticle]:
    """`count` articles, each with its own id."""
    made = []
    for n in range(count):
        inner = _article(rnd, f"http://parity.example/{n}")
        origins = tuple(
            OriginCount(name=name, article_id=digest_id(name))
            for name in ("AFP", "Dawn", "BBC", "Reuters")[: rnd.randint(0, 4)]
        )
        story = b.a_story(id=rnd.choice(STORIES), origins=origins)
        made.append(b.a_clustered(inner, story=story))
    return made


def _article(rnd: random.Random, url: str) -> Article:
    source = b.a_source(rnd.choice(VALUES), family=rnd.choice(("", *VALUES)))
    at = FIRST + timedelta(seconds=rnd.randint(0, 20) * 21_600 + rnd.choice((-1, 0, 0, 1)))
    return b.an_article(
        _words(rnd, rnd.randint(0, 5))[:1000],
        _words(rnd, rnd.choice((0, 3, 12, 40))),
        url=url,
        source=source,
        places=_mentions(rnd),
        persons=_mentions(rnd),
        actors=_mentions(rnd),
        tags=_mentions(rnd),
        countries=tuple(
            Mention(value=v, span=HERE) for v in rnd.choice(((), ("PK",), ("PK", "US")))
        ),
        cites=tuple(
            Citation(outlet=v, span=HERE) for v in rnd.choice(((), ("Dawn",), ("D'Arcy",)))
        ),
        language=Language(code=rnd.choice(("en", "ps", "und"))),
        figures=tuple(_figure(rnd) for _ in range(rnd.choice((0, 0, 1, 2, 3)))),
        dates=tuple(_event(rnd) for _ in range(rnd.choice((0, 0, 1, 2)))),
        published=Stamp(at=None if rnd.random() < 0.2 else at),
    )


def _words(rnd: random.Random, count: int) -> str:
    return clean(
        "".join(
            rnd.choice(COMMON if rnd.random() < 0.5 else WORDS) + rnd.choice(BLANKS)
            for _ in range(count)
        )
    )


def _mentions(rnd: random.Random) -> tuple[Mention, ...]:
    return tuple(
        Mention(value=v, span=HERE) for v in rnd.sample(VALUES, rnd.choice((0, 0, 1, 2, 3)))
    )


def _figure(rnd: random.Random) -> Figure:
    low: int | None = rnd.choice((0, 1, 5, 9, 20, 10**9))
    high: int | None = (low or 0) + rnd.choice((0, 0, 3, 11))
    if rnd.random() < 0.3:
        low, high = rnd.choice(((low, None), (None, high), (None, None)))
    role: Literal["event", "background"] = "background" if rnd.random() < 0.2 else "event"
    return Figure(kind=rnd.choice(KINDS), min=low, max=high, role=role, span=HERE)


def _event(rnd: random.Random) -> EventDate:
    first = DAY + timedelta(days=rnd.randint(-2, 9))
    return EventDate(start=first, end=first + timedelta(days=rnd.choice((0, 0, 1, 5))), span=HERE)


class Asker:
    """Makes queries from what stands in the articles."""

    def __init__(self, rnd: random.Random, articles: Sequence[ClusteredArticle]) -> None:
        self._rnd = rnd
        self._views = [view_of(article) for article in articles]

    def queries(self, count: int) -> Iterator[Query]:
        """`count` queries."""
        for _ in range(count):
            root = self._root()
            yield Query(root, text_of(root), text_of(root))

    def _root(self) -> Node:
        root = self._node(3, parent="")
        conditions: list[Node] = []
        if self._rnd.random() < 0.1:
            conditions.append(InStory(self._rnd.choice(STORIES)))
        if self._rnd.random() < 0.1:
            conditions.append(self._origins())
        if not conditions:
            return root
        if self._rnd.random() < 0.2:
            return conditions[0] if len(conditions) == 1 else And(tuple(conditions))
        return And((*(root.parts if isinstance(root, And) else (root,)), *conditions))

    def _node(self, depth: int, parent: str) -> Node:
        rnd = self._rnd
        shape = rnd.random()
        if depth == 0 or shape < 0.35:
            return self.leaf()
        if (shape < 0.65 or parent == "or") and parent != "and":
            parts = [self._node(depth - 1, "and") for _ in range(rnd.randint(1, 2))]
            while len(parts) < 2 or rnd.random() < 0.3:
                parts.insert(rnd.randint(0, len(parts)), Not(self._node(depth - 1, "not")))
            return And(tuple(parts))
        if parent == "or":
            return self.leaf()
        return Or(tuple(self._node(depth - 1, "or") for _ in range(rnd.randint(2, 3))))

    def leaf(self) -> Leaf:
        """One leaf of any kind; most are met by some article."""
        rnd = self._rnd
        view = rnd.choice(self._views)
        kinds: list[Any] = [self._term, self._phrase, self._prefix, self._fuzzy]
        kinds += [self._keyword, self._keyword, self._keyword_prefix, self._figures, self._dates]
        made: Leaf | None = None
        while made is None:
            made = rnd.choice(kinds)(view)
            view = rnd.choice(self._views)
        return made

    def _where(self) -> tuple[_Text, Literal["title", "text"]]:
        """The field to ask, and the field to take words from."""
        where: _Text = self._rnd.choice(("", "", "title", "text"))
        return where, where or self._rnd.choice(("title", "text"))

    def _term(self, view: View) -> Leaf | None:
        where, held = self._where()
        words = getattr(view, held)
        return Term(where, self._rnd.choice(words)) if words else None

    def _phrase(self, view: View) -> Leaf | None:
        rnd = self._rnd
        where, held = self._where()
        words: tuple[str, ...] = getattr(view, held)
        if len(words) < 2:
            return None
        first = rnd.randrange(len(words) - 1)
        run = list(words[first : first + rnd.randint(2, 5)])
        if rnd.random() < 0.3 and len(run) > 2:  # a word left out, or two swapped
            at = rnd.randrange(len(run) - 1)
            if rnd.random() < 0.5:
                del run[at]
            else:
                run[at : at + 2] = run[at + 1], run[at]
        return Phrase(where, tuple(run), rnd.choice((0, 0, 1, 2, 3, 5, 50)))

    def _prefix(self, view: View) -> Leaf | None:
        where, held = self._where()
        long = [w for w in getattr(view, held) if len(w) >= 3]
        if not long:
            return None
        word = self._rnd.choice(long)
        return Prefix(where, word[: self._rnd.choice((3, 3, 4, len(word)))])

    def _fuzzy(self, view: View) -> Leaf | None:
        rnd = self._rnd
        where, held = self._where()
        long = [w for w in getattr(view, held) if len(w) >= 5]
        if not long:
            return None
        word = rnd.choice(long)
        at = rnd.randrange(2, len(word))
        letter = rnd.choice((*word[:3], "s", "é", "東"))
        ways = (word, word[:at] + word[at + 1 :], word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :])  # fmt: skip
        made = rnd.choice(ways)
        return Fuzzy(where, made) if len(made) >= 5 else None

    def _keyword(self, view: View) -> Leaf | None:
        name = self._rnd.choice(KEYWORDS)
        values = sorted(view.keywords.get(name, ()))
        return Term(name, self._rnd.choice(values)) if values else None

    def _keyword_prefix(self, view: View) -> Leaf | None:
        name = self._rnd.choice([n for n in KEYWORDS if n not in {"country", "lang"}])
        long = sorted(v for v in view.keywords.get(name, ()) if len(v) >= 3)
        if not long:
            return None
        value = self._rnd.choice(long)
        return Prefix(name, value[: self._rnd.choice((3, 4, 6, 9, len(value)))])

    def _figures(self, _: View) -> Leaf:
        rnd = self._rnd
        low = rnd.choice((None, 0, 1, 4, 5, 9, 10, 21))
        high = (low or 0) + rnd.choice((0, 0, 3, 30))
        if low is not None and rnd.random() < 0.4:
            return FigureRange(rnd.choice(KINDS), low, None)
        return FigureRange(rnd.choice(KINDS), low, high)

    def _dates(self, _: View) -> Leaf:
        rnd = self._rnd
        if rnd.random() < 0.5:
            start = FIRST + timedelta(hours=rnd.randint(-12, 200))
            end = start + timedelta(seconds=rnd.choice((1, 3600, 86_400, 500_000)))
            field: Literal["published", "event_date"] = "published"
        else:
            start = FIRST + timedelta(days=rnd.randint(-4, 12))
            end = start + timedelta(days=rnd.choice((1, 1, 2, 30)))
            field = "event_date"
        side = rnd.random()
        return DateRange(field, None if side < 0.2 else start, None if 0.2 <= side < 0.4 else end)

    def _origins(self) -> OriginsRange:
        low = self._rnd.choice((None, 0, 1, 2, 3))
        high = self._rnd.choice((None, 2, 3)) if low is not None else 2
        return OriginsRange(low, high if high is None or low is None or high >= low else None)
