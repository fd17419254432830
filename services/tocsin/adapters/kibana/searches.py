"""The saved searches: what an analyst opens first, and the columns that answer before a click."""

from dataclasses import dataclass

from tocsin_schemas.contract import KINDS
from tocsin_schemas.feed import NOT_OK

WITH_CASUALTIES = " OR ".join(f"{kind}_max:[1 TO *]" for kind in KINDS)
FEEDS_NOT_OK = "state:(" + " OR ".join(f'"{state}"' for state in sorted(NOT_OK)) + ")"
MANY_ORIGINS = "state:open AND origins:[2 TO *]"
NO_COPIES = "*:* AND NOT _exists_:copy_of"


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved search over the view `view`; `where` is Lucene; `order`: column, direction."""

    key: str
    view: str
    title: str
    about: str
    columns: tuple[str, ...]
    order: tuple[str, str]
    where: str


_ARTICLE = ("published", "title", "source_name", "country_code", "origins", "story", "url")

SEARCHES: tuple[Saved, ...] = (
    Saved(
        "newest-articles",
        "articles",
        "Tocsin: newest articles, without copies",
        "By collection, since the time of publication may be missing. Copies are left out.",
        _ARTICLE,
        ("collected", "desc"),
        NO_COPIES,
    ),
    Saved(
        "casualties",
        "articles",
        "Tocsin: articles with casualties",
        "Articles that tell at least one person killed, wounded, missing or kidnapped in their own"
        " event (background figures are not counted).",
        (
            "published",
            "title",
            "source_name",
            "country_code",
            "killed_max",
            "wounded_max",
            "missing_max",
            "kidnapped_max",
            "story",
        ),
        ("collected", "desc"),
        WITH_CASUALTIES,
    ),
    Saved(
        "many-origins",
        "stories",
        "Tocsin: stories told by two or more independent origins",
        "Copies of one agency report are one origin.",
        (
            "title",
            "origins",
            "origin_names",
            "articles",
            "copies",
            "killed_min",
            "killed_max",
            "country_code",
            "id",
        ),
        ("last_change", "desc"),
        MANY_ORIGINS,
    ),
    Saved(
        "all-alerts",
        "alerts",
        "Tocsin: alerts",
        "Every alert, newest first, with its reason and evidence; open its id on the desk.",
        ("subscription_name", "reason", "sentence", "story_title", "source_name", "id"),
        ("rang", "desc"),
        "",
    ),
    Saved(
        "feeds-not-ok",
        "feeds",
        "Tocsin: feeds that are not ok",
        "While one of these is listed, silence may mean that nothing was heard.",
        ("host", "state", "reason", "since", "last_item", "failures", "url", "id"),
        ("since", "asc"),
        FEEDS_NOT_OK,
    ),
)
