"""What may be dialled: every hostile spelling of an inner address, with a server listening there."""

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest

from support.feed_server import Answer, FeedServer
from tocsin.adapters.outbound import (
    PORTS,
    DialRefusedError,
    Policy,
    checked_url,
    policy,
    refusal,
    session,
    socket_factory,
    user_agent,
)
from tocsin.errors import Refused, UsageError
from tocsin.settings import Settings

HOSTS = (
    "127.0.0.1", "localhost", "localhost.", "LOCALHOST", "127.1", "0", "0.0.0.0", "2130706433",
    "0x7f000001", "0x7f.1", "0177.0.0.1", "127.0.0.1.", "[::1]", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]",
    "①②⑦.⓪.⓪.①", "127。0。0。1", "good.example@127.0.0.1", "127.0.0.1#@good.example",
    "127.0.0.1\\@good.example", "good.example\\@127.0.0.1", "169.254.169.254", "[fd00:ec2::254]",
    "100.64.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "224.0.0.1", "255.255.255.255",
    "198.18.0.1", "metadata.google.internal",
)  # fmt: skip


def hostile(port: int) -> list[str]:
    return [f"http://{h}:{port}/x" for h in HOSTS] + [
        "file:///etc/hosts",
        f"ftp://127.0.0.1:{port}/x",
        f"gopher://127.0.0.1:{port}/x",
        "http+unix://%2Ftmp%2Fx/",
        "data:text/plain,x",
        "http://127.0.0.1:22/",
        f"//127.0.0.1:{port}/x",
        f"http:127.0.0.1:{port}/x",
        f"http:///127.0.0.1:{port}/x",
        f"http://127.0.0.1:{port}\t/x",
        f"http://127.0.0.1:{port}\r\nX: y/",
    ]


async def test_no_hostile_address_reaches_a_server_by_way_of_the_sockets_alone() -> None:
    async with FeedServer() as server:
        server.on("/x", Answer(b"secret"))
        urls = hostile(server.port)
        assert len(urls) == 47
        rules = Policy(ports=PORTS | {server.port})
        timeout = aiohttp.ClientTimeout(total=3)
        async with session(rules, agent="test", per_host=0) as client:

            async def ask(url: str) -> None:
                try:
                    async with client.get(url, timeout=timeout) as answer:
                        await answer.read()
                except (aiohttp.ClientError, OSError, ValueError, TimeoutError):
                    return

            await asyncio.gather(*(ask(u) for u in urls))
        assert server.asked == []


async def test_the_same_server_is_reached_where_its_network_is_allowed() -> None:
    async with FeedServer() as server:
        url = server.on("/x", Answer(b"open"))
        rules = policy(Settings(allow_private="127.0.0.0/8"), "fetch")
        async with session(rules, agent="test") as client, client.get(url) as answer:
            assert await answer.read() == b"open"
        assert server.count("/x") == 1


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8"],
)
def test_public_addresses_may_be_dialled_on_the_usual_ports(address: str) -> None:
    assert refusal(address, 443, Policy()) == ""
    assert "port 22" in refusal(address, 22, Policy())


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("127.0.0.1", "this host"),
        ("::ffff:10.0.0.1", "private"),
        ("169.254.169.254", "metadata"),
        ("fd00:ec2::254", "private"),
        ("100.64.0.1", "carrier"),
        ("3fff::1", "documentation"),
        ("2001:0:1::", "Teredo"),
        ("fe80::1%eth0", "link-local"),
        ("::", "this host"),
        ("240.0.0.1", "reserved"),
    ],
)
def test_inner_addresses_are_refused_with_the_reason(address: str, word: str) -> None:
    assert word in refusal(address, 80, Policy())


def test_an_allowed_network_lets_its_own_addresses_through_and_no_others() -> None:
    rules = policy(Settings(allow_private="10.1.0.0/16, fd12::/32"), "fetch")
    assert refusal("10.1.2.3", 9999, rules) == ""
    assert refusal("fd12::5", 80, rules) == ""
    assert refusal("10.2.0.1", 80, rules)


def test_networks_are_allowed_for_one_role_only() -> None:
    settings = Settings(allow_private_webhooks="127.0.0.0/8")
    assert refusal("127.0.0.1", 80, policy(settings, "webhook")) == ""
    assert refusal("127.0.0.1", 80, policy(settings, "fetch"))


def test_the_demo_press_is_one_port_of_one_address() -> None:
    rules = policy(Settings(), "fetch", press=("127.0.0.1", 40_123))
    assert refusal("127.0.0.1", 40_123, rules) == ""
    assert refusal("127.0.0.1", 40_124, rules)
    assert refusal("127.0.0.2", 40_123, rules)
    assert refusal("127.0.0.1", 40_123, policy(Settings(), "fetch"))


@pytest.mark.parametrize(
    ("setting", "value", "word"),
    [
        ("allow_private", "10.0.0.0/99", "TOCSIN_ALLOW_PRIVATE"),
        ("allow_private_webhooks", "x", "TOCSIN_ALLOW_PRIVATE_WEBHOOKS"),
        ("allow_ports", "70000", "TOCSIN_ALLOW_PORTS"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(setting: str, value: str, word: str) -> None:
    settings = Settings(**{setting: value})  # type: ignore[arg-type]  # each is a string
    with pytest.raises(UsageError, match=word):
        policy(settings, "webhook" if "webhooks" in setting else "fetch")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "//example.org/",
        "http:///x",
        "http://user@example.org/",
        "http://user:word@example.org/",
        "http://example.org\\@evil.example/",
        "http://exa mple.org/",
        "http://example.org/\r\nX: y",
        "http://[::1/",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://example.org/" + "a" * 3000,
    ],
)
def test_addresses_that_readers_disagree_about_are_refused(url: str) -> None:
    with pytest.raises(Refused):
        checked_url(url)


def test_a_good_address_is_kept_without_its_fragment() -> None:
    assert str(checked_url("https://example.org/a?b=%20c#d")) == "https://example.org/a?b=%20c"


def test_sockets_are_made_for_internet_addresses_only() -> None:
    make = socket_factory(Policy())
    with pytest.raises(DialRefusedError):
        make((socket.AF_UNIX, socket.SOCK_STREAM, 0, "", ("/tmp/x",)))


def test_we_introduce_ourselves_and_a_contact_cannot_break_the_header() -> None:
    assert user_agent(Settings()) == "Tocsin/0.1.0 (news monitor)"
    assert "\n" not in user_agent(Settings(contact="https://desk.example\r\nX: y"))
    assert "https://desk.example" in user_agent(Settings(contact="https://desk.example"))


def test_nothing_else_dials() -> None:
    """Whoever opens connections does it through `outbound`, or is a server's adapter."""
    root = Path(__file__).parents[3] / "services" / "tocsin"
    found = [
        str(path.relative_to(root))
        for path in sorted(root.rglob("*.py"))
        if "ClientSession(" in path.read_text("utf-8") or "urlopen(" in path.read_text("utf-8")
    ]
    assert found == ["adapters/outbound.py"]
