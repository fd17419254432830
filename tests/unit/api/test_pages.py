import re

import pytest

from support.asgi_client import Client
from support.desk_fixture import EVIL, NOW, DeskFixture
from support.pages import Page, page_addresses
from tocsin.ports.registers import message
from tocsin_schemas.identity import digest_id
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.topics import OUTCOMES


def test_every_page_answers_and_is_a_page(full: DeskFixture, client: Client) -> None:
    for address in page_addresses(full):
        answer = client.get(address)

        page = Page(answer.text)
        assert answer.status == 200, (address, answer.text[:500])
        assert answer.headers["content-type"].startswith("text/html"), address
        assert page.count("h1") == 1, address
        assert page.count("main") == 1, address
        assert page.title, address


def test_every_page_of_an_empty_desk_answers(bare_client: Client) -> None:
    for path in ("/", "/stories", "/search", "/subscriptions", "/alerts", "/feeds", "/deadletters"):
        assert bare_client.get(path).status == 200, path


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "Nothing collected yet."),
        ("/stories", "No story yet."),
        ("/subscriptions", "Search first"),
        ("/alerts", "No open alert."),
        ("/feeds", "No feeds."),
        ("/deadletters", "None in 90 days."),
    ],
)
def test_an_empty_page_says_what_to_do(bare_client: Client, path: str, words: str) -> None:
    assert words in bare_client.get(path).text


def test_titles_differ_between_pages(full: DeskFixture, client: Client) -> None:
    titles = [Page(client.get(a).text).title for a in page_addresses(full) if "?" not in a]

    assert len(titles) == len(set(titles))


def test_the_coverage_line_counts_feeds_on_every_page(full: DeskFixture, client: Client) -> None:
    for address in page_addresses(full):
        text = client.get(address).text
        assert "11 feeds" in text, address
        assert "6 not ok" in text, address
        assert "index up to date" in text, address


def test_a_fault_of_the_store_is_told_on_every_page(full: DeskFixture, client: Client) -> None:
    full.problem, full.lag = "The disk is full: free 1 GiB.", 38

    text = client.get("/").text

    assert "The disk is full: free 1 GiB." in text
    assert "38 articles behind" in text


def test_a_change_of_feeds_is_seen_by_the_next_page(full: DeskFixture, client: Client) -> None:
    client.get("/")

    client.post(f"/feeds/{full.ids['feed Dawn']}", form={"do": "pause"})

    assert "2 paused" in client.get("/feeds").text


def test_copies_are_folded_into_the_line_of_their_original(client: Client) -> None:
    text = client.get("/").text

    assert "+ 6 copies" in text
    assert "reprinted 1" not in text


def test_unknown_addresses_are_not_found_without_a_traceback(client: Client) -> None:
    for path in ("/nope", "/articles/x", "/stories/x", "/alerts/x", "/feeds/x", "/subscriptions/x"):
        answer = client.get(path)
        assert answer.status == 404, path
        assert "Traceback" not in answer.text
        assert "<h1>" in answer.text


def test_doors_answer_a_missing_thing_as_json(client: Client) -> None:
    for kind in ("articles", "stories", "alerts", "feeds", "subscriptions", "deadletters"):
        answer = client.get(f"/api/v1/{kind}/nope")
        assert answer.status == 404, kind
        assert answer.json()["error"]["message"]


def test_a_merged_story_leads_to_its_survivor(full: DeskFixture, client: Client) -> None:
    answer = client.get(f"/stories/{full.ids['merged']}")

    assert answer.status == 301
    assert answer.headers["location"].startswith(f"/stories/{full.ids['raid']}")


def test_times_carry_zone_and_machine_form(client: Client) -> None:
    text = client.get("/").text

    assert 'datetime="2008-09-05T09:55:00Z"' in text
    assert "UTC" in text


def test_a_story_says_what_is_new_since_a_revision(full: DeskFixture, client: Client) -> None:
    text = client.get(f"/stories/{full.ids['raid']}?since=9").text

    assert "New since revision 9" in text
    assert text.count('class="tag new"') == 1


def test_a_story_without_figures_says_so(full: DeskFixture, client: Client) -> None:
    assert (
        "No casualty figure found in 1 article"
        in client.get(f"/stories/{full.ids['mills-story']}").text
    )


def test_origins_that_disagree_are_named(full: DeskFixture, client: Client) -> None:
    text = client.get(f"/stories/{full.ids['raid']}").text

    assert "origins disagree" in text
    assert "excludes Dawn" in text


def test_the_brief_as_markdown_cites_each_statement(full: DeskFixture, client: Client) -> None:
    answer = client.get(f"/stories/{full.ids['raid']}/brief.md")

    assert answer.headers["content-type"].startswith("text/markdown")
    lines = [line for line in answer.text.splitlines() if "range after it" in line]
    assert len(lines) == 6
    assert all(re.search(r"\[\d+\] v\d+, characters \d+–\d+", line) for line in lines)


