"""Logs: one JSON line each, on whatever standard error is at the time, without secrets."""

import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.telemetry import VALUE_LIMIT, configure, logger, redact


def test_a_line_goes_to_standard_error_as_it_is_when_written(monkeypatch):
    configure("warning")
    now = io.StringIO()
    monkeypatch.setattr(sys, "stderr", now)

    logger(worker="indexer").warning("worker-paused", why="disk full")

    line = json.loads(now.getvalue())
    assert (line["event"], line["worker"], line["why"]) == ("worker-paused", "indexer", "disk full")


@pytest.mark.parametrize("stderr", [None, "closed"])
def test_a_missing_standard_error_costs_nothing(monkeypatch, stderr):
    configure("warning")
    stream = io.StringIO()
    stream.close()
    monkeypatch.setattr(sys, "stderr", stream if stderr else None)

    logger().warning("worker-paused")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("secret whsec_c2VjcmV0c2VjcmV0", "c2VjcmV0"),
        ("http://user:pass@dawn.example/", "pass"),
        ("http://dawn.example/?a=1&token=t0ps3cret", "t0ps3cret"),
        ("http://dawn.example/?key=t0ps3cret&b=2", "t0ps3cret"),
    ],
)
def test_no_secret_is_logged(text, secret):
    assert secret not in redact(text)


@given(st.text())
def test_no_control_character_and_no_long_value_is_logged(text):
    shown = redact(text)

    assert len(shown) <= VALUE_LIMIT
    assert not any(c < " " and c not in "\t\n" for c in shown)
