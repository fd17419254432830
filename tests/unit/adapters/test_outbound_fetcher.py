"""What a server may cost us: every limit, each tried on a server that breaks it."""

import asyncio
import gzip
import random
import time
import zlib
from collections.abc import AsyncIterator

import pytest

from support.feed_server import Answer, Asked, FeedServer, drip, endless, raw, silent
from tocsin.adapters.http_fetcher import LIMITS, HttpFetcher, Limits
from tocsin.ports.fetcher import FetchError, Request
from tocsin.settings import Settings

QUICK = {
    role: Limits(1.0, 1 << 20, 3 << 20, limits.accept, cut=limits.cut)
    for role, limits in LIMITS.items()
}


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


@pytest.fixture
async def fetcher() -> AsyncIterator[HttpFetcher]:
    made = HttpFetcher(Settings(allow_private="127.0.0.1/32"), limits=QUICK)
    yield made
    await made.close()


async def fault(fetcher: HttpFetcher, request: Request) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(request)
    return caught.value


async def test_an_answer_comes_back_with_status_headers_and_body(
    server: FeedServer, fetcher: HttpFetcher
) -> None:
    url = server.on(
        "/feed", Answer(b"<rss/>", headers={"ETag": 'W/"a"', "Content-Type": "text/xml"})
    )
    answer = await fetcher.fetch(Request(url))
    assert (answer.status, answer.body, answer.url) == (200, b"<rss/>", url)
    assert answer.headers["etag"] == 'W/"a"'
    assert answer.permanent == ""


async def test_validators_are_sent_verbatim_and_a_304_has_no_body(
    server: FeedServer, fetcher: HttpFetcher
) -> None:
    url = server.on("/feed", Answer(status=304))
    answer = await fetcher.fetch(Request(url, etag='W/"x"', last_modified="Tue, 01 Jan 2008"))
    assert (answer.status, answer.body) == (304, b"")
    assert server.asked[0].headers["if-none-match"] == 'W/"x"'
    assert server.asked[0].headers["if-modified-since"] == "Tue, 01 Jan 2008"


async def test_we_say_who_we_are_and_keep_no_cookies(
    server: FeedServer, fetcher: HttpFetcher
) -> None:
    url = server.on("/feed", Answer(b"x", headers={"Set-Cookie": "id=1"}))
    await fetcher.fetch(Request(url))
    await fetcher.fetch(Request(url))
    assert all(a.headers["user-agent"].startswith("Tocsin/") for a in server.asked)
    assert all("cookie" not in a.headers for a in server.asked)


@pytest.mark.parametrize("packing", ["gzip", "deflate", "raw-deflate", "twice"])
async def test_packed_answers_are_unpacked(
    server: FeedServer, fetcher: HttpFetcher, packing: str
) -> None:
    body = b"<rss/>" * 1000
    packed, name = {
        "gzip": (gzip.compress(body), "gzip"),
        "deflate": (zlib.compress(body), "deflate"),
        "raw-deflate": (zlib.compress(body)[2:-4], "deflate"),
        "twice": (gzip.compress(zlib.compress(body)), "deflate, gzip"),
    }[packing]
    url = server.on("/feed", Answer(packed, headers={"Content-Encoding": name}))
    assert (await fetcher.fetch(Request(url))).body == body


async def test_brotli_is_unpacked_where_it_is_offered(
    server: FeedServer, fetcher: HttpFetcher
) -> None:
    brotli = pytest.importorskip("brotli")
    body = b"<rss/>" * 200_000
    packed = brotli.compress(body)
    url = server.on("/feed", Answer(packed, headers={"Content-Encoding": "br"}))
    error = await fault(fetcher, Request(url))
    assert error.fault == "bomb"
    small = b"<rss/>" * 20
    server.on("/feed", Answer(brotli.compress(small), headers={"Content-Encoding": "br"}))
    assert (await fetcher.fetch(Request(url))).body == small
    assert "br" in server.asked[0].headers["accept-encoding"]


async def test_a_bomb_is_noticed_while_it_is_small(server: FeedServer) -> None:
    fetcher = HttpFetcher(Settings(allow_private="127.0.0.1/32"))
    bomb = gzip.compress(b"\0" * (200 << 20), 9)
    url = server.on("/feed", Answer(bomb, headers={"Content-Encoding": "gzip"}))
    assert (await fault(fetcher, Request(url))).fault == "bomb"
    double = gzip.compress(bomb, 9)
    server.on("/feed", Answer(double, headers={"Content-Encoding": "gzip, gzip"}))
    assert (await fault(fetcher, Request(url))).fault == "bomb"
    await fetcher.close()