def test_markdown_of_hostile_words_holds_no_markup(full: DeskFixture, client: Client) -> None:
    text = client.get(f"/stories/{full.ids['hostile-0-story']}/brief.md").text

    assert EVIL not in text
    assert "\\<script\\>" in text


def test_two_versions_are_compared_by_sentence(full: DeskFixture, client: Client) -> None:
    text = client.get(f"/articles/{full.ids['bbc']}/versions").text

    assert "<del>" in text
    assert "<ins>" in text
    assert "12 people" in text
    assert "became" in text


def test_a_page_asks_to_be_loaded_again_only_when_told(client: Client) -> None:
    assert client.get("/?refresh=60").headers["refresh"] == "60"
    assert "refresh" not in client.get("/").headers
    assert "refresh" not in client.get("/?refresh=soon").headers


def test_preferences_are_kept_in_a_cookie_and_used(client: Client) -> None:
    answer = client.post(
        "/preferences", form={"theme": "dark", "density": "compact", "next": "//evil.example"}
    )

    assert answer.status == 303
    assert answer.headers["location"] == "/preferences?done=kept"
    text = client.get("/").text
    assert 'data-theme="dark"' in text
    assert 'data-keys="off"' in text


def test_feeds_show_word_shape_and_reason_of_each_state(client: Client) -> None:
    text = client.get("/feeds").text

    for shape, word in (("▲", "failing"), ("■", "blocked"), ("✕", "not a feed"), ("◧", "gap"),
                        ("◔", "silent"), ("‖", "waiting"), ("○", "empty"), ("✳", "new"),
                        ("▭", "paused"), ("●", "ok")):  # fmt: skip
        assert re.search(rf"{shape}</span> {word}", text), word
    assert "HTTP 500, 7 polls in a row" in text
    assert text.index("Khyber Mail") < text.index("Pajhwok") < text.index("Sleepy Times")


def test_the_atom_feed_of_a_subscription_holds_its_alerts(
    full: DeskFixture, client: Client
) -> None:
    answer = client.get(f"/subscriptions/{full.ids['waziristan']}/feed.atom")

    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert answer.text.count("<entry>") == 2


def test_own_api_page_loads_nothing_from_elsewhere(client: Client) -> None:
    text = client.get("/api/docs").text

    assert "/api/v1/items" in text
    assert not re.search(r'(src|href)="https?://', text)
    assert client.get("/docs").status == 404


def test_health_doors_answer(client: Client, full: DeskFixture) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json()["articles"] > 0
    assert 'tocsin_feeds{state="failing"} 1.0' in client.get("/metrics").text
    full.problem = "disk full"
    assert client.get("/readyz").status == 503


def test_an_article_shows_its_clocks_and_marks(full: DeskFixture, client: Client) -> None:
    text = client.get(f"/articles/{full.ids['dawn']}").text

    assert '<mark class="figure" id="s' in text
    assert '<mark class="place"' in text
    assert "collected" in text
    assert NOW.strftime("%Y") not in text.split("<main")[1].split("made ")[0].replace(
        "2008-09-", ""
    )


@pytest.mark.parametrize(
    ("ended", "words"),
    [("filtered", "filtered by the rule"), ("merged", "already held that text"),
     ("sighting", "further sighting"), ("dead", "dead letter (cpu)")],
)  # fmt: skip
def test_an_item_without_an_article_tells_what_became_of_it(
    full: DeskFixture, client: Client, ended: str, words: str
) -> None:
    root = digest_id("root", "gone")
    body = Outcome.model_validate(
        {"root_id": root, "ended": ended, "reason": "cpu", "at": NOW, "article_id": None}
    )
    full.bus.produce([message(OUTCOMES, root, body, root_id=root, at=NOW)])

    answer = client.get(f"/articles/{root}")

    assert answer.status == 404
    assert words in answer.text


def test_only_our_own_words_stand_in_a_success_message(client: Client) -> None:
    assert "Done: pause." in client.get("/feeds?done=pause").text
    assert "Send+money" not in client.get("/feeds?done=Send+money").text.replace(" ", "+")


def test_an_item_that_ended_in_an_article_leads_to_it_from_either_id(
    full: DeskFixture, client: Client
) -> None:
    root = digest_id("root", "seen again")
    body = Outcome.model_validate(
        {"root_id": root, "ended": "sighting", "at": NOW, "article_id": full.ids["bbc"]}
    )
    gone = digest_id("article", "gone")
    other = Outcome.model_validate(
        {"root_id": digest_id("root", "x"), "ended": "indexed", "at": NOW, "article_id": gone}
    )
    for o in (body, other):
        full.bus.produce([message(OUTCOMES, o.root_id, o, root_id=o.root_id, at=NOW)])

    answer = client.get(f"/articles/{root}")

    assert answer.status == 404
    assert "further sighting" in answer.text
    assert f'href="/articles/{full.ids["bbc"]}">Its article</a>' in answer.text
    assert "The item was indexed" in client.get(f"/articles/{gone}").text
