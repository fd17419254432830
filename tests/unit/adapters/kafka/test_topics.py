import pytest

from tocsin.adapters.kafka.topics import same, settings_of, wait_for_broker
from tocsin.errors import Retryable, TocsinError
from tocsin_schemas.topics import ACTS, CLUSTERED, DEAD_LETTERS, FEEDS


def test_a_register_is_compacted_and_kept_for_ever() -> None:
    settings = settings_of(FEEDS)
    assert settings["cleanup.policy"] == "compact"
    assert settings["retention.ms"] == "-1"
    assert settings["min.compaction.lag.ms"] == "0"


def test_decisions_are_compacted_after_a_week_and_go_with_age() -> None:
    settings = settings_of(CLUSTERED)
    assert settings["cleanup.policy"] == "compact,delete"
    assert settings["retention.ms"] == str(400 * 86_400_000)
    assert settings["min.compaction.lag.ms"] == str(7 * 86_400_000)


def test_a_stream_goes_with_age_alone() -> None:
    settings = settings_of(ACTS)
    assert settings["cleanup.policy"] == "delete"
    assert "min.compaction.lag.ms" not in settings


def test_the_limit_leaves_room_for_key_and_headers() -> None:
    assert int(settings_of(DEAD_LETTERS)["max.message.bytes"]) > DEAD_LETTERS.max_bytes + 1000


def test_lists_are_the_same_in_any_order() -> None:
    assert same("delete,compact", "compact,delete")
    assert not same("delete", "compact,delete")
    assert not same(None, "delete")


@pytest.mark.parametrize(
    "servers", ["", " , ", "host", "host:", ":9092", "host:port", "host:99999"]
)
def test_an_address_that_is_none_is_told_at_once(servers) -> None:
    with pytest.raises(TocsinError, match=r"address.*host:port") as raised:
        wait_for_broker(servers, 60.0)
    assert not isinstance(raised.value, Retryable)
