"""`/api/v1/articles`: found by a query, or listed by time collected."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from tocsin.api import csv_rows, searching, shapes
from tocsin.api.forms import Read
from tocsin.api.routes.articles import article_of
from tocsin.ports.search import Order, Window
from tocsin.query.explain import explain
from tocsin.query.parse import parse
from tocsin.query.view import view_of
from tocsin_schemas.story import ClusteredArticle

router = APIRouter(prefix="/api/v1/articles", tags=["articles"])
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("")
def get(
    read: Read,
    q: str = "",
    limit: Limit = 50,
    cursor: str = "",
    order: Order = "newest",
    since: Annotated[str, Query(alias="from")] = "",
    until: Annotated[str, Query(alias="to")] = "",
    reasons: Annotated[bool, Query(alias="explain")] = False,  # noqa: FBT002  # a query parameter
) -> dict[str, Any]:
    """`{total, exact, hits, cursor}`; `q` is a query, empty: everything. `explain` adds each hit's
    clauses.
    """
    window = searching.window_of(since, until)
    if not q.strip():
        part = read.desk.search.listing(
            "articles", window=window, order=order, limit=limit, cursor=cursor
        )
        bodies = [d.body for d in part.documents if isinstance(d.body, ClusteredArticle)]
        total = read.desk.search.count("articles") if window == Window() else len(bodies)
        return {
            "total": total,
            "exact": window == Window() or not part.cursor,
            "hits": [{**shapes.article_row(b), "spans": []} for b in bodies],
            "cursor": part.cursor,
        }
    query = parse(q, read.words())
    hits = read.desk.search.search(query, window=window, order=order, limit=limit, cursor=cursor)
    rows = [shapes.hit_row(h) for h in hits.hits]
    if reasons:
        for row, hit in zip(rows, hits.hits, strict=True):
            assert isinstance(hit.document.body, ClusteredArticle)
            body = hit.document.body
            row["explain"] = [
                {"clause": c.text, "met": c.met, "spans": [shapes.span_row(s) for s in c.spans]}
                for c in explain(query.root, body.article, view_of(body))
            ]
    return {
        "total": hits.total,
        "exact": hits.exact,
        "query": query.canonical,
        "hits": rows,
        "cursor": hits.cursor,
    }


@router.get("/csv")
def as_csv(read: Read, q: str = "", cursor: str = "") -> Response:
    """200 articles, or hits of a query, as CSV."""
    return csv_rows.answer(get(read, q, 200, cursor)["hits"], "articles")


@router.get("/{article_id}")
def one(article_id: str, read: Read) -> dict[str, Any]:
    """One article with its words and all that was read in it."""
    return shapes.article_full(article_of(read, article_id))
