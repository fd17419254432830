"""The only dialler: every connection to the world outside is opened here, or not at all.

Whether an address may be dialled is decided on the very address that the socket is made for, after
all names have been resolved, so no spelling, no redirect and no second DNS answer gets around it
(reliability.md §3). Each role has its own exceptions; nothing is taken from proxy variables.
"""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp
from yarl import URL

import tocsin
from tocsin.errors import Refused, UsageError
from tocsin.settings import Settings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Role = Literal["fetch", "webhook"]

PORTS = frozenset((80, 443, 8080, 8443))
"""Ports of the public net that may be dialled; settings may add some."""
MUST_NOT = "must not be dialled"
"""Stands in every refusal's text; clients wrap our error, the words survive."""
MAX_URL = 2_048
_NAMED = tuple(
    (ipaddress.ip_network(network), name)
    for network, name in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a carrier's network"),
        ("127.0.0.0/8", "this host"),
        ("169.254.0.0/16", "link-local or cloud metadata"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "a private network"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/96", "this host or IPv4-compatible"),
        ("64:ff9b::/96", "a NAT64 prefix"),
        ("64:ff9b:1::/48", "a NAT64 prefix"),
        ("100::/64", "discard only"),
        ("2001::/23", "reserved or Teredo"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "for documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "a private network"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What one role may dial beyond public addresses on the usual ports."""

    networks: tuple[Network, ...] = ()
    """Networks that the owner of this desk allows, on any port."""
    ports: frozenset[int] = PORTS
    press: tuple[str, int] | None = None
    """The demo press's own address and port, for requests marked demo and no others."""


def policy(settings: Settings, role: Role, press: tuple[str, int] | None = None) -> Policy:
    """The policy of a role. Raises UsageError, naming the setting, for one that cannot be read."""
    fetch = role == "fetch"
    name = "TOCSIN_ALLOW_PRIVATE" if fetch else "TOCSIN_ALLOW_PRIVATE_WEBHOOKS"
    raw = settings.allow_private if fetch else settings.allow_private_webhooks
    networks = []
    for part in raw.split(","):
        if part.strip():
            try:
                networks.append(ipaddress.ip_network(part.strip(), strict=False))
            except ValueError as error:
                raise UsageError(f"{name}: {error}; write e.g. 10.1.0.0/16") from error
    ports = set(PORTS)
    for part in settings.allow_ports.split(","):
        if part.strip():
            if not part.strip().isdecimal() or not 0 < int(part) < 65_536:
                raise UsageError(f"TOCSIN_ALLOW_PORTS: {part.strip()!r} is no port (1 to 65535)")
            ports.add(int(part))
    return Policy(tuple(networks), frozenset(ports), press)


def refusal(address: str, port: int, rules: Policy) -> str:
    """Why this address and port must not be dialled; "" where they may be."""
    try:
        ip: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address!r} is no address"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if rules.press == (str(ip), port):
        return ""
    if any(ip.version == n.version and ip in n for n in rules.networks):
        return ""
    for network, name in _NAMED:
        if ip.version == network.version and ip in network:
            return f"{ip} is {name}"
    if not ip.is_global or ip.is_multicast:
        return f"{ip} is not public"
    if port not in rules.ports:
        return f"port {port} is not allowed (TOCSIN_ALLOW_PORTS adds ports)"
    return ""


class DialRefusedError(OSError):
    """Raised in place of a socket; an OSError, since that is what an HTTP client expects of one."""


def socket_factory(rules: Policy) -> Callable[[tuple[Any, ...]], socket.socket]:
    """Makes the sockets of a client; raises DialRefusedError for an address that must not be dialled."""

    def make(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, target = info
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise DialRefusedError(f"{MUST_NOT}: no internet address")
        why = refusal(target[0], target[1], rules)
        if why:
            raise DialRefusedError(f"{MUST_NOT}: {why}")
        return socket.socket(family, kind, protocol)

    return make


def checked_url(url: str) -> URL:
    """The address to be asked, parsed once, by the parser that the client uses. Raises Refused for
    what readers of addresses disagree about (backslash, userinfo, blanks, control characters) and for
    anything but http and https.
    """
    if len(url) > MAX_URL:
        raise Refused(f"the address has {len(url)} characters; at most {MAX_URL} are taken")
    if any(c.isspace() or c == "\\" or ord(c) < 0x20 or ord(c) == 0x7F for c in url):
        raise Refused("the address holds a blank, a backslash or a control character")
    if not url.lower().startswith(("http://", "https://")):
        raise Refused("the address does not begin with http:// or https://")
    try:
        parsed = URL(url)
        port, host = parsed.port, parsed.host
    except (ValueError, UnicodeError) as error:
        raise Refused(f"the address cannot be read: {error}") from error
    if not host or parsed.user is not None or parsed.password is not None:
        raise Refused("the address names no host" if not host else "the address holds a user name")
    if not port:
        raise Refused("the address names port 0")
    return parsed.with_fragment(None)


def user_agent(settings: Settings) -> str:
    """How we introduce ourselves to publishers: name, version, where to complain."""
    contact = "".join(c for c in settings.contact if c.isprintable() and c.isascii())[:200]
    about = f"+{contact}; news monitor" if contact else "news monitor"
    return f"Tocsin/{tocsin.__version__} ({about})"


def session(
    rules: Policy, *, agent: str, connections: int = 200, per_host: int = 2
) -> aiohttp.ClientSession:
    """A client that dials by `rules`: no cookies, no proxies, no automatic unpacking or redirects (the
    caller follows them, hop by hop); 32 KiB a header line, 500 headers. To be closed by the caller;
    needs a running loop.
    """
    connector = aiohttp.TCPConnector(
        socket_factory=socket_factory(rules),
        limit=connections,
        limit_per_host=per_host,
        ttl_dns_cache=60,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": agent},
        auto_decompress=False,
        trust_env=False,
        max_line_size=32_768,
        max_field_size=32_768,
        max_headers=500,
    )
