"""Any feed is read: formats, words of other formats, addresses, dates, wishes; and what is no feed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.pipeline.collect.parse import NotAFeedError, ParsedFeed, parse_feed
from tocsin.text.html import html_to_text

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel><title>Paper &amp; Ink</title><link>http://paper.example/</link><language>en-gb</language>
<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
<skipHours><hour>0</hour><hour>24</hour><hour>x</hour><hour>3</hour></skipHours>
<skipDays><day>Sunday</day><day>Never</day></skipDays>
<item><title>One</title><link>/1</link><guid>tag:1</guid><description>Short.</description>
<content:encoded><![CDATA[<p>Long &amp; full.</p>]]></content:encoded>
<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate><dc:creator>Ann</dc:creator>
<category>War</category><category>Peace</category><source url="http://wire.example/f">Wire</source>
</item></channel></rss>"""


def parsed(text: str | bytes, url: str = "http://paper.example/feed", kind: str = "") -> ParsedFeed:
    return parse_feed(text.encode() if isinstance(text, str) else text, kind, url)


def pairs(feed: ParsedFeed) -> list[tuple[str, str]]:
    return [(e.title, e.link) for e in feed.entries]


def test_rss_is_read_with_the_words_of_its_modules() -> None:
    feed = parsed(RSS)
    assert (feed.format, feed.title, feed.link) == ("rss20", "Paper & Ink", "http://paper.example/")
    assert feed.language == "en-gb"
    assert feed.ttl_s == 1800
    assert feed.skip_hours == (0, 3)
    assert feed.skip_days == ("sunday",)
    (entry,) = feed.entries
    assert (entry.title, entry.link, entry.guid) == ("One", "http://paper.example/1", "tag:1")
    assert (entry.summary, entry.content) == ("Short.", "<p>Long &amp; full.</p>")
    assert entry.published == "Mon, 23 Nov 2026 10:00:00 GMT"
    assert (entry.authors, entry.categories) == (("Ann",), ("War", "Peace"))
    assert (entry.source_title, entry.source_url) == ("Wire", "http://wire.example/f")
    assert feed.warnings == ()


def test_atom_is_read_with_its_types_of_text() -> None:
    feed = parsed(
        """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title type="html">A &amp;amp; B</title>
        <entry><title type="text">1 &lt; 2 &amp; &lt;b&gt;3</title><id>urn:1</id>
        <link rel="self" href="http://x.example/self"/><link href="http://x.example/1"/>
        <link rel="enclosure" href="http://x.example/e"/><updated>2026-11-23T10:00:00Z</updated>
        <author><name>Ann</name></author>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>P</p></div></content>
        <category term="War"/><source><title>Wire</title><link href="http://wire.example/"/></source>
        </entry></feed>"""
    )
    (entry,) = feed.entries
    assert (feed.format, feed.title, feed.language) == ("atom10", "A & B", "de")
    assert html_to_text(entry.title) == "1 < 2 & <b>3"
    assert (entry.link, entry.guid) == ("http://x.example/1", "urn:1")
    assert entry.content == "<p>P</p>"
    assert (entry.updated, entry.published) == ("2026-11-23T10:00:00Z", "")
    assert (entry.source_title, entry.source_url) == ("Wire", "http://wire.example/")


@pytest.mark.parametrize(
    ("text", "form", "want"),
    [
        (
            (
                '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org'
                '/rss/1.0/"><channel><title>C</title></channel><item><title>One</title>'
                "<link>http://x.example/1</link></item></rdf:RDF>"
            ),
            "rdf10",
            [("One", "http://x.example/1")],
        ),
        (
            (
                '<rss version="0.91"><channel><item><title>One</title><link>http://x.example/1</link>'
                "</item></channel></rss>"
            ),
            "rss091",
            [("One", "http://x.example/1")],
        ),
        (
            (
                '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title mode="escaped">'
                '&lt;b&gt;One&lt;/b&gt;</title><link rel="alternate" type="text/html" '
                'href="http://x.example/1"/></entry></feed>'
            ),
            "atom03",
            [("<b>One</b>", "http://x.example/1")],
        ),
        (
            (
                '<CHANNEL HREF="http://x.example/"><ITEM HREF="http://x.example/1"><TITLE>One</TITLE>'
                "<ABSTRACT>A.</ABSTRACT></ITEM></CHANNEL>"
            ),
            "cdf",
            [("One", "http://x.example/1")],
        ),
        (
            (
                '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": 7, '
                '"title": "a < b", "url": "/1", "content_text": "<p> is a tag", "tags": ["x", 3]}]}'
            ),
            "json11",
            [("a < b", "http://paper.example/1")],
        ),
        (
            (
                '<r:rss xmlns:r="http://strange.example/" version="2.0"><r:channel><r:item><r:title>One'
                "</r:title></r:item></r:channel></r:rss>"
            ),
            "rss20",
            [("One", "")],
        ),
    ],
)  # fmt: skip
def test_each_format_is_read(text: str, form: str, want: list[tuple[str, str]]) -> None:
    feed = parsed(text)
    assert (feed.format, pairs(feed)) == (form, want)


