from datetime import UTC, datetime, timedelta, timezone
from fnmatch import fnmatchcase

from tocsin.adapters.elasticsearch.names import (
    KINDS,
    MONTHLY,
    index_name,
    index_pattern,
    reading_name,
)

AT = datetime(2026, 3, 9, tzinfo=UTC)


def test_articles_and_versions_stand_in_the_month_of_their_first_collection() -> None:
    assert index_name("", "articles", AT) == "tocsin-articles-2026.03"
    assert index_name("t1-", "versions", AT) == "t1-tocsin-versions-2026.03"


def test_every_other_kind_has_one_index_under_the_name_it_is_read_by() -> None:
    for kind in KINDS:
        if kind not in MONTHLY:
            assert index_name("t1-", kind, AT) == reading_name("t1-", kind) == f"t1-tocsin-{kind}"
            assert index_pattern("t1-", kind) == f"t1-tocsin-{kind}"


def test_the_month_is_that_of_utc() -> None:
    east = timezone(timedelta(hours=5))
    assert index_name("", "articles", datetime(2026, 4, 1, 2, tzinfo=east)).endswith("2026.03")


def test_no_kinds_pattern_matches_another_kinds_index() -> None:
    for kind in KINDS:
        for other in KINDS:
            met = fnmatchcase(index_name("", other, AT), index_pattern("", kind))
            assert met == (kind == other)
            assert not fnmatchcase(index_name("t1-", other, AT), index_pattern("", kind))
