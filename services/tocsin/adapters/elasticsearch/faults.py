"""What an answer of Elasticsearch means for the news (reliability.md §1.1).

A document's own fault costs that document alone; a full or resting cluster makes the caller wait and
loses nothing; what only a person can mend stops the worker and says how.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from elastic_transport import ApiError as AnyApiError
from elastic_transport import ConnectionTimeout, SerializationError, TransportError
from elasticsearch import Elasticsearch, UnsupportedProductError

from tocsin.errors import Overloaded, Retryable, StoreError, TocsinError

ONE_DOCUMENT = frozenset({400, 413})
"""Statuses that can be a single document's fault."""
_CLOSED = "index_closed_exception"
_NO_FAULT_OF_A_DOCUMENT = frozenset({_CLOSED, "media_type_header_exception"})
_OLD_MAPPING = "strict_dynamic_mapping_exception"
_SHOWN = 400
_DEPTH = 8


def addresses(client: Elasticsearch) -> str:
    """Where the client asks, for messages."""
    return ", ".join(node.base_url for node in client.transport.node_pool.all())


@contextmanager
def asking(client: Elasticsearch) -> Iterator[None]:
    """Requests within raise our errors instead of the client's. NotFound and the rest of 4xx are
    StoreError: whoever expects one catches it inside.
    """
    try:
        yield
    except (AnyApiError, TransportError) as error:
        raise told(error, addresses(client)) from error


def told(error: AnyApiError | TransportError, where: str) -> TocsinError:
    """The client's error as ours."""
    if isinstance(error, UnsupportedProductError):
        return StoreError(
            f"what answers at {where} does not say that it is Elasticsearch;"
            " set TOCSIN_ELASTICSEARCH to its address"
        )
    if isinstance(error, AnyApiError):
        name, reason = cause(error)
        return told_of(error.meta.status, name, reason, where) or StoreError(
            f"Elasticsearch at {where} refused a request ({error.meta.status} {name}): {reason}"
        )
    if isinstance(error, ConnectionTimeout):
        return Retryable(f"Elasticsearch at {where} did not answer in time")
    if isinstance(error, SerializationError):
        return Retryable(f"Elasticsearch at {where} answered what cannot be read: {error.message}")
    return Retryable(f"Elasticsearch at {where} cannot be reached: {str(error)[:_SHOWN]}")


def told_of(status: int, name: str, reason: str, where: str) -> TocsinError | None:
    """What a failed answer, of a request or of one document in it, means; null where it may be the
    document's own fault.
    """
    what = f"Elasticsearch at {where}"
    if status == 429 and name == "cluster_block_exception":
        return Overloaded(f"{what} is short of disk and takes no writes until there is room")
    if status == 429:
        return Overloaded(f"{what} is overloaded: {reason}")
    if status == 403 and name == "cluster_block_exception":
        return Retryable(f"{what} is blocked for writing, as during maintenance: {reason}")
    if status in {401, 403}:
        return StoreError(
            f"{what} does not let us in ({status}): {reason}; check TOCSIN_ELASTICSEARCH_USER,"
            " TOCSIN_ELASTICSEARCH_PASSWORD_FILE and what that user may do"
        )
    if name == _OLD_MAPPING:
        return StoreError(
            f"{what} has an older mapping than this release: {reason}; run `tocsin setup`"
        )
    if name == _CLOSED:
        return Retryable(f"{what} has closed an index, as during maintenance: {reason}")
    if status in ONE_DOCUMENT:
        return None
    if status == 408 or status >= 500:
        return Retryable(f"{what} failed ({status} {name}): {reason}")
    return StoreError(f"{what} refused a write ({status} {name}): {reason}")


def may_be_one_document(error: AnyApiError) -> bool:
    """Whether a request may have failed for one document in it. What a proxy says of a request it does
    not understand, or a node of a client it does not speak with, would be said of every document.
    """
    if error.meta.status == 413:
        return True
    return error.meta.status in ONE_DOCUMENT and (
        isinstance(error.body, dict) and cause(error)[0] not in _NO_FAULT_OF_A_DOCUMENT
    )


def cause(error: AnyApiError) -> tuple[str, str]:
    """(type, reason) as the node told them."""
    body = error.body
    said = body.get("error") if isinstance(body, dict) else None
    return cause_of(said if said is not None else str(body))


def cause_of(said: Any) -> tuple[str, str]:
    """(type, reason) of an `error` in an answer; the innermost reason is the telling one."""
    if not isinstance(said, dict):
        return "error", str(said)[:_SHOWN]
    reasons: dict[str, None] = {}
    inner: Any = said
    for _ in range(_DEPTH):
        if not isinstance(inner, dict):
            break
        reasons[_short(str(inner.get("reason") or ""))] = None
        inner = inner.get("caused_by")
    return str(said.get("type") or "error"), ": ".join(filter(None, reasons))


def _short(reason: str) -> str:
    """Reasons repeat the value they complain of, and say what is wrong with it before or after."""
    half = _SHOWN // 2
    return reason if len(reason) <= _SHOWN else f"{reason[:half]} … {reason[-half:]}"
