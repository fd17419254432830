"""What an article states as one: the figures of an event make one range, parts and other events none."""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from support.builders import an_article
from tocsin.pipeline.cluster.ledger import stated
from tocsin.pipeline.enrich.casualties.figures import read

PUBLISHED = date(2024, 5, 14)
Ranges = dict[str, tuple[int | None, int | None]]


class Dispatch(NamedTuple):
    title: str
    body: str
    ranges: Ranges


def _dispatches() -> list[Dispatch]:
    text = (Path(__file__).parent / "dispatches.txt").read_text(encoding="utf-8")
    return [_dispatch(block) for block in text.split("\n\n") if not block.startswith("#")]


def _dispatch(block: str) -> Dispatch:
    title, body, wanted = block.strip().split("\n")
    ranges: Ranges = {}
    for told in filter(None, wanted.removeprefix("=").strip().split("; ")):
        kind, least, most = told.split()
        ranges[kind] = (_end(least), _end(most))
    return Dispatch(title, body, ranges)


def _end(told: str) -> int | None:
    return None if told == "-" else int(told)


def ranges(title: str, body: str) -> Ranges:
    figures = tuple(read(title, body, PUBLISHED))
    article = an_article(title, body, figures=figures)
    made = stated(article, "a" * 26, 1, origin=None, copy_of=None, revision=1)
    return {s.kind: (s.min, s.max) for s in made}


UNREAD = {"Air raid kills family": "an ordinal (a sixth person) is not counted up to a total"}


def _cases() -> list[Any]:
    return [
        pytest.param(
            d,
            id=d.title,
            marks=[pytest.mark.xfail(reason=UNREAD[d.title])] if d.title in UNREAD else [],
        )
        for d in _dispatches()
    ]


@pytest.mark.parametrize("dispatch", _cases())
def test_a_dispatch_states_what_a_reader_takes_from_it(dispatch: Dispatch) -> None:
    assert ranges(dispatch.title, dispatch.body) == dispatch.ranges
