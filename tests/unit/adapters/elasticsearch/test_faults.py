import pytest

from tocsin.adapters.elasticsearch.faults import cause_of, told_of
from tocsin.errors import Overloaded, Retryable, StoreError


@pytest.mark.parametrize(
    ("status", "name", "means"),
    [
        (429, "es_rejected_execution_exception", Overloaded),
        (429, "circuit_breaking_exception", Overloaded),
        (429, "cluster_block_exception", Overloaded),
        (403, "cluster_block_exception", Retryable),
        (503, "unavailable_shards_exception", Retryable),
        (502, "error", Retryable),
        (500, "i_o_exception", Retryable),
        (408, "error", Retryable),
        (400, "index_closed_exception", Retryable),
        (401, "security_exception", StoreError),
        (403, "security_exception", StoreError),
        (400, "strict_dynamic_mapping_exception", StoreError),
        (404, "error", StoreError),
        (405, "error", StoreError),
    ],
)
def test_what_is_not_a_documents_fault_is_told_for_the_whole_call(
    status: int, name: str, means: type[Exception]
) -> None:
    fault = told_of(status, name, "why", "http://es.example:9200")
    assert type(fault) is means
    assert "http://es.example:9200" in str(fault)


@pytest.mark.parametrize("name", ["document_parsing_exception", "illegal_argument_exception"])
def test_a_document_that_cannot_be_parsed_is_its_own_fault(name: str) -> None:
    assert told_of(400, name, "why", "x") is None


def test_a_lack_of_disk_is_named() -> None:
    assert "disk" in str(told_of(429, "cluster_block_exception", "why", "x"))


def test_the_innermost_reason_is_told_and_nesting_is_bounded() -> None:
    said = {"type": "a", "reason": "outer", "caused_by": {"type": "b", "reason": "inner"}}
    assert cause_of(said) == ("a", "outer: inner")
    loop: dict[str, object] = {"type": "a", "reason": "same"}
    loop["caused_by"] = loop
    assert cause_of(loop) == ("a", "same")
    assert cause_of("text" * 1000) == ("error", ("text" * 1000)[:400])


def test_a_reason_that_repeats_a_long_value_keeps_both_its_ends() -> None:
    said = {"type": "a", "reason": f"id [{'x' * 5000}] is too long"}
    _, reason = cause_of(said)
    assert reason.startswith("id [x")
    assert reason.endswith("is too long")
    assert len(reason) < 500
