"""Random streams of an invented press: reprints, cuts, edits, tolls, sightings, near events."""

import random
from datetime import timedelta

from support.press import BUDGET, FERRY, MINE, START, killed, outlet, piece
from tocsin_schemas.article import Article
from tocsin_schemas.feed import Source
from tocsin_schemas.identity import digest_id, feed_id

_TEXTS = (FERRY, MINE, BUDGET)
_TITLES = ("Ferry Saint Brendan capsizes off Kilbaran", "Hollin colliery blast", "Varmia budget")
_WORDS = tuple(sorted({w for t in _TEXTS for w in t.split()}))
_SOURCES: tuple[Source, ...] = (
    outlet("Harbour Post"),
    outlet("Evening Mail"),
    outlet("Coast Times", family="Coast Group"),
    outlet("Coast Weekly", family="Coast Group"),
    outlet("All News", kind="aggregator"),
    outlet("Varmia Press Agency", kind="agency"),
)


def stream(seed: int, length: int) -> list[Article]:
    """`length` articles in order of collection; some share addresses, words, or both."""
    r = random.Random(seed)
    out: list[Article] = []
    minute = 0.0
    for n in range(length):
        minute += r.choice((0, 1, 7, 90, 1500))
        if out and r.random() < 0.15:
            out.append(_seen_again(r, r.choice(out), minute))
            continue
        event = r.randrange(3)
        text = _variant(r, _TEXTS[event])
        title = _TITLES[event] + r.choice(("", ", officials say", " again", f" ({n})"))
        source = r.choice(_SOURCES)
        address = f"https://p.example/{event}/{r.randrange(6)}"
        figures = [killed(r.choice((5, 9, 20)))] if r.random() < 0.4 else []
        out.append(
            piece(
                title,
                text,
                by=source,
                url=address,
                minutes=minute,
                figures=figures,
                credit=r.choice(("", "", "", "AFP", "Reuters")),
                feed=r.choice((source.name, "world", "front page")),
                dated=r.random() < 0.8,
            )
        )
    return out


def _seen_again(r: random.Random, article: Article, minute: float) -> Article:
    """The same words in another feed, at another address, under another key, or just again."""
    where = f"{r.randrange(3)}"
    at = {"collected": START + timedelta(minutes=minute)}
    root = {"root_id": digest_id("seen again", article.root_id, where, str(minute))}
    return article.model_copy(
        update=r.choice(
            (
                {},
                at | root | {"feed_id": feed_id(where)},
                at | root | {"url_key": f"{article.url_key}/amp{where}"},
                at | root | {"item_key": where},
            )
        )
    )


def _variant(r: random.Random, text: str) -> str:
    """The text as it is, cut, enlarged, edited, or told anew with some of its words."""
    sentences = text.split(". ")
    kind = r.randrange(6)
    if kind == 0:
        return text
    if kind == 1:
        return ". ".join(sentences[: r.randrange(1, len(sentences))]) + "."
    if kind == 2:
        return text + " " + r.choice(_TEXTS)
    if kind == 3:
        return text.replace(r.choice(text.split()), r.choice(_WORDS))
    if kind == 4:
        return " ".join(r.choice(text.split()) for _ in range(60)) + "."
    return " ".join(r.choice(_WORDS) for _ in range(50)) + "."
