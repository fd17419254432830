from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.pipeline.normalise.clocks import (
    AMBIGUOUS,
    DAY_ONLY,
    NAIVE,
    ZONED,
    from_url,
    parse,
    stamp,
)
from tocsin_schemas.article import Stamp

NOW = datetime(2008, 9, 21, 12, tzinfo=UTC)
WANTED = datetime(2008, 9, 20, 15, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "Sat, 20 Sep 2008 15:04:05 GMT",
        "Sat, 20 Sep 2008 15:04:05 +0000",
        "Sat, 20 Sep 2008 11:04:05 EDT",
        "20 Sep 2008 20:34:05 +0530",
        "Saturday, 20-Sep-08 15:04:05 GMT",
        "Sat, 20 September 2008 15:04:05 UT",
        "Samstag, 20 September 2008 17:04:05 +0200",
        "sam., 20 sept. 2008 17:04:05 CEST",
        "20 сентября 2008 18:04:05 +0300",
        "2008-09-20T15:04:05Z",
        "2008-09-20T15:04:05.000Z",
        "2008-09-20t17:04:05+02:00",
        "2008-09-20 17:04:05 +0200",
        "20080920T150405Z",
        "1221923045",
        "1221923045000",
        "September 20, 2008 11:04:05 AM EDT",
        "Sat Sep 20 15:04:05 GMT 2008",
    ],
)
def test_a_time_with_a_zone_is_read_surely(raw: str) -> None:
    assert parse(raw) == (WANTED, ZONED)


@pytest.mark.parametrize(
    ("raw", "wanted", "confidence"),
    [
        ("2008-09-20T15:04:05", WANTED, NAIVE),
        ("Sat Sep 20 15:04:05 2008", WANTED, NAIVE),
        ("20/09/2008 15:04:05", WANTED, NAIVE),
        ("09/20/2008 3:04:05 PM", WANTED, NAIVE),
        ("2008-09-20", datetime(2008, 9, 20, tzinfo=UTC), DAY_ONLY),
        ("September 20, 2008", datetime(2008, 9, 20, tzinfo=UTC), DAY_ONLY),
        ("04/09/2008 15:04", datetime(2008, 9, 4, 15, 4, tzinfo=UTC), AMBIGUOUS),
        ("Sat, 20 Sep 2008 24:00:00 GMT", datetime(2008, 9, 21, tzinfo=UTC), ZONED),
        ("Sat, 20 Sep 2008 23:59:60 GMT", datetime(2008, 9, 20, 23, 59, 59, tzinfo=UTC), ZONED),
        ("12:04 am", None, 0),
    ],
)
def test_less_certain_forms_are_believed_less(
    raw: str, wanted: datetime | None, confidence: float
) -> None:
    assert parse(raw) == (None if wanted is None else (wanted, confidence))


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "soon",
        "yesterday",
        "31 Feb 2008",
        "2008-13-01",
        "25:61",
        "0",
        "99999999999999999",
        "now",
    ],
)
def test_what_is_no_time_is_null_and_kept(raw: str) -> None:
    assert stamp(raw, NOW) == Stamp(raw=raw)


@pytest.mark.parametrize(
    "raw", ["1970-01-01T00:00:00Z", "1989-12-31T23:59:59Z", "2008-09-21T13:00:01Z", "2035-01-01"]
)
def test_an_implausible_time_is_null_and_kept(raw: str) -> None:
    assert stamp(raw, NOW) == Stamp(raw=raw)


def test_an_hour_ahead_is_still_plausible() -> None:
    assert stamp("2008-09-21T13:00:00Z", NOW).at == NOW + timedelta(hours=1)


def test_the_day_in_an_address_is_a_weak_clock() -> None:
    found = from_url("https://example.org/world/2008/09/20/raid.html", NOW)
    assert (found.at, found.origin) == (datetime(2008, 9, 20, tzinfo=UTC), "url")
    assert from_url("https://example.org/2008/13/45/raid.html", NOW).at is None
    assert from_url("https://example.org/article-20080920-x", NOW).at is None


@given(st.text(max_size=120))
def test_any_text_is_read_or_null(raw: str) -> None:
    found = stamp(raw, NOW)
    assert len(found.raw) <= 100
    assert found.at is None or found.at.tzinfo is UTC


@given(st.datetimes(datetime(1990, 1, 2), datetime(2008, 9, 20)))  # noqa: DTZ001 (hypothesis wants naive bounds)
def test_iso_and_rfc_forms_of_one_moment_agree(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    written = moment.strftime("%d %b %Y %H:%M:%S GMT")
    assert parse(moment.isoformat()) == parse(written) == (moment, ZONED)
