"""Answers that a healthy node does not give, from a server that gives them on purpose."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from support import builders as b
from tocsin.adapters.elasticsearch.client import client_of, wait_for_elasticsearch
from tocsin.adapters.elasticsearch.index import ElasticIndex
from tocsin.adapters.elasticsearch.search import ElasticSearch
from tocsin.errors import Overloaded, Retryable, StoreError
from tocsin.ports.search import Document
from tocsin.query.ast import Query, Term
from tocsin.settings import Settings

RAID = Query(Term("", "raid"), "raid", "raid")
Answer = tuple[int, Any]
Says = Callable[[str, bytes], Answer | None]


class Node:
    """Says what it is told to say, as Elasticsearch says it; null closes the connection."""

    def __init__(self) -> None:
        self.says: Says = lambda path, body: (200, {})
        self.headers = {"X-Elastic-Product": "Elasticsearch"}
        self.asked: list[str] = []
        node = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                node.asked.append(self.path.partition("?")[0])
                said = node.says(self.path, body)
                if said is None:
                    self.close_connection = True
                    return
                status, what = said
                raw = what if isinstance(what, bytes) else json.dumps(what).encode()
                self.send_response(status)
                for name, value in node.headers.items():
                    self.send_header(name, value)
                kind = "text/html" if raw.startswith(b"<") else "application/vnd.elasticsearch+json"
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815  # http.server's names

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's name
                """Nothing: a test's output is its own."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()


@pytest.fixture
def node() -> Iterator[Node]:
    node = Node()
    yield node
    node.close()


@pytest.fixture
def index(node: Node) -> Iterator[ElasticIndex]:
    client = client_of(Settings(elasticsearch=node.url))
    yield ElasticIndex(client)
    client.close()


def _bulk(answer: Answer | None) -> Says:
    return lambda path, body: answer if path.startswith("/_bulk") else (200, {})


def _error(name: str, reason: str = "why") -> dict[str, Any]:
    return {"error": {"type": name, "reason": reason, "root_cause": []}}


FEEDS = [Document("feeds", f"f{n}", 1, b.WHEN, b.a_feed_state()) for n in range(3)]


@pytest.mark.parametrize(
    ("answer", "means"),
    [
        ((429, _error("es_rejected_execution_exception")), Overloaded),
        ((503, _error("master_not_discovered_exception")), Retryable),
        ((502, b"<html>Bad Gateway</html>"), Retryable),
        ((200, b"{not json"), Retryable),
        ((200, {"items": []}), Retryable),
        (None, Retryable),
        ((401, _error("security_exception")), StoreError),
        ((403, _error("security_exception")), StoreError),
        ((404, _error("no_handler")), StoreError),
        ((400, b"<html>Bad Request</html>"), StoreError),
        ((400, _error("media_type_header_exception")), StoreError),
    ],
)
def test_a_request_that_fails_whole_refuses_no_document_and_is_sent_once(
    node: Node, index: ElasticIndex, answer: Answer | None, means: type[Exception]
) -> None:
    node.says = _bulk(answer)
    with pytest.raises(means) as told:
        index.put(FEEDS)
    assert type(told.value) is means
    assert node.url in str(told.value)
    assert node.asked.count("/_bulk") == 1, "nothing is tried again behind the caller's back"


def test_one_full_queue_in_a_good_answer_is_overload(node: Node, index: ElasticIndex) -> None:
    full = {"status": 429, **_error("es_rejected_execution_exception")}
    items = [{"index": item} for item in ({"status": 201}, full, {"status": 201})]
    node.says = _bulk((200, {"items": items}))
    with pytest.raises(Overloaded):
        index.put(FEEDS)


@pytest.mark.parametrize("status", [400, 413])
def test_a_request_refused_whole_is_halved_down_to_the_one(
    node: Node, index: ElasticIndex, status: int
) -> None:
    def says(path: str, body: bytes) -> Answer:
        if not path.startswith("/_bulk"):
            return 200, {}
        if b'"f1"' in body:
            return status, _error("action_request_validation_exception", "too much")
        return 200, {"items": [{"index": {"status": 201}}] * (body.count(b"\n") // 2)}

    node.says = says
    puts = index.put(FEEDS)
    assert [p.result for p in puts] == ["indexed", "refused", "indexed"]
    assert "too much" in puts[1].reason


def test_an_index_that_is_removed_again_and_again_stops_the_writer(
    node: Node, index: ElasticIndex
) -> None:
    lost = {"index": {"status": 404, **_error("index_not_found_exception")}}
    node.says = _bulk((200, {"items": [lost] * 3}))
    with pytest.raises(StoreError, match="removed"):
        index.put(FEEDS)
    assert node.asked.count("/tocsin-feeds") == node.asked.count("/_bulk") == 2


def test_a_node_that_does_not_answer_is_waited_for_no_longer_than_the_limit(node: Node) -> None:
    free = threading.Event()

    def says(path: str, body: bytes) -> Answer:
        free.wait(60)
        return 200, {}

    node.says = says
    client = client_of(Settings(elasticsearch=node.url)).options(request_timeout=0.2)
    try:
        with pytest.raises(Retryable, match="in time"):
            ElasticIndex(client).put(FEEDS)
    finally:
        free.set()
        client.close()


def test_another_product_is_named(node: Node) -> None:
    node.headers = {}
    client = client_of(Settings(elasticsearch=node.url))
    with pytest.raises(StoreError, match="TOCSIN_ELASTICSEARCH"):
        wait_for_elasticsearch(client, 30)
    client.close()


def test_a_search_that_misses_a_shard_is_no_answer(node: Node) -> None:
    shards = {"total": 2, "failed": 1}
    hits = {"total": {"value": 1}, "hits": []}
    node.says = lambda path, body: (200, {"_shards": shards, "timed_out": False, "hits": hits})
    client = client_of(Settings(elasticsearch=node.url))
    with pytest.raises(Retryable, match="1 of 2 shards"):
        ElasticSearch(client).search(RAID)
    client.close()


def test_a_search_out_of_time_tells_what_it_counted_and_asks_for_its_page_alone(node: Node) -> None:
    def says(path: str, body: bytes) -> Answer:
        timed = b'"timeout"' in body
        hits = {"hits": []} | ({"total": {"value": 41, "relation": "gte"}} if timed else {})
        return 200, {"_shards": {"total": 1, "failed": 0}, "timed_out": timed, "hits": hits}

    node.says = says
    client = client_of(Settings(elasticsearch=node.url))
    cursor = "n0.YQ"
    found = ElasticSearch(client).search(RAID, cursor=cursor, budget_s=0.01)
    assert (found.total, found.exact) == (41, False)
    assert len(node.asked) == 2
    client.close()