def test_plain_text_of_a_json_feed_comes_back_as_it_was() -> None:
    feed = parsed(
        '{"version": "https://jsonfeed.org/version/1", "items": [{"content_text": "<p> is a tag"}]}'
    )
    assert html_to_text(feed.entries[0].content) == "<p> is a tag"
    assert feed.format == "json10"


@pytest.mark.parametrize(
    ("item", "link"),
    [
        ("<guid>http://x.example/g</guid>", "http://x.example/g"),
        ("<guid isPermaLink='false'>http://x.example/g</guid>", ""),
        ("<guid>not an address</guid>", ""),
        ("<guid>http://x.example/g</guid><link>http://x.example/l</link>", "http://x.example/l"),
        ("<link>//other.example/l</link>", "http://other.example/l"),
        ("<link>\n  http://x.example/a  \n</link>", "http://x.example/a"),
        ("<link><![CDATA[http://x.example/?a=1&b=2]]></link>", "http://x.example/?a=1&b=2"),
        ("<link>http://x.example/?a=1&b=2&copy=3</link>", "http://x.example/?a=1&b=2&copy=3"),
        ("<link/>", ""),
        ("<link>http://[broken/</link>", "http://[broken/"),
        (f"<link>http://x.example/{'a' * 3000}</link>", ""),
    ],
)
def test_an_entrys_link_is_its_link_else_its_permanent_guid(item: str, link: str) -> None:
    feed = parsed(
        f"<rss version='2.0'><channel><item><title>T</title>{item}</item></channel></rss>"
    )
    assert [e.link for e in feed.entries] == [link]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ann@x.example (Ann Lee)", "Ann Lee"),
        ("Ann Lee &lt;ann@x.example&gt;", "Ann Lee"),
        ("Ann Lee", "Ann Lee"),
        ("ann@x.example", "ann@x.example"),
    ],
)
def test_an_author_is_a_name_where_there_is_one(said: str, name: str) -> None:
    feed = parsed(
        f"<rss><channel><item><title>T</title><author>{said}</author></item></channel></rss>"
    )
    assert feed.entries[0].authors == (name,)


def test_xml_base_counts_from_the_outermost_inwards() -> None:
    feed = parsed(
        """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/a/"><entry xml:base="b/">
        <title>T</title><link href="c"/></entry><entry><title>U</title>
        <link xml:base="http://other.example/" href="d"/></entry></feed>"""
    )
    assert [e.link for e in feed.entries] == [
        "http://paper.example/a/b/c",
        "http://other.example/d",
    ]
    assert feed.entry_bases == ("http://paper.example/a/b/", "http://paper.example/a/")


def test_named_entities_of_html_survive_and_declared_ones_are_never_expanded() -> None:
    feed = parsed(
        """<!DOCTYPE rss [<!ENTITY own "EXPANDED"><!ENTITY file SYSTEM "file:///etc/hosts">]>
        <rss version="2.0"><channel><item><title>Caf&eacute;&nbsp;&own;&file; &amp; &#8364; &lt;</title>
        <description><![CDATA[Caf&eacute; &own;]]></description></item></channel></rss>"""
    )
    assert feed.entries[0].title == "Café\xa0&own;&file; & € <"
    assert html_to_text(feed.entries[0].summary) == "Café &own;"


def test_what_publishers_get_wrong_is_mended() -> None:
    feed = parsed(
        "Warning: headers sent\n<?xml version='1.0' encoding='bogus'?>\n<!-- <rss> -->"
        "<rss version='2.0'><channel><item><title>AT&T & Q</title>"
        "<description>one<br>two<img src='x'>three</description><link>http://x.example/1</link>"
        "</item><item><title>Two</title></item></channel></rss>trailing"
    )
    assert pairs(feed) == [("AT&T & Q", "http://x.example/1"), ("Two", "")]
    assert html_to_text(feed.entries[0].summary) == "one\ntwothree"
    assert feed.warnings


