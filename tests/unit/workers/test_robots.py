"""Whether pages may be read: robots.txt, asked once a day, with its troubles."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.ports.fetcher import FetchError, Request, Response
from tocsin.workers.robots import Robots, tamed

START = datetime(2026, 11, 24, tzinfo=UTC)


class Publisher:
    """A fetcher and a clock in one: what a test's publisher says of robots.txt."""

    def __init__(self, body: str = "", status: int = 200) -> None:
        self.body = body
        self.status = status
        self.fault: FetchError | None = None
        self.asked: list[str] = []
        self.time = START

    def now(self) -> datetime:
        return self.time

    async def fetch(self, request: Request) -> Response:
        self.asked.append(request.url)
        if self.fault:
            raise self.fault
        return Response(self.status, request.url, body=self.body.encode())

    async def close(self) -> None:
        return


async def test_rules_are_heard_and_asked_for_once_a_day() -> None:
    publisher = Publisher("User-agent: *\nDisallow: /closed\nCrawl-delay: 7\n")
    robots = Robots(publisher, publisher)
    assert await robots.allow("http://p.example/open") == (True, 7.0)
    assert await robots.allow("http://p.example/closed/1") == (False, 7.0)
    assert publisher.asked == ["http://p.example/robots.txt"]
    await robots.allow("https://p.example/open")
    assert publisher.asked[-1] == "https://p.example/robots.txt"
    publisher.time += timedelta(hours=25)
    await robots.allow("http://p.example/open")
    assert len(publisher.asked) == 3


async def test_rules_for_us_by_name_are_heard() -> None:
    publisher = Publisher("User-agent: tocsin\nDisallow: /\n\nUser-agent: *\nAllow: /\n")
    assert (await Robots(publisher, publisher).allow("http://p.example/x"))[0] is False


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_missing_file_allows(status: int) -> None:
    publisher = Publisher("Disallow: /", status)
    assert (await Robots(publisher, publisher).allow("http://p.example/x"))[0]


@pytest.mark.parametrize("fault", [None, FetchError("timeout", "")])
async def test_a_host_in_trouble_forbids_for_a_day_and_then_allows(
    fault: FetchError | None,
) -> None:
    publisher = Publisher("", 503)
    publisher.fault = fault
    robots = Robots(publisher, publisher)
    assert not (await robots.allow("http://p.example/x"))[0]
    publisher.time += timedelta(hours=12)
    assert not (await robots.allow("http://p.example/x"))[0]
    publisher.time += timedelta(hours=13)
    assert (await robots.allow("http://p.example/x"))[0]


async def test_a_file_made_to_be_slow_is_tamed() -> None:
    hostile = "User-agent: *\nDisallow: /" + "a*" * 500 + "b$\nDisallow: /" + "*" * 5000 + "z\n"
    publisher = Publisher(hostile)
    allowed, _ = await Robots(publisher, publisher).allow("http://p.example/" + "a" * 2000)
    assert isinstance(allowed, bool)
    assert all(line.count("*") <= 3 for line in tamed(hostile).splitlines())
    assert tamed("Disallow: /a*b*\n# x") == "Disallow: /a*b*\n# x"
