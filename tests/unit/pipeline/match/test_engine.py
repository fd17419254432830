import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.queries import Naive, random_root, random_view
from tocsin.pipeline.match import engine as engine_module
from tocsin.pipeline.match.engine import Engine
from tocsin.pipeline.match.plan import Plan, plan
from tocsin.query import positions, reader
from tocsin.query.ast import And, Fuzzy, Node, Not, Phrase, Prefix, Term
from tocsin.query.evaluate import matches
from tocsin.query.view import View

QUERIES, ARTICLES = 60, 12


def differing(seed: int) -> int:
    """Pairs on which the engine and the naive reading disagree."""
    rnd = random.Random(seed)
    roots = {f"q{n:02}": random_root(rnd) for n in range(QUERIES)}
    engine = Engine()
    for name, root in roots.items():
        engine.add(name, root)
    differ = 0
    for _ in range(ARTICLES):
        view = random_view(rnd)
        found = set(engine.match(view))
        differ += sum(Naive(view).meets(root) != (name in found) for name, root in roots.items())
    return differ


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_the_engine_finds_what_a_naive_reading_of_every_query_finds(seed: int) -> None:
    assert differing(seed) == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_the_reference_agrees_with_the_naive_reading(seed: int) -> None:
    rnd = random.Random(seed)
    for _ in range(40):
        root, view = random_root(rnd), random_view(rnd)
        assert matches(root, view) == Naive(view).meets(root), (root, view)


def test_the_comparison_notices_a_slop_that_is_off_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = positions.near
    monkeypatch.setattr(reader, "near", lambda tokens, lists, slop: honest(tokens, lists, slop - 1))
    assert sum(differing(seed) for seed in range(6)) > 0


def test_the_comparison_notices_the_other_meaning_of_groups_that_exclude(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Raw Lucene: NOT x by itself finds nothing."""
    honest = reader.Reader.meets

    def raw(self: reader.Reader, node: Node) -> bool:
        return False if isinstance(node, Not) else honest(self, node)

    monkeypatch.setattr(reader.Reader, "meets", raw)
    assert sum(differing(seed) for seed in range(6)) > 0


def test_the_comparison_notices_a_presearcher_that_forgets_a_requirement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = plan

    def forgetful(root: Node, cost: Callable[[str], float]) -> Plan:
        made = honest(root, cost)
        return Plan(made.requirements[:1], made.rest)

    monkeypatch.setattr("tocsin.pipeline.match.engine.plan", forgetful)
    assert sum(differing(seed) for seed in range(6)) > 0


@settings(max_examples=25, deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_queries_added_and_removed_live_leave_nothing_behind(seed: int) -> None:
    rnd = random.Random(seed)
    engine = Engine()
    held: dict[str, Node] = {}
    for _ in range(120):
        name = f"q{rnd.randint(0, 15):02}"
        if rnd.random() < 0.5:
            held[name] = root = random_root(rnd)
            engine.add(name, root)
        else:
            held.pop(name, None)
            engine.remove(name)
        if rnd.random() < 0.2:
            view = random_view(rnd)
            assert engine.match(view) == sorted(n for n, r in held.items() if Naive(view).meets(r))
    for name in held:
        engine.remove(name)
    assert len(engine) == 0
    assert engine.match(random_view(rnd)) == []
    filed = (engine._sure, engine._narrow, engine._wide, engine._any, engine._groups)
    assert not any(filed)
    signs = engine._signs
    assert not any((signs._asked, signs._pairs, signs._stems, signs._fuzzy, signs._stem_sizes))


def test_filing_anew_by_learnt_frequencies_changes_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_module, "_LEARN", 5)
    assert differing(7) == 0


def test_equal_queries_are_filed_once_and_all_their_ids_are_found() -> None:
    engine = Engine()
    view = View(text=("swat", "valley"))
    for name in ("b", "a", "c"):
        engine.add(name, And((Term("", "swat"), Term("", "valley"))))
    assert len(engine._groups) == 1
    assert engine.match(view) == ["a", "b", "c"]
    engine.remove("b")
    engine.remove("a")
    engine.remove("a")
    assert engine.match(view) == ["c"]


def test_a_query_added_again_under_its_id_replaces_the_former() -> None:
    engine = Engine()
    engine.add("a", Term("", "swat"))
    engine.add("a", Term("", "dir"))
    assert engine.match(View(text=("swat",))) == []
    assert engine.match(View(text=("dir",))) == ["a"]
    assert len(engine) == 1
    assert "a" in engine


def test_a_word_that_looks_like_a_field_is_not_taken_for_one() -> None:
    engine = Engine()
    engine.add("title", Term("title", "swat"))
    engine.add("place", Term("place", "swat"))
    engine.add("pair", Phrase("", ("place", "swat")))
    assert engine.match(View(text=("title:swat", "place=swat", "place", "x", "swat"))) == []


def test_a_prefix_added_after_its_word_was_seen_is_found() -> None:
    engine = Engine()
    engine.add("other", Prefix("", "zzz"))
    view = View(text=("militants", "peshawar"), keywords={"place": frozenset({"south waziristan"})})
    assert engine.match(view) == []
    engine.add("stem", Prefix("", "mil"))
    engine.add("place", Prefix("place", "south waz"))
    engine.add("alike", Fuzzy("", "pehsawar"))
    assert engine.match(view) == ["alike", "place", "stem"]


def test_the_memory_of_words_is_bounded_and_forgetting_changes_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tocsin.pipeline.match.signs._MEMO_SIZE", 3)
    assert sum(differing(seed) for seed in range(4)) == 0