def test_a_document_that_breaks_off_keeps_what_came_before() -> None:
    feed = parsed(RSS[: RSS.index("</item>")])
    assert [e.guid for e in feed.entries] == ["tag:1"]
    assert any("well-formed" in w for w in feed.warnings)


@pytest.mark.parametrize(
    ("body", "kind", "title"),
    [
        ("<rss><channel><item><title>Тест</title></item></channel></rss>".encode("utf-16"), "", "Тест"),
        (
            (
                "<?xml version='1.0' encoding='windows-1251'?><rss><channel><item><title>Тест</title>"
                "</item></channel></rss>".encode("cp1251")
            ),
            "",
            "Тест",
        ),
        (
            "<rss><channel><item><title>Тест</title></item></channel></rss>".encode("koi8-r"),
            "text/xml; charset=koi8-r",
            "Тест",
        ),
        (
            (
                "<?xml version='1.0' encoding='iso-8859-1'?><rss><channel><item><title>Tést “q”</title>"
                "</item></channel></rss>".encode()
            ),
            "application/xml; charset=iso-8859-1",
            "Tést “q”",
        ),
        (
            (
                "<?xml version='1.0' encoding='utf-8'?><rss><channel><item><title>Tést “q”</title>"
                "</item></channel></rss>".encode("cp1252")
            ),
            "",
            "Tést “q”",
        ),
        (
            (
                "<?xml version='1.0' encoding='utf-16'?><rss><channel><item><title>Tést</title></item>"
                "</channel></rss>".encode()
            ),
            "",
            "Tést",
        ),
        (
            (
                "<?xml version='1.0' encoding='cp037'?><rss><channel><item><title>Test</title></item>"
                "</channel></rss>".encode("cp037")
            ),
            "",
            "Test",
        ),
        (
            "<rss><channel><item><title>Test</title></item></channel></rss>".encode("utf-16-be"),
            "",
            "Test",
        ),
        (
            (
                b"<?xml version='1.0' encoding='punycode'?><rss><channel><item><title>Test</title></item>"
                b"</channel></rss>"
            ),
            "text/xml; charset=unicode_escape",
            "Test",
        ),
        (b"<rss><channel><item><title>Te\0s\x07t</title></item></channel></rss>", "", "Test"),
    ],
)  # fmt: skip
def test_the_charset_is_what_the_bytes_agree_with(body: bytes, kind: str, title: str) -> None:
    assert [e.title for e in parsed(body, kind=kind).entries] == [title]


def test_bytes_that_fit_no_charset_are_replaced_and_told() -> None:
    body = "<rss><channel><item><title>ééééé".encode() + b"\xff</title></item></channel></rss>"
    feed = parsed(body)
    assert feed.entries[0].title == "ééééé\ufffd"
    assert any("U+FFFD" in w for w in feed.warnings)


def test_base64_content_is_decoded_and_what_only_claims_to_be_stays() -> None:
    packed = base64.b64encode(b"<p>Hello</p>").decode()
    feed = parsed(
        f"""<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title mode="base64">{packed}
        </title><content type="application/x-odd">plain, after all</content></entry></feed>"""
    )
    assert feed.entries[0].title == "<p>Hello</p>"
    assert feed.entries[0].content == "plain, after all"


def test_no_more_than_2000_entries_are_kept_and_they_are_the_newest() -> None:
    items = "".join(
        f"<item><title>{n}</title><pubDate>2026-01-{n % 28 + 1:02d}T00:00:00Z</pubDate></item>"
        for n in range(2100)
    )
    feed = parsed(f"<rss version='2.0'><channel>{items}</channel></rss>")
    assert len(feed.entries) == 2000
    assert feed.truncated
    assert min(e.published for e in feed.entries) > "2026-01-01"
    assert [int(e.title) for e in feed.entries] == sorted(int(e.title) for e in feed.entries)


def test_a_flood_of_tags_is_cut_and_markup_in_cdata_is_no_flood() -> None:
    flood = parsed("<rss><channel><item><title>t</title></item>" + "<x/>" * 300_000)
    assert (len(flood.entries), flood.truncated) == (1, True)
    rich = (
        "<item><title>t</title><description><![CDATA["
        + "<p>x</p>" * 500
        + "]]></description></item>"
    )
    whole = parsed("<rss><channel>" + rich * 400 + "</channel></rss>")
    assert (len(whole.entries), whole.truncated) == (400, False)


