"""Publication times as far as scheduling needs them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.pipeline.collect.times import parse_time


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        ("Mon, 23 Nov 2026 10:00:00 GMT", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("23 Nov 2026 10:00 +0530", datetime(2026, 11, 23, 4, 30, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 10:00:00 EST", datetime(2026, 11, 23, 15, tzinfo=UTC)),
        ("2026-11-23T10:00:00Z", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2026-11-23T10:00:00.123+01:00", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-23 10:00", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("20261123", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11", datetime(2026, 11, 1, tzinfo=UTC)),
        ("1970-01-01", None),
        ("yesterday", None),
        ("", None),
        ("2026-13-45", None),
        ("99 Xxx 2026", None),
    ],
)
def test_times_are_read_in_both_usual_forms(raw: str, want: datetime | None) -> None:
    assert parse_time(raw) == want


@given(
    st.text(max_size=40)
    | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", fullmatch=True)
)
def test_any_text_is_a_time_or_none(raw: str) -> None:
    when = parse_time(raw)
    assert when is None or when.tzinfo is UTC
