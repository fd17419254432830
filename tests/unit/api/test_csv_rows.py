import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.asgi_client import Client
from tocsin.api.csv_rows import cell


@pytest.mark.parametrize("door", ["articles", "stories", "alerts", "feeds"])
def test_a_list_as_csv_has_a_row_for_each_entry(client: Client, door: str) -> None:
    answer = client.get(f"/api/v1/{door}/csv")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(rows) >= 3
    assert all(None not in r for r in rows)


def test_a_search_as_csv_holds_its_hits(client: Client) -> None:
    assert len(client.get("/api/v1/articles/csv?q=killed:%3E%3D5").text.splitlines()) == 5


@given(st.text(max_size=20))
def test_no_cell_starts_a_formula(text: str) -> None:
    assert not cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
