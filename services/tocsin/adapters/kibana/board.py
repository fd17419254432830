"""The monitoring dashboard: what came, from where, about which days and places, what rang, who is dark.

Controls (country, source) filter articles. Views that have not both fields are `steady`: a filter on a
field that they lack would empty them, and an empty alert panel reads as "nothing rang".
"""

from dataclasses import dataclass

from tocsin.adapters.kibana.panels import Chart, count, days, each, highest, newest, top
from tocsin.adapters.kibana.searches import FEEDS_NOT_OK

TITLE = "Tocsin: monitoring"
ABOUT = (
    "The time range is that of collection (articles), of the last change (stories), of ringing (alerts);"
    " feeds are always shown as they stand now. Country and source narrow articles only. Days are cut in"
    " the time zone of your browser: set Kibana's zone to UTC for exact event days."
)


@dataclass(frozen=True, slots=True)
class Control:
    """A choice of values above the dashboard, over the articles view."""

    key: str
    field: str
    title: str


CONTROLS = (
    Control("country", "country_code", "Country"),
    Control("source", "source_name", "Source"),
)

CHARTS: tuple[Chart, ...] = (
    Chart("Articles", "articles", "number", {"y": count("Articles")}, place=(0, 0, 12, 6)),
    Chart(
        "Stories that changed",
        "stories",
        "number",
        {"y": count("Stories")},
        where="state:open",
        steady=True,
        place=(12, 0, 12, 6),
    ),
    Chart(
        "Alerts",
        "alerts",
        "number",
        {"y": count("Alerts")},
        steady=True,
        place=(24, 0, 12, 6),
    ),
    Chart(
        "Feeds that are not ok, now",
        "feeds",
        "number",
        {"y": count("Feeds")},
        where=FEEDS_NOT_OK,
        steady=True,
        place=(36, 0, 12, 6),
    ),
    Chart(
        "Articles by day of publication",
        "articles",
        "bar_stacked",
        {
            "split": top("relation", "Relation to its original", 5),
            "x": days("published", "Day of publication"),
            "y": count("Articles"),
        },
        place=(0, 6, 24, 12),
    ),
    Chart(
        "Articles by day of the event",
        "articles",
        "bar_stacked",
        {"x": days("event_day", "Day of the event, as told"), "y": count("Articles")},
        place=(24, 6, 24, 12),
    ),
    Chart(
        "Sources",
        "articles",
        "bar_horizontal",
        {"x": top("source_name", "Source", 15), "y": count("Articles")},
        place=(0, 18, 16, 14),
    ),
    Chart(
        "Countries",
        "articles",
        "bar_horizontal",
        {"x": top("country_code", "Country (ISO)", 15), "y": count("Articles")},
        place=(16, 18, 16, 14),
    ),
    Chart(
        "Highest toll told, by country",
        "articles",
        "bar_horizontal",
        {
            "x": top("country_code", "Country (ISO)", 15, rest=False),
            "y": highest("killed_max", "Killed, at most"),
        },
        where="killed_max:[1 TO *]",
        place=(32, 18, 16, 14),
    ),
    Chart(
        "Tolls now held, by story (all countries and sources)",
        "stories",
        "table",
        {
            "x": top("id", "Story", 15, rest=False),
            "title": newest("title", "Title", by="last_change"),
            "y": highest("killed_max", "Killed, at most"),
            "origins": highest("origins", "Independent origins"),
        },
        where="state:open AND killed_max:[1 TO *]",
        steady=True,
        place=(0, 32, 32, 14),
    ),
    Chart(
        "Stories by independent origins (all countries and sources)",
        "stories",
        "bar_stacked",
        {"x": each("origins", "Independent origins", 12), "y": count("Stories")},
        where="state:open",
        steady=True,
        place=(32, 32, 16, 14),
    ),
    Chart(
        "Alerts by reason",
        "alerts",
        "bar_stacked",
        {
            "split": top("reason", "Reason", 5),
            "x": days("rang", "Rang", every="auto"),
            "y": count("Alerts"),
        },
        steady=True,
        place=(0, 46, 32, 12),
    ),
    Chart(
        "Feeds by state, now",
        "feeds",
        "bar_horizontal",
        {"x": top("state", "State", 10), "y": count("Feeds")},
        steady=True,
        place=(32, 46, 16, 12),
    ),
)

LIST = "newest-articles"
"""The saved search that closes the dashboard."""
LIST_PLACE = (0, 58, 48, 20)
