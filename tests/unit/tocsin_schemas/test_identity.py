"""Ids are made of content alone."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tocsin_schemas.identity import alert_id, digest_id

words = st.lists(st.text(max_size=8), min_size=1, max_size=4)


@given(words)
def test_an_id_is_26_characters_of_lower_case_base32(parts):
    assert re.fullmatch("[a-z2-7]{26}", digest_id(*parts))


@given(words, words)
def test_other_parts_give_another_id_however_they_are_cut(a, b):
    assert (digest_id(*a) == digest_id(*b)) == (a == b)


def test_an_alert_id_holds_subscription_story_reason_and_fact_only():
    # Golden: a changed derivation would ring every story again after an upgrade.
    assert alert_id("s", "t", "toll", "killed:9-20") == "2hydhv4t4is7naxh7r2jh6miae"
