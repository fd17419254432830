"""From markup to the words a reader sees: one forward scan, no tree, so depth costs nothing.

Feeds mix HTML, escaped HTML and plain text in the same fields. Text without a single tag of HTML
passes through unharmed apart from its entities; with one, tags go, blocks become lines, and what a
browser never shows (scripts, styles, comments) is dropped. Every search that fails is remembered, so
that the whole is linear in the input whatever it holds. Never sanitises for display: that is the
page's affair.
"""

import re
from html import escape as _escape
from html import unescape as _unescape

LIMIT = 4 << 20
"""Characters looked at; the rest is cut off (a page is at most 3 MiB)."""


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


_INLINE = _words(
    "a abbr acronym applet area audio b base basefont bdi bdo big blink canvas cite code data del dfn em "
    "embed font i img ins input kbd label link map mark marquee meta meter nobr object output param picture "
    "progress q rp rt ruby s samp small source span strike strong sub sup svg time track tt u var "
    "video wbr"
)
_BLOCK = _words(
    "address article aside blockquote body br caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 header hgroup hr html "
    "legend li main menu nav ol optgroup option p pre search section summary table tbody tfoot "
    "thead tr ul"
)
_CELL = frozenset(("td", "th"))
_HIDDEN = _words(
    "button head iframe math noembed noframes noscript script select style svg template textarea "
    "title xmp"
)
_KNOWN = _INLINE | _BLOCK | _CELL | _HIDDEN
_RAW = frozenset(("script", "style"))
"""Hidden elements that swallow the rest where they are never closed, as in a browser."""

_NAME = r"[A-Za-z][^\s/>\x00<]*"
_OPEN = re.compile(rf"<(?:(/?)({_NAME})|(!--)|([!?]))")
_ATTRIBUTES = re.compile(r"""(?:[^"'>]++|"[^"]*+"|'[^']*+')*+>""")
_LOOKS_LIKE_HTML = re.compile(
    rf"</?({'|'.join(sorted(_KNOWN, key=lambda n: (-len(n), n)))})[\s/>]|<!--", re.IGNORECASE
)
_HUGE_NUMBER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")
_SPACE = re.compile(r"[\t\n\r\f]+")
_BLANKS = re.compile(r" {2,}")
_AROUND_LINE = re.compile(r" *\n[ \n]*")


def unescape(text: str) -> str:
    """Character references resolved once; a number that is no code point becomes U+FFFD.

    `html.unescape` alone raises on more than 4,300 digits.
    """
    if "&" not in text:
        return text
    return _unescape(_HUGE_NUMBER.sub("\ufffd", text))


def has_markup(text: str) -> bool:
    """Whether `text` holds at least one tag of HTML (`a < b` and `<me@example.org>` are none)."""
    return "<" in text and _LOOKS_LIKE_HTML.search(text, 0, LIMIT) is not None


def html_to_text(html: str) -> str:
    """The words of `html` (first `LIMIT` characters). Plain text is returned as it is, entities
    resolved. Of markup: blocks and <br> part lines, cells are parted by a blank, runs of blanks fold
    to one, ends are trimmed. Raises nothing; time is linear in the input.
    """
    html = html[:LIMIT]
    if not has_markup(html):
        return unescape(html)
    return _fold("".join(_Scanner(html).words()))


def _fold(text: str) -> str:
    return _AROUND_LINE.sub("\n", _BLANKS.sub(" ", unescape(text))).strip()


class _Scanner:
    """One pass over one document. `_absent` remembers which closing words never come again."""

    def __init__(self, html: str) -> None:
        # Line ends of the source are blanks, except in <pre>, where pieces are looked at one by one.
        self._pieces_matter = "<pre" in html or "<PRE" in html
        self._html = html if self._pieces_matter else _SPACE.sub(" ", html)
        self._absent: set[str] = set()
        self._quotes_pair = True
        self._pre = 0

    def words(self) -> list[str]:
        """Pieces of text and line breaks, in order; references not yet resolved."""
        html, out, at = self._html, [], 0
        search, whole = _OPEN.search, _ATTRIBUTES.match
        while True:
            tag = search(html, at)
            if tag is None:
                out.append(self._text(html[at:]))
                return out
            start, inside = tag.span()
            if start > at:
                out.append(self._text(html[at:start]))
            closing, name, comment, other = tag.groups()
            if name is None:
                at = self._after_comment(inside, comment is not None, other)
                continue
            ended = whole(html, inside) if self._quotes_pair else None
            at = ended.end() if ended is not None else self._tag_end(inside)
            if at < 0:  # no ">" follows: what looks like a tag is text
                out.append(self._text(html[start:]))
                return out
            name = name.lower()
            if name in _INLINE:
                if name == "q":
                    out.append("”" if closing else "“")
            elif name == "pre":
                self._pre = max(0, self._pre + (-1 if closing else 1))
                out.append("\n")
            elif name in _BLOCK:
                out.append("\n")
            elif name in _CELL:
                out.append(" ")
            elif name in _HIDDEN and not closing:
                at = self._after_hidden(name, at)
                if name in ("noscript", "iframe"):
                    out.append("\n")

    def _text(self, raw: str) -> str:
        if not self._pieces_matter:
            return raw
        if self._pre:
            return raw.replace("\r\n", "\n").replace("\r", "\n")
        return _SPACE.sub(" ", raw)

    def _tag_end(self, at: int) -> int:
        self._quotes_pair = False  # a quote is open to the end: from here on ">" ends a tag
        return self._find(">", at)

    def _after_comment(self, at: int, comment: bool, other: str | None) -> int:  # noqa: FBT001 - one caller, above
        if comment:
            end = self._find("-->", at)
        elif other == "!" and self._html.startswith("[CDATA[", at):
            return at + len("[CDATA[")  # CDATA that survived escaping: its content is text
        else:
            end = self._find(">", at)
        return end if end >= 0 else at

    def _after_hidden(self, name: str, at: int) -> int:
        if name in self._absent:
            return at
        end = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(self._html, at)
        if end is not None:
            return end.start()
        self._absent.add(name)
        return len(self._html) if name in _RAW else at

    def _find(self, mark: str, at: int) -> int:
        if mark in self._absent:
            return -1
        found = self._html.find(mark, at)
        if found < 0:
            self._absent.add(mark)
            return -1
        return found + len(mark)


def as_html(text: str) -> str:
    """Plain text in a form that `html_to_text` gives back as it was: escaped only where it would be
    misread.
    """
    if "<" not in text and "&" not in text:
        return text
    return _escape(text, quote=False) if html_to_text(text) != text else text
