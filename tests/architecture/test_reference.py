"""The reference pages are what the code says."""

from pathlib import Path

import pytest

from support.reference_docs import pages

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize(
    ("name", "content"), list(pages()), ids=lambda v: v if v.endswith(".md") else ""
)
def test_a_reference_page_is_in_step_with_the_code(name, content):
    assert (REFERENCE / name).read_text("utf-8") == content, "run `make docs`"
