"""An item's address in two forms: the one to open, and the one that says which article it is.

`canonical` is the address in the normal form of RFC 3986, so that equal addresses are equal
strings; it loses nothing that a server could answer differently to. `key` goes further and drops
what only tells the publisher where a reader came from (tracking parameters, the fragment), so that
one article seen in three feeds is one article. Neither dials anything.
"""

import re
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import idna

LONGEST = 4096
"""Characters of an address; a longer one is no address (browsers and servers refuse it as well)."""

_PORTS = {"http": 80, "https": 443}
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})|%|[^\x21-\x7e]+")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_UNSAFE = {c: f"%{ord(c):02X}" for c in '"<>\\^`{|}[]'}
_HOST = re.compile(
    r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?"
)
_IPV6 = re.compile(r"\[[0-9a-f:.]{2,45}\]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TRACKING_PREFIXES = (
    "utm_",
    "at_",
    "ns_",
    "mc_",
    "pk_",
    "piwik_",
    "mtm_",
    "hsa_",
    "vero_",
    "wt_",
    "guce_",
)
"""Parameter names that begin so are tracking: Urchin, AT Internet, Nielsen, Mailchimp, Matomo, …"""

TRACKING = _words(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh li_fat_id "
    "s_cid cmp cmpid cid_rss icid ito ocid ftag smid smtyp spm xtor mkt_tok _ga _gl _hsenc _hsmi "
    "__twitter_impression traffic_source feedtype feedname guccounter sr_share rss rssid ref_src "
    "ref_url partner taid trk trkinfo oly_anon_id oly_enc_id wickedid campaign_id mbid ncid sh "
    "cvid ei gaa_at gaa_n gaa_ts gaa_sig share shareid sharetoken soc_src soc_trk"
)
"""Parameter names that never choose what a server answers, in lower case."""

_FEED_VALUES = frozenset(("rss", "feed", "feeds", "atom", "newsletter", "twitter", "facebook"))
_WEAK = frozenset(("ref", "source", "src", "from", "via", "output", "medium", "campaign"))
"""Names that track only where the value says so: `source=rss`, but not `source=reuters`."""


def canonical(url: str, base: str = "") -> str:
    """`url` in normal form, resolved against `base`; '' where it is no http(s) address.

    Lower-case scheme and host, IDNA (UTS 46) host, no default port, no user name, no dot segments,
    escapes in upper case and only where they are needed, '/' for an empty path. Idempotent; raises
    nothing.
    """
    url = _CONTROL.sub("", url.strip()) if not url.isascii() or _CONTROL.search(url) else url
    if not url or len(url) > LONGEST:
        return ""
    try:
        parts = urlsplit(urljoin(base, url) if base else url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        return ""
    if scheme not in _PORTS:
        return ""
    host = _host(host)
    if not host:
        return ""
    netloc = host if port is None or port == _PORTS[scheme] else f"{host}:{port}"
    path = _dots(_escaped(parts.path)) or "/"
    whole = urlunsplit((scheme, netloc, path, _escaped(parts.query), _escaped(parts.fragment)))
    return whole if len(whole) <= 3 * LONGEST else ""


def key(url: str) -> str:
    """The identity form of a canonical address; '' for ''.

    Without tracking parameters, without the fragment (but for `#!…`, which chooses a page), and
    with https for http on the default port: one article served both ways is one article. The order
    of the other parameters is kept. Idempotent.
    """
    if not url:
        return ""
    parts = urlsplit(url)
    scheme = "https" if parts.port is None else parts.scheme
    query = "&".join(p for p in parts.query.split("&") if p and not _tracks(p))
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    return urlunsplit(SplitResult(scheme, parts.netloc, parts.path, query, fragment))


def _tracks(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name = name.lower()
    if name.startswith(TRACKING_PREFIXES) or name in TRACKING:
        return True
    return name in _WEAK and value.lower() in _FEED_VALUES


def _host(host: str) -> str:
    host = host.lower()
    if ":" in host:
        host = f"[{host}]"
        return host if _IPV6.fullmatch(host) else ""
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    host = host.rstrip(".")
    return host if len(host) <= 253 and _HOST.fullmatch(host) else ""


def _escaped(part: str) -> str:
    """Escapes of unreserved characters resolved, the others in upper case, the rest escaped."""
    text = _ESCAPE.sub(_escape, part)
    if any(c in text for c in _UNSAFE):
        text = "".join(_UNSAFE.get(c, c) for c in text)
    return text


def _escape(match: re.Match[str]) -> str:
    pair = match.group(1)
    if pair:
        char = chr(int(pair, 16))
        return char if char in _UNRESERVED else f"%{pair.upper()}"
    raw = match.group()
    if raw == "%":
        return "%25"
    return "".join(f"%{b:02X}" for b in raw.encode("utf-8", "replace"))


def _dots(path: str) -> str:
    """Dot segments removed (RFC 3986, 5.2.4)."""
    if "." not in path:
        return path
    out: list[str] = []
    segments = path.split("/")
    for place, segment in enumerate(segments):
        last = place == len(segments) - 1
        if segment == "..":
            if len(out) > 1:
                out.pop()
            if last:
                out.append("")
        elif segment == ".":
            if last:
                out.append("")
        else:
            out.append(segment)
    return "/".join(out)
