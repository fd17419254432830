"""Three subscriptions marked demo; the main one asks for first match and toll only."""

from datetime import UTC, datetime

from tocsin.demo.standing import MAIN, subscriptions
from tocsin.query.parse import parse

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_there_are_three_subscriptions_marked_demo() -> None:
    made = subscriptions(NOW)
    assert len({s.id for s in made}) == len({s.name for s in made}) == 3
    assert all(s.demo and s.enabled and s.effective_from == NOW for s in made)


def test_the_main_subscription_asks_for_first_match_and_toll_only() -> None:
    main = next(s for s in subscriptions(NOW) if s.name == MAIN)
    assert set(main.reasons) == {"first-match", "toll"}


def test_ids_do_not_depend_on_the_time() -> None:
    later = NOW.replace(year=2027)
    assert [s.id for s in subscriptions(NOW)] == [s.id for s in subscriptions(later)]


def test_every_query_parses() -> None:
    for s in subscriptions(NOW):
        parse(s.query)