async def test_what_unpacks_moderately_to_too_much_is_too_large(
    server: FeedServer, fetcher: HttpFetcher
) -> None:
    body = gzip.compress(random.Random(1).randbytes(100_000) * 50)
    url = server.on("/feed", Answer(body, headers={"Content-Encoding": "gzip"}))
    assert (await fault(fetcher, Request(url))).fault in ("too-large", "bomb")


@pytest.mark.parametrize("name", ["gzip, gzip, gzip", "compress", "gzip, foo"])
async def test_a_packing_that_was_not_asked_for_is_refused(
    server: FeedServer, fetcher: HttpFetcher, name: str
) -> None:
    url = server.on("/feed", Answer(b"x", headers={"Content-Encoding": name}))
    assert (await fault(fetcher, Request(url))).fault == "protocol"


@pytest.mark.parametrize("body", [b"not gzip", gzip.compress(b"x" * 5000, mtime=0)[:-20]])
async def test_damaged_packing_is_told(
    server: FeedServer, fetcher: HttpFetcher, body: bytes
) -> None:
    url = server.on("/feed", Answer(body, headers={"Content-Encoding": "gzip"}))
    assert (await fault(fetcher, Request(url))).fault == "protocol"


async def test_many_gzip_members_are_a_bomb(server: FeedServer, fetcher: HttpFetcher) -> None:
    body = gzip.compress(b"a") * 1000
    url = server.on("/feed", Answer(body, headers={"Content-Encoding": "gzip"}))
    assert (await fault(fetcher, Request(url))).fault == "bomb"


async def test_a_body_above_the_limit_is_cut_off_on_the_wire(
    server: FeedServer, fetcher: HttpFetcher
) -> None:
    url = server.on("/feed", Answer(b"x" * (20 << 20)))
    assert (await fault(fetcher, Request(url))).fault == "too-large"
    endless_url = server.on("/endless", endless)
    assert (await fault(fetcher, Request(endless_url))).fault == "too-large"


async def test_a_long_robots_file_is_cut_not_refused(
    server: FeedServer, fetcher: HttpFetcher
) -> None:
    url = server.on("/robots.txt", Answer(b"x" * (5 << 20)))
    assert len((await fetcher.fetch(Request(url, role="robots"))).body) == 3 << 20


@pytest.mark.parametrize("script", [drip(), silent])
async def test_the_deadline_holds_however_slowly_a_server_speaks(
    server: FeedServer, fetcher: HttpFetcher, script: object
) -> None:
    url = server.on("/feed", script)  # type: ignore[arg-type]  # a Script
    began = time.monotonic()
    assert (await fault(fetcher, Request(url))).fault == "timeout"
    assert time.monotonic() - began < 30  # the deadline is 1 s; the drip would take 83 minutes


async def test_a_deadline_counts_over_all_redirects(
    server: FeedServer, fetcher: HttpFetcher
) -> None:
    async def slow(_: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.4)
        writer.write(b"HTTP/1.1 302 X\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()

    for path, following in (("/a", b"/b"), ("/b", b"/c"), ("/c", b"/d"), ("/d", b"/e")):

        async def step(
            _: Asked, writer: asyncio.StreamWriter, following: bytes = following
        ) -> None:
            await asyncio.sleep(0.4)
            head = b"HTTP/1.1 302 X\r\nlocation: %s\r\ncontent-length: 0\r\n\r\n"
            writer.write(head % following)
            await writer.drain()

        server.on(path, step)
    assert (await fault(fetcher, Request(server.url("/a")))).fault == "timeout"


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n"
        + b"".join(b"x-%d: y\r\n" % i for i in range(5000))
        + b"content-length: 0\r\n\r\n",
        b"garbage\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\n",
    ],
)
async def test_an_answer_that_is_no_http_is_a_fault_of_the_protocol(
    server: FeedServer, fetcher: HttpFetcher, data: bytes
) -> None:
    url = server.on("/feed", raw(data))
    assert (await fault(fetcher, Request(url))).fault == "protocol"


