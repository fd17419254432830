"""What is asked; that it means what the matcher decides is shown on a real node (tests/contract)."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings

from contract.queries import queries
from tocsin.adapters.elasticsearch.dsl import clause_of
from tocsin.adapters.elasticsearch.mappings import FIELDS
from tocsin.query.ast import (
    And,
    DateRange,
    FigureRange,
    Fuzzy,
    InStory,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Term,
)


def _walk(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [pair for k, v in value.items() for pair in ((k, v), *_walk(v))]
    if isinstance(value, list):
        return [pair for part in value for pair in _walk(part)]
    return []


@given(queries())
@settings(max_examples=60, deadline=None)
def test_every_query_is_json_over_mapped_fields_without_scores_or_text_to_parse(root: Node) -> None:
    clause = clause_of(root)
    assert clause == json.loads(json.dumps(clause))
    for name, value in _walk(clause):
        assert name not in {"must", "query_string", "simple_query_string", "match", "multi_match"}
        if name in {"term", "prefix", "fuzzy", "match_phrase", "range"}:
            assert value.keys() <= FIELDS["articles"].keys()


def test_a_bare_word_is_looked_for_in_title_or_text() -> None:
    assert clause_of(Term("", "raid")) == {
        "bool": {
            "should": [{"term": {"title": "raid"}}, {"term": {"text": "raid"}}],
            "minimum_should_match": 1,
        }
    }


def test_a_negation_excludes_beside_what_is_required() -> None:
    root = And((Term("tag", "strike"), Not(Term("lang", "en")), Prefix("place", "ang")))
    assert clause_of(root) == {
        "bool": {
            "filter": [{"term": {"tag": "strike"}}, {"prefix": {"place": {"value": "ang"}}}],
            "must_not": [{"term": {"lang": "en"}}],
        }
    }


def test_an_alternative_of_a_conjunction_stays_one_alternative() -> None:
    root = Or((Term("tag", "a"), And((Term("tag", "b"), Term("tag", "c")))))
    assert len(clause_of(root)["bool"]["should"]) == 2


def test_a_phrase_hands_its_tokens_over_as_they_are() -> None:
    clause = clause_of(Phrase("text", ("o'neil", "II"), 3))
    assert clause["match_phrase"]["text"] == {
        "query": "o'neil II",
        "slop": 3,
        "analyzer": "tocsin_tokens",
    }


def test_a_fuzzy_word_is_held_to_distance_one_after_two_equal_letters() -> None:
    asked = clause_of(Fuzzy("text", "soldeirs"))["fuzzy"]["text"]
    assert (asked["fuzziness"], asked["prefix_length"], asked["transpositions"]) == (1, 2, True)
    assert asked["max_expansions"] == 1024


def test_an_open_figure_asks_for_any_figure_that_reaches_it() -> None:
    assert clause_of(FigureRange("killed", 9, None)) == {
        "range": {"killed": {"gte": 9, "relation": "intersects"}}
    }
    assert clause_of(FigureRange("killed", None, None)) == {"exists": {"field": "killed"}}


def test_a_figure_beyond_what_is_held_is_asked_for_as_the_largest() -> None:
    assert clause_of(FigureRange("missing", 2**40, None))["range"]["missing"]["gte"] == 2**31 - 1


def test_publication_is_half_open_and_an_event_date_goes_by_days() -> None:
    start, end = datetime(2008, 9, 3, tzinfo=UTC), datetime(2008, 9, 4, tzinfo=UTC)
    published = clause_of(DateRange("published", start, end))["range"]["published"]
    assert published == {"gte": "2008-09-03T00:00:00+00:00", "lt": "2008-09-04T00:00:00+00:00"}
    event = clause_of(DateRange("event_date", start, end))["range"]["event_date"]
    assert event == {"gte": "2008-09-03", "lte": "2008-09-03", "relation": "intersects"}


def test_a_story_without_an_id_is_met_by_none() -> None:
    assert clause_of(InStory("")) == {"match_none": {}}
