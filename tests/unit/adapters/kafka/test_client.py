"""What an error of the client becomes: its class decides the event's fate."""

import pytest

from tocsin.adapters.kafka import client
from tocsin.errors import Retryable, TocsinError, UsageError

BASE = client.options("one:9092, two:9092,", "test")
errors = client.errors


def test_addresses_are_given_by_commas() -> None:
    assert BASE["bootstrap_servers"] == ["one:9092", "two:9092"]


@pytest.mark.parametrize(
    ("error", "becomes", "says"),
    [
        (errors.KafkaTimeoutError("slow"), Retryable, "does not answer.*slow"),
        (errors.KafkaConnectionError("gone"), Retryable, "one:9092,two:9092"),
        (errors.CommitFailedError("kicked out"), Retryable, "kicked out"),
        (errors.NotEnoughReplicasError(), Retryable, "NotEnoughReplicas"),
        (errors.OutOfOrderSequenceNumberError(), Retryable, "OutOfOrder"),
        (errors.MessageSizeTooLargeError(), UsageError, "too large.*tocsin setup"),
        (errors.UnknownTopicOrPartitionError(), TocsinError, "no topic acts; run `tocsin setup`"),
        (errors.TopicAuthorizationFailedError("acts"), TocsinError, "does not permit"),
    ],
)
def test_errors_become_ours(error, becomes, says) -> None:
    with pytest.raises(TocsinError, match=says) as raised, client.answered(BASE, "acts"):
        raise error
    assert type(raised.value) is becomes
    assert raised.value.__cause__ is error


def test_errors_of_ours_and_bugs_pass_as_they_are() -> None:
    for error in (UsageError("mine"), ZeroDivisionError()):
        with pytest.raises(type(error)) as raised, client.answered(BASE):
            raise error
        assert raised.value is error


def test_an_error_s_name_is_said_once() -> None:
    assert str(client.ours(BASE, errors.KafkaTimeoutError("slow"))).count("KafkaTimeoutError") == 1


def test_the_longest_text_of_an_error_is_cut() -> None:
    assert len(str(client.ours(BASE, errors.KafkaError("x" * 10_000)))) < 1000
