import re
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from support.asgi_client import Client
from support.desk_fixture import EVIL, DeskFixture
from support.pages import Page
from tocsin.api.searching import narrowed
from tocsin.query.parse import parse


def ask(client: Client, query: str, extra: str = "") -> str:
    return client.get(f"/search?q={quote(query)}{extra}").text


def test_hits_carry_marks_where_the_matcher_found_the_words(client: Client) -> None:
    text = ask(client, 'killed:>=5 AND "south waziristan"')

    assert '<mark class="hit">South Waziristan</mark>' in text
    assert '<mark class="hit">nine to twenty</mark>' in text
    assert "<b>4 articles</b>" in text


def test_the_query_as_it_was_read_is_shown(client: Client) -> None:
    assert "raid AND protest" in ask(client, "raid protest")


def test_a_wrong_field_is_marked_in_place_with_a_link_that_mends_it(client: Client) -> None:
    answer = client.get("/search?q=" + quote("killed:>=5 AND plase:swat"))

    assert answer.status == 400
    assert "Line 1, column 16" in answer.text
    assert '<mark class="err">plase</mark>' in answer.text
    fix = next(a for a in Page(answer.text).all("a") if a.get("class") == "fix")
    wanted = parse_qs(urlsplit(fix["href"] or "").query)["q"][0]
    assert wanted == "killed:>=5 AND place:swat"
    assert client.get(fix["href"] or "").status == 200
    assert "Error" in Page(answer.text).title


def test_mixed_and_or_shows_both_readings_with_their_hits(client: Client) -> None:
    text = ask(client, "raid AND bannu OR bomb")

    readings = [unescape(r) for r in re.findall(r'class="fix"[^>]*><code>(.*?)</code>', text)]
    assert any(r.startswith("(raid AND bannu)") for r in readings)
    assert any("(bannu OR bomb)" in r for r in readings)
    assert text.count(" articles</span>") + text.count(" article</span>") >= 2


@pytest.mark.parametrize(
    "query", ['"unclosed', "NOT raid", "a" * 5000, "((((", "killed:>", "*", "x:y"]
)
def test_no_wrong_query_breaks_the_page(client: Client, query: str) -> None:
    answer = client.get("/search?q=" + quote(query))

    assert answer.status == 400
    assert "Line " in answer.text


def test_no_hit_shows_the_hits_of_each_clause(client: Client) -> None:
    text = ask(client, "waziristan AND nothinglikethat")

    assert "No article meets this." in text
    assert re.search(r"<code>waziristan</code></a>: \d+ article", text)
    assert "<code>nothinglikethat</code></a>: <b>no article</b>" in text


def test_facets_rewrite_the_text_of_the_query(client: Client) -> None:
    text = ask(client, "waziristan")

    links = [a["href"] or "" for a in Page(text).all("a") if "source" in (a["href"] or "")]
    queries = [parse_qs(urlsplit(x).query).get("q", [""])[0] for x in links]
    assert "waziristan AND source:Dawn" in queries
    assert client.get(links[queries.index("waziristan AND source:Dawn")]).status == 200


@pytest.mark.parametrize("value", ['a "quoted" name', "AND", "x OR y", "خبر", EVIL, "a\\"])
def test_any_facet_value_makes_a_query_that_parses(value: str) -> None:
    for text in ("raid", "raid OR bomb", 'raid "south waziristan"'):
        again = parse(narrowed(parse(text), "tag", value))
        assert "tag" in again.canonical


def test_the_window_stands_outside_the_query(client: Client) -> None:
    text = ask(client, "waziristan", "&from=2008-09-04&to=2008-09-04")

    assert "not part of a subscription" in text
    assert "<b>2 articles</b>" in text
    assert "from=2008" not in next(
        a["href"] or "" for a in Page(text).all("a") if "/subscriptions/new" in (a["href"] or "")
    )


def test_a_crooked_day_is_named(client: Client) -> None:
    answer = client.get("/search?q=raid&from=yesterday")

    assert answer.status == 400
    assert "from: a day such as" in answer.text


def test_bars_are_told_in_a_table_too(client: Client) -> None:
    text = ask(client, "waziristan")

    assert '<svg class="bars" aria-hidden="true"' in text
    assert "Table of the bars" in text


def test_the_door_finds_the_same_articles(full: DeskFixture, client: Client) -> None:
    query = quote('killed:>=5 AND "south waziristan"')

    found = client.get(f"/api/v1/articles?q={query}&explain=1").json()

    assert found["total"] == 4
    hit = found["hits"][0]
    assert {"article", "url", "title", "source", "published", "story", "spans"} <= hit.keys()
    assert hit["spans"]
    assert {c["met"] for c in hit["explain"]} == {True}


def test_the_door_names_place_and_correction(client: Client) -> None:
    answer = client.get("/api/v1/articles?q=" + quote("plase:swat"))

    error = answer.json()["error"]
    assert answer.status == 400
    assert (error["line"], error["column"]) == (1, 1)
    assert "place:swat" in error["corrections"]


def test_hostile_words_in_query_and_error_stay_words(client: Client) -> None:
    text = ask(client, f"{EVIL}:x")

    assert EVIL not in text
    assert "&lt;script&gt;" in text


def test_each_hit_says_which_clause_is_met_by_which_words(client: Client) -> None:
    text = ask(client, "killed:>=9 AND governor")

    why = re.search(r'<details class="whyhit">.*?</details>', text, re.DOTALL)
    assert why
    assert "<code>killed:&gt;=9</code>: <a href=" in why[0]
    assert "“20 people”</a>" in why[0]
    anchor = re.search(r'href="(/articles/[^"]+#(s\d+-\d+))">“20 people”', why[0])
    assert anchor
    assert f'id="{anchor[2]}"' in client.get(anchor[1].partition("#")[0].replace("&amp;", "&")).text


def test_the_caret_stands_under_the_fault_and_both_readings_are_links(client: Client) -> None:
    wrong = client.get("/search?q=killed:%3E%3D5+AND+plase:swat").text
    mixed = client.get("/search?q=raid+AND+governor+OR+bannu").text

    assert f'<span class="caret" aria-hidden="true">{" " * 15}^</span>' in wrong
    assert 'class="fix" href="/search?q=killed%3A%3E%3D5+AND+place%3Aswat"' in wrong
    assert "(raid AND governor) OR bannu" in mixed
    assert "raid AND (governor OR bannu)" in mixed
    assert re.search(r"</a> <span class=\"meta\">\d+ articles?</span>", mixed)
