"""A story's brief as Markdown, each line cited by article, version and characters. Pure but for reading
the index; the words of the news are escaped so that they stay words.
"""

from tocsin.api import display, pages
from tocsin.api.drawing import timeline
from tocsin.api.whole_story import StoryView, view_of
from tocsin.ports.search import Search
from tocsin_schemas.story import Story


def markdown(story: Story, search: Search) -> str:
    """The brief of `story` with its articles from `search`."""
    return written(view_of(search, story, everything=True))


def written(shown: StoryView) -> str:
    """The brief of a story gathered already."""
    s = shown.story
    drawn = timeline.draw(s, published=shown.published, everything=True)
    number = {m.article_id: i for i, m in enumerate(shown.members, 1)}

    def cite(article_id: str) -> str:
        return f"[{number[article_id]}]" if article_id in number else "[not held]"

    out = [
        f"# {plain(display.headline(s.title))}",
        "",
        (
            f"{display.count(s.articles, 'article')}, "
            f"{display.count(len(s.origins), 'independent origin')}, "
            f"{display.count(s.copies, 'copy', 'copies')}; first seen {display.iso(s.first_seen)}, "
            f"last change {display.iso(s.last_change)}."
        ),
        "",
    ]
    for d in shown.drawings:
        out += [f"## {d.heading}", "", d.summary, ""]
        for r in d.rows:
            t = r.statement
            who = f"{t.outlet} ({t.attribution})" if t.attribution else t.outlet
            gone = ", retracted" if t.retracted else ""
            out.append(
                f"- {display.iso(t.at or t.collected)} {plain(who)}: {plain(r.says)}{gone}; range "
                f"after it {r.range_words} {cite(t.article_id)} v{t.version}, "
                f"characters {t.span.start}–{t.span.end}"
            )
        out.append("")
    for f in shown.fields:
        if f.verdict == "disagree":
            out += [f"Origins disagree on {f.kind}.", ""]
    if drawn:
        out += ["## Chronology", ""]
        out += [
            f"- {h.happened}: {plain(h.words)} ({plain(', '.join(t.outlet for t in h.sources))}; "
            f"first reported {timeline.reported_words(h)} UTC) {cite(h.sources[0].article_id)}"
            for h in drawn.rows
        ]
        out.append("")
    out += ["## Articles", ""]
    for m in shown.members:
        a = m.article
        what = m.relation if m.copy_of else "original"
        voice = m.origin.name if m.origin else "unknown origin"
        out.append(
            f"{number[m.article_id]}. {plain(a.source.name)}: {plain(display.headline(a.title))} "
            f"({what}, {plain(voice)}, {display.iso(m.first_collected)}) <{pages.web_address(a.url)}>"
        )
    out += ["", f"Story {s.id}, revision {s.revision}."]
    if shown.dark:
        out.append(f"Feeds of this story not ok: {plain(', '.join(shown.dark))}.")
    return "\n".join(out) + "\n"


def plain(text: str) -> str:
    """Words of the news in Markdown: nothing in them is markup."""
    words = " ".join(display.shown(text).split())
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|!~&" else c for c in words)
