"""An article's words as the index holds them: our own tokens for FTS5, and the rest of its view.

The search decides by the same `View` as the live matcher; it is put together here from what is stored,
so that nothing is analysed twice. What is written is never read back in another form.
"""

from datetime import date, datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any

import orjson

from tocsin.adapters.sqlite.candidates import keyword
from tocsin.query.view import View, view_of
from tocsin_schemas.story import ClusteredArticle

WORDS_VERSION = b"1"
"""Raise it when the same text makes other tokens (new tables of `text.analysis`): the next `put` of an
article then writes its words again.
"""


class Words:
    """The words of one article to be written. Analysing the text is put off until it is needed."""

    def __init__(self, clustered: ClusteredArticle) -> None:
        self._clustered = clustered
        article = clustered.article.model_copy(update={"title": "", "text": ""})
        self._rest = view_of(clustered.model_copy(update={"article": article}))

    @property
    def story_id(self) -> str:
        """The story that the view names."""
        return self._rest.story_id

    @cached_property
    def keywords(self) -> str:
        """One token for each keyword value: `field=value`."""
        return " ".join(
            keyword(field, value)
            for field, values in sorted(self._rest.keywords.items())
            for value in sorted(values)
        )

    @cached_property
    def print(self) -> bytes:
        """Tells whether the words differ from those held: a hash of all they are made of."""
        article = self._clustered.article
        made_of = (article.title, article.text, self.keywords)
        digest = blake2b(WORDS_VERSION, digest_size=16)
        for part in made_of:
            raw = part.encode()
            digest.update(f"{len(raw)}:".encode())
            digest.update(raw)
        return digest.digest()

    def prepare(self) -> None:
        """Analyse now, where nobody waits."""
        _ = self.tokens

    @cached_property
    def tokens(self) -> tuple[str, str]:
        """Title and text as tokens, parted by spaces."""
        view = view_of(self._clustered)
        return " ".join(view.title), " ".join(view.text)

    @cached_property
    def facts(self) -> bytes:
        """The view without its words."""
        rest = self._rest
        return orjson.dumps(
            {
                "k": {field: sorted(values) for field, values in sorted(rest.keywords.items())},
                "f": rest.figures,
                "p": rest.published,
                "d": rest.event_days,
                "s": rest.story_id,
                "o": rest.origins,
            }
        )


def view_from(title: str, body: str, facts: bytes) -> View:
    """The view of which `Words` wrote these."""
    rest: dict[str, Any] = orjson.loads(facts)
    return View(
        title=_parted(title),
        text=_parted(body),
        keywords={field: frozenset(values) for field, values in rest["k"].items()},
        figures=tuple((kind, least, most) for kind, least, most in rest["f"]),
        published=datetime.fromisoformat(rest["p"]) if rest["p"] else None,
        event_days=tuple(
            (date.fromisoformat(start), date.fromisoformat(end)) for start, end in rest["d"]
        ),
        story_id=rest["s"],
        origins=rest["o"],
    )


def _parted(tokens: str) -> tuple[str, ...]:
    return tuple(tokens.split(" ")) if tokens else ()
