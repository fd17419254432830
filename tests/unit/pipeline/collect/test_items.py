"""What is new in an answer: identity, versions, first polls, and that nothing comes twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import a_feed
from tocsin.pipeline.collect.items import (
    MAX_LEFT,
    Harvest,
    content_hash,
    fitting,
    harvest,
    item_key,
    wants_page,
    with_page,
)
from tocsin.pipeline.collect.parse.model import ParsedFeed
from tocsin_schemas.feed import FeedState
from tocsin_schemas.item import Page, RawEntry

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FEED = a_feed("http://paper.example/feed")


def entry(guid: str = "1", title: str = "One", text: str = "x", **over: str) -> RawEntry:
    link = over.pop("link", f"http://paper.example/{guid}")
    return RawEntry(guid=guid, title=title, summary=text, link=link, **over)  # type: ignore[arg-type]  # every value is a string


def feed_of(*entries: RawEntry) -> ParsedFeed:
    return ParsedFeed("rss20", entries=entries, entry_bases=("http://b.example/",) * len(entries))


def state(found: Harvest | None = None) -> FeedState:
    base = FeedState(feed_id=FEED.id, url=FEED.url)
    if found is None:
        return base
    return base.model_copy(update={"seen": found.seen, "succeeded": NOW})


def polled(*entries: RawEntry, after: Harvest | None = None) -> Harvest:
    return harvest(FEED, feed_of(*entries), state(after), NOW)


def test_the_same_answer_again_brings_nothing() -> None:
    first = polled(entry("1"), entry("2", "Two"))
    assert [c.item.entry.guid for c in first.new] == ["2", "1"]
    again = polled(entry("1"), entry("2", "Two"), after=first)
    assert again.new == ()
    assert again.overlap


def test_a_changed_text_under_a_known_key_is_a_version() -> None:
    first = polled(entry(text="Nine died."))
    second = polled(entry(text="Ten died."), after=first)
    (before,), (after,) = first.new, second.new
    assert before.item.item_key == after.item.item_key
    assert before.item.content_hash != after.item.content_hash
    assert before.item.root_id != after.item.root_id


def test_markup_blanks_and_dates_make_no_version() -> None:
    first = polled(entry(text="<p>Nine  <b>died</b>.</p>", published="2026-11-24T10:00:00Z"))
    second = polled(entry(text="Nine died.", published="2026-11-24T11:59:59Z"), after=first)
    assert second.new == ()


def test_an_entry_is_known_by_guid_else_link_else_title_and_date() -> None:
    assert item_key(entry("g")) == "g"
    assert item_key(entry("", link="http://x.example/l")) == "http://x.example/l"
    bare = RawEntry(title="T", published="Mon")
    assert item_key(bare) == item_key(RawEntry(title="<b>T</b>", published="Mon", summary="s"))
    assert item_key(bare) != item_key(RawEntry(title="T", published="Tue"))


def test_an_entry_without_link_is_collected_one_without_words_is_told() -> None:
    found = polled(entry("1", link=""), entry("2", "", ""), entry("3", "<p> </p>", "&nbsp;"))
    assert [c.item.entry.guid for c in found.new] == ["1"]
    assert found.entries == 1
    assert found.warnings == ("2 × an entry has neither title nor text and was left out",)


def test_guids_that_several_entries_share_are_no_identity() -> None:
    found = polled(
        entry("0", "One", link="http://p.example/1"), entry("0", "Two", link="http://p.example/2")
    )
    assert sorted(c.item.entry.title for c in found.new) == ["One", "Two"]
    again = harvest(
        FEED,
        feed_of(
            entry("0", "One", link="http://p.example/1"),
            entry("0", "Two", link="http://p.example/2"),
        ),
        state(found),
        NOW,
    )
    assert again.new == ()


def test_the_same_entry_twice_in_one_answer_is_collected_once_as_it_stands_first() -> None:
    found = polled(entry("1", "Newer"), entry("1", "Older"))
    assert [c.item.entry.title for c in found.new] == ["Newer"]
    assert polled(entry("1", "Newer"), entry("1", "Older"), after=found).new == ()


@pytest.mark.parametrize(
    ("published", "mode"),
    [
        ("2026-11-24T11:00:00Z", "live"),
        ("Mon, 23 Nov 2026 12:00:01 GMT", "live"),
        ("2026-11-23T11:59:00Z", "backfill"),
        ("", "backfill"),
        ("soon", "backfill"),
        ("2027-11-24T11:00:00Z", "backfill"),
    ],
)
def test_a_first_poll_is_backfill_but_for_the_last_day(published: str, mode: str) -> None:
    assert [c.mode for c in polled(entry(published=published)).new] == [mode]


def test_later_polls_are_live_whatever_the_date_says() -> None:
    first = polled()
    assert [c.mode for c in polled(entry(published="1999-01-01"), after=first).new] == ["live"]


def test_items_come_in_the_order_of_their_publication() -> None:
    found = polled(
        entry("b", "B", published="2026-11-24T10:00:00Z"),
        entry("c", "C", published="2026-11-24T11:00:00Z"),
        entry("a", "A", published="2026-11-24T09:00:00Z"),
    )
    assert [c.item.entry.guid for c in found.new] == ["a", "b", "c"]
    assert found.times[0] == datetime(2026, 11, 24, 11, tzinfo=UTC)


def test_memory_keeps_the_answer_and_a_bounded_rest() -> None:
    found = polled(*(entry(str(n), f"T{n}") for n in range(1500)))
    assert len(found.seen) == 1500
    later = polled(entry("new", "New"), after=found)
    assert len(later.seen) == MAX_LEFT + 1
    assert not later.overlap
    long = polled(entry("g" * 2000))
    assert all(len(k) <= 64 for k in long.seen)
    assert long.new[0].item.item_key == "g" * 2000
    assert polled(entry("g" * 2000), after=long).new == ()


def test_a_page_is_wanted_by_policy() -> None:
    short, long = (polled(entry(text=t)).new[0].item for t in ("x", "word " * 300))
    assert not wants_page(FEED, short)
    policy = FEED.model_copy(update={"page_policy": "short"})
    assert wants_page(policy, short)
    assert not wants_page(policy, long)
    always = FEED.model_copy(update={"page_policy": "always"})
    assert wants_page(always, long)
    assert not wants_page(always, polled(entry(link="")).new[0].item)


def test_the_page_is_part_of_the_identity_and_a_note_is_not() -> None:
    (item,) = polled(entry()).new
    page = Page(url="http://paper.example/1", html="<p>All of it.</p>", fetched=NOW)
    with_it, without = with_page(item, FEED, page, ""), with_page(item, FEED, None, "403")
    assert with_it.item.root_id != item.item.root_id
    assert without.item.root_id == item.item.root_id
    assert without.item.page_note == "403"
    assert with_it.item.item_key == item.item.item_key


def test_what_is_too_large_for_a_record_is_cut_and_stays_the_same_event() -> None:
    (item,) = polled(entry(text="é\x01" * 400_000)).new
    page = Page(url="http://paper.example/1", html="x" * 900_000, fetched=NOW)
    large = with_page(item, FEED, page, "").item
    small = fitting(large, 1 << 20)
    assert len(small.model_dump_json().encode()) <= 1 << 20
    assert (small.root_id, small.page, small.page_note) == (large.root_id, None, "too large")
    tiny = item.item.model_copy(update={"entry": entry()})
    assert fitting(tiny, 1 << 20) is tiny


def test_one_stamp_per_poll_is_no_news() -> None:
    def said(at: datetime) -> RawEntry:
        return entry(updated=at.isoformat())

    first = polled(said(NOW))
    assert polled(said(NOW + timedelta(minutes=5)), after=first).new == ()


texts = st.text(alphabet="ab <>&\n", max_size=12)


@given(st.lists(st.tuples(st.sampled_from("123"), texts, texts), max_size=8))
def test_any_answer_given_twice_brings_nothing_the_second_time(
    said: list[tuple[str, str, str]],
) -> None:
    entries = [entry(g, t, d) for g, t, d in said]
    first = polled(*entries)
    roots = [c.item.root_id for c in first.new]
    assert len(roots) == len(set(roots))
    assert polled(*entries, after=first).new == ()


@given(texts, texts)
def test_the_hash_of_an_entry_is_that_of_its_words(title: str, text: str) -> None:
    assert content_hash(entry("1", title, text)) == content_hash(entry("2", title, text))