def test_a_web_page_is_refused_with_the_feeds_that_it_names() -> None:
    page = """<!doctype html><html><head><link rel="stylesheet" href="x.css">
    <link rel="alternate" type="application/rss+xml" href="/rss?a=1&amp;b=2">
    <link type='application/atom+xml' href='//other.example/atom' rel='feed alternate'>
    </head><body><a class="x" href="/news/feed/">Feed</a><a href="/about">About</a></body></html>"""
    with pytest.raises(NotAFeedError, match="HTML") as caught:
        parsed(page)
    assert caught.value.alternatives == (
        "http://paper.example/rss?a=1&b=2",
        "http://other.example/atom",
        "http://paper.example/news/feed/",
    )


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("", "empty"),
        (" \n\0", "empty"),
        ("hello", "plain text"),
        ("<note><to>T</to></note>", "no feed"),
        ('{"a": 1}', "JSON"),
        ("{broken", "JSON"),
        ("[1, 2]", "JSON"),
        ("<html><p>x", "HTML"),
        ("<", "no"),
    ],
)
def test_what_is_no_feed_is_refused_in_words(body: str, word: str) -> None:
    with pytest.raises(NotAFeedError, match=word):
        parsed(body)


HOSTILE = {
    "billion laughs": '<!DOCTYPE l [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY b{i} "{f"&b{i - 1};" * 10}">' for i in range(1, 9))
    + "]><rss><channel><item><title>&b8;</title></item></channel></rss>",
    "200 k nested tags": "<rss><channel><item><title>t</title>" + "<a>" * 200_000,
    "unclosed items": "<rss><channel>" + "<item><title>t" * 100_000,
    "ampersands": "<rss><channel><item><title>" + "&" * 1_000_000,
    "opened cdata": "<rss>&<channel><item><title>" + "<![CDATA[" * 200_000,
    "comments": "<!--" * 250_000 + "<rss/>",
    "doctypes": "<!DOCTYPE x [" * 100_000 + "<rss/>",
    "attributes": "<rss " + "a='1' " * 100_000 + "/>",
    "200 k items": "<rss><channel>" + "<item><title>t</title></item>" * 200_000,
    "bases": "<rss>" + "<x xml:base='a/'>" * 200 + "<item><link>l</link></item>" * 20_000,
    "json": "[" * 500_000,
    "json items": '{"items":' * 100_000,
    "json digits": '{"items":[{"id":' + "1" * 500_000 + "}]}",
    "html links": "<html>" + "<link " * 200_000,
    "void tags": "<rss>&<item>" + "<br " * 200_000,
    "brackets": "<rss><channel><item><description><![CDATA[" + "<" * 1_000_000 + "]]>",
    "surrogates": "<rss><channel><item><title>&#xD800;&#0;&#x110000;&#99999999;t",
}


@pytest.mark.timeout(60)  # each takes a second or two; what it guards against takes hours
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_documents_neither_hang_nor_crash(name: str) -> None:
    try:
        feed = parsed(HOSTILE[name].encode())
    except NotAFeedError:
        return
    assert len(feed.entries) <= 2000
    assert all(len(e.title) <= 1000 and len(e.link) <= 2048 for e in feed.entries)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_feed_or_refused(body: bytes) -> None:
    try:
        parse_feed(body, "text/xml; charset=utf-8", "http://x.example/")
    except NotAFeedError:
        return


@given(st.text(alphabet="<>/&;![]-='\" aitemrsscdCDATA#x1\n", max_size=200))
def test_any_markup_in_an_item_is_read_or_refused(inside: str) -> None:
    body = f"<rss version='2.0'><channel><item><title>{inside}</title></item></channel></rss>"
    try:
        feed = parse_feed(body.encode(), "", "http://x.example/")
    except NotAFeedError:
        return
    assert feed == parse_feed(body.encode(), "", "http://x.example/")


@given(
    st.lists(
        st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=40),
        max_size=8,
    )
)
def test_titles_in_cdata_come_back_as_they_were(titles: list[str]) -> None:
    wanted = [t.replace("]]>", "").strip() for t in titles]
    items = "".join(f"<item><title><![CDATA[{t}]]></title></item>" for t in wanted)
    feed = parsed(f"<rss version='2.0'><channel><title>C</title>{items}</channel></rss>")
    assert [e.title for e in feed.entries] == wanted
