import random
from collections.abc import Iterator

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.queries import Naive, random_root, random_view
from tocsin.adapters.sqlite.candidates import Candidates, keyword
from tocsin.adapters.sqlite.candidates import compile as candidates_of
from tocsin.query.ast import And, InStory, Node, Not, Or, Phrase, Term
from tocsin.query.errors import QueryError
from tocsin.query.parse import parse
from tocsin.query.view import View
from tocsin.text.clean import clean
from tocsin.text.tokens import tokenize

TABLE = """
create virtual table article_fts using fts5(title, body, kw,
  tokenize="ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\\]^_`{|}~'")
"""


@pytest.fixture(name="index")
def _index() -> Iterator[apsw.Connection]:
    connection = apsw.Connection(":memory:")
    connection.execute(TABLE)
    yield connection
    connection.close()


def put(index: apsw.Connection, row: int, view: View) -> None:
    values = [keyword(name, v) for name, held in view.keywords.items() for v in held]
    index.execute(
        "insert into article_fts(rowid, title, body, kw) values (?, ?, ?, ?)",
        (row, " ".join(view.title), " ".join(view.text), " ".join(values)),
    )


def proposed(index: apsw.Connection, found: Candidates) -> set[int]:
    if found.match is None:
        rows = index.execute("select rowid from article_fts")
    else:
        rows = index.execute(
            "select rowid from article_fts where article_fts match ?", (found.match,)
        )
    return {int(str(row)) for (row,) in rows}


@pytest.mark.parametrize("seed", range(12))
def test_every_article_that_meets_a_query_is_a_candidate(index: apsw.Connection, seed: int) -> None:
    rnd = random.Random(seed)
    views = [random_view(rnd) for _ in range(60)]
    for row, view in enumerate(views):
        put(index, row, view)
    narrowed = 0
    for _ in range(120):
        root = random_root(rnd)
        found = candidates_of(root)
        rows = proposed(index, found)
        meeting = {row for row, view in enumerate(views) if Naive(view).meets(root)}
        assert meeting <= rows, (seed, root, found)
        narrowed += len(rows) < len(views)
    assert narrowed > 60  # a superset that proposes all proves nothing


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.sampled_from(("{}", '"{}"~3', "title:{}", "place:{}*", "{}~1")))
def test_no_written_text_makes_fts5_stumble(text: str, form: str) -> None:
    text = clean(text)
    try:
        query = parse(form.format(text.replace("\\", "\\\\").replace('"', '\\"')))
    except QueryError:
        return
    index = apsw.Connection(":memory:")
    index.execute(TABLE)
    view = View(
        title=tuple(tokenize(text)),
        text=tuple(tokenize(text)),
        keywords={"place": frozenset({" ".join(tokenize(text))} - {""})},
    )
    put(index, 1, view)
    if Naive(view).meets(query.root):
        assert proposed(index, candidates_of(query.root)) == {1}
    index.close()


@pytest.mark.parametrize(
    "token",
    ['"', '""', "*", "(", "a'b", "NEAR", "OR", "title:x", "^a", "-a", "a b", "{title}", "''"],
)
def test_hostile_tokens_are_only_words(index: apsw.Connection, token: str) -> None:
    put(index, 1, View(text=(token, "swat")))
    roots: tuple[Node, ...] = (
        Term("", token),
        Phrase("", (token, "swat")),
        Phrase("", (token, "swat"), 2),
        Term("place", token),
    )
    for root in roots[:3]:
        assert proposed(index, candidates_of(root)) == {1}
    assert proposed(index, candidates_of(roots[3])) == set()


def test_what_fts5_cannot_say_is_left_out_of_the_and() -> None:
    root = parse('"south waziristan" killed:>=5 NOT cricket').root
    assert candidates_of(root).match == '{title body} : "south waziristan"'


def test_a_query_of_figures_alone_proposes_all_articles() -> None:
    assert candidates_of(parse("killed:>=5 OR swat").root).match is None
    assert candidates_of(parse("published:2008").root).match is None


def test_the_story_is_an_exact_key() -> None:
    story = "a" * 26
    found = candidates_of(And((Term("", "swat"), InStory(story))))
    assert found == Candidates('{title body} : "swat"', {"story_id": story})


def test_keyword_values_are_one_token() -> None:
    assert (
        candidates_of(parse('place:"South Waziristan"').root).match
        == 'kw : "place=south▁waziristan"'
    )
    assert candidates_of(parse("place:south\\ waz*").root).match == 'kw : "place=south▁waz" *'


def test_the_largest_query_is_no_trouble(index: apsw.Connection) -> None:
    put(index, 1, View(text=("w127",)))
    words: tuple[Node, ...] = tuple(Term("", f"w{n}") for n in range(128))
    assert proposed(index, candidates_of(Or(words))) == {1}
    deep: Node = Term("", "w127")
    for n in range(20):
        deep = Or((deep, Term("", "x"))) if n % 2 else And((deep, Or((Term("", "w127"), deep))))
        if n > 8:
            break
    assert proposed(index, candidates_of(deep)) == {1}
    assert proposed(index, candidates_of(And((*words, Not(words[0]))))) == set()