async def test_five_hundred_headers_of_32_kib_are_borne(
    server: FeedServer, fetcher: HttpFetcher
) -> None:
    headers = {f"x-{i}": "y" for i in range(300)} | {"x-long": "z" * 20_000}
    url = server.on("/feed", Answer(b"ok", headers=headers))
    assert (await fetcher.fetch(Request(url))).body == b"ok"


def moved(status: int, where: str) -> Answer:
    return Answer(status=status, headers={"Location": where})


async def test_redirects_are_followed_and_permanent_ones_told(
    server: FeedServer, fetcher: HttpFetcher
) -> None:
    server.on("/a", moved(301, "/b"))
    server.on("/b", moved(308, "/c"))
    server.on("/c", moved(302, "/d"))
    server.on("/d", Answer(b"here"))
    answer = await fetcher.fetch(Request(server.url("/a")))
    assert (answer.body, answer.url) == (b"here", server.url("/d"))
    assert answer.permanent == server.url("/c")
    assert (await fetcher.fetch(Request(server.url("/c")))).permanent == ""


async def test_circles_and_long_chains_end(server: FeedServer, fetcher: HttpFetcher) -> None:
    server.on("/loop", moved(302, "/loop"))
    error = await fault(fetcher, Request(server.url("/loop")))
    assert (error.fault, server.count("/loop")) == ("redirects", 1)
    for i in range(10):
        server.on(f"/{i}", moved(302, f"/{i + 1}"))
    assert (await fault(fetcher, Request(server.url("/0")))).fault == "redirects"
    assert server.count("/5") == 1
    assert server.count("/6") == 0


async def test_a_wall_of_cookies_is_called_one(server: FeedServer, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", Answer(status=302, headers={"Location": "/feed", "Set-Cookie": "a=b"}))
    assert "cookie" in str(await fault(fetcher, Request(url)))


@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.2:{port}/secret",
        "http://localhost:{port}/secret",
        "http://[::1]:{port}/secret",
        "file:///etc/passwd",
        "http://user:word@127.0.0.1:{port}/secret",
        "gopher://127.0.0.1:{port}/",
        "http://169.254.169.254/latest/meta-data",
    ],
)
async def test_each_hop_of_a_redirect_is_checked_anew(server: FeedServer, where: str) -> None:
    fetcher = HttpFetcher(Settings(), press=("127.0.0.1", server.port), limits=QUICK)
    server.on("/secret", Answer(b"secret"))
    url = server.on("/feed", moved(302, where.format(port=server.port)))
    try:
        if "localhost" in where:  # it is 127.0.0.1, the press itself: nothing to protect
            answer = await fetcher.fetch(Request(url, demo=True))
            assert answer.body == b"secret"
            return
        error = await fault(fetcher, Request(url, demo=True))
    finally:
        await fetcher.close()
    assert error.fault == "refused"
    assert server.count("/secret") == 0


async def test_the_press_is_open_to_demo_requests_only(server: FeedServer) -> None:
    fetcher = HttpFetcher(Settings(), limits=QUICK)
    url = server.on("/feed", Answer(b"news"))
    try:
        assert (await fault(fetcher, Request(url, demo=True))).fault == "refused"
        fetcher.allow_press("127.0.0.1", server.port)
        fetcher.allow_press("127.0.0.1", server.port)
    finally:
        await fetcher.close()
    try:
        assert (await fetcher.fetch(Request(url, demo=True))).body == b"news"
        error = await fault(fetcher, Request(url))
        assert (error.fault, "this host" in str(error)) == ("refused", True)
        assert server.count("/feed") == 1
    finally:
        await fetcher.close()


async def test_faults_tell_what_happened_and_never_the_body(server: FeedServer) -> None:
    fetcher = HttpFetcher(Settings(allow_private="127.0.0.1/32"), limits=QUICK)
    try:
        unused = Request("http://127.0.0.1:1/")
        assert (await fault(fetcher, unused)).fault == "connect"
        assert (await fault(fetcher, Request("http://no.such.host.invalid/"))).fault == "dns"
        url = server.on("/feed", Answer(b"PRIVATE", headers={"Content-Encoding": "gzip"}))
        assert "PRIVATE" not in str(await fault(fetcher, Request(url)))
    finally:
        await fetcher.close()


async def test_any_status_is_an_answer(server: FeedServer, fetcher: HttpFetcher) -> None:
    for status in (200, 204, 400, 403, 404, 410, 429, 451, 500, 503):
        url = server.on(f"/{status}", Answer(b"", status=status))
        assert (await fetcher.fetch(Request(url))).status == status
