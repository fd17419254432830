"""From a form or a JSON body to a subscription on the log: checked field by field, stamped here.

`effective_from` is the desk's time (design §6); editing a query raises its version and rings no rung
story again. A webhook's address is looked at, not dialled.
"""

import base64
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from tocsin.api.acting import is_id, new_id
from tocsin.api.backtesting import backtest
from tocsin.api.failures import Missing
from tocsin.api.reading import Reading
from tocsin.errors import UsageError
from tocsin.query.errors import QueryError
from tocsin.query.parse import parse
from tocsin.text.clean import one_line
from tocsin_schemas.contract import KINDS
from tocsin_schemas.identity import digest_id
from tocsin_schemas.subscription import REASONS, Channel, Subscription

SCHEDULES = ("at-once", "grouped", "hourly", "daily")
WEBHOOKS = 5
"""Webhooks of one subscription."""
_ONE_AT_A_TIME = threading.Lock()


class Invalid(UsageError):
    """Fields that are wrong: `problems` holds field → what is wrong and how to mend it."""

    def __init__(self, problems: Mapping[str, str], query: QueryError | None = None) -> None:
        super().__init__("; ".join(f"{k}: {v}" for k, v in problems.items()))
        self.problems = dict(problems)
        self.query = query


def subscription_of(reading: Reading, subscription_id: str) -> Subscription:
    """The subscription; Missing otherwise."""
    found = reading.subscriptions().get(subscription_id)
    if found is None:
        raise Missing("There is no subscription of that id.", "It may have been removed.")
    return found


def checked(fields: Mapping[str, Any], lists: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The given `fields` as the contract holds them; Invalid names every wrong one. `lists`: words of
    the reusable lists by name.
    """
    problems: dict[str, str] = {}
    out: dict[str, Any] = {}
    wrong: QueryError | None = None
    if "name" in fields:
        name = one_line(str(fields["name"]))
        if not 1 <= len(name) <= 200:
            problems["name"] = "give it a name of 1 to 200 characters"
        out["name"] = name
    if "query" in fields:
        try:
            out["query"] = parse(str(fields["query"]), lists).text
        except QueryError as error:
            problems["query"] = str(error)
            wrong = error
    _choices("reasons", fields, REASONS, problems, out)
    _choices("kinds", fields, KINDS, problems, out)
    if "schedule" in fields:
        if fields["schedule"] not in SCHEDULES:
            problems["schedule"] = f"one of {', '.join(SCHEDULES)}"
        out["schedule"] = fields["schedule"]
    if "origins" in fields:
        try:
            out["origins"] = tuple(sorted({int(n) for n in fields["origins"]}))
        except (TypeError, ValueError):
            out["origins"] = (0,)
        if any(not 2 <= n <= 1000 for n in out["origins"]):
            problems["origins"] = "numbers of independent origins, 2 or more: 2, 3"
    for name in ("enabled", "demo"):
        if name in fields:
            if not isinstance(fields[name], bool):
                problems[name] = "true or false"
            out[name] = fields[name]
    if "unconfirmed_after_s" in fields:
        value = fields["unconfirmed_after_s"]
        if not isinstance(value, int) or isinstance(value, bool) or not 60 <= value <= 30 * 86_400:
            problems["unconfirmed_after_s"] = "seconds, 60 to 2592000"
        out["unconfirmed_after_s"] = value
    if "webhooks" in fields:
        _webhooks(fields["webhooks"], problems)
        out["webhooks"] = tuple(fields["webhooks"])
    if problems:
        raise Invalid(problems, wrong)
    return out


def _choices(
    field: str,
    fields: Mapping[str, Any],
    known: Sequence[str],
    problems: dict[str, str],
    out: dict[str, Any],
) -> None:
    if field not in fields:
        return
    given = fields[field]
    if not isinstance(given, list | tuple) or not given or any(g not in known for g in given):
        problems[field] = f"one or more of {', '.join(known)}"
        return
    out[field] = tuple(k for k in known if k in given)


def _webhooks(urls: Any, problems: dict[str, str]) -> None:
    if not isinstance(urls, list | tuple) or len(urls) > WEBHOOKS:
        problems["webhook"] = f"at most {WEBHOOKS} addresses"
        return
    for url in urls:
        try:
            parts = urlsplit(url)
            fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and len(url) <= 2048
            fine = fine and url.isprintable() and (parts.port is None or parts.port > 0)
        except (ValueError, TypeError, AttributeError):
            fine = False
        if not fine:
            problems["webhook"] = "an address such as https://example.org/hook"


def channels(
    subscription_id: str, urls: Sequence[str], held: Sequence[Channel] = ()
) -> tuple[Channel, ...]:
    """The subscription's own Atom feed, and a webhook for each address; known ones keep their secret."""
    known = {c.url: c for c in held if c.kind == "webhook"}
    out = [Channel(id=digest_id("channel", subscription_id, "feed"), kind="feed")]
    for url in dict.fromkeys(urls):
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        identity = digest_id("channel", subscription_id, "webhook", url)
        out.append(known.get(url) or Channel(id=identity, kind="webhook", url=url, secret=secret))
    return tuple(out)


def insist(reading: Reading, fields: Mapping[str, Any], held: Subscription | None = None) -> None:
    """Refuse what would ring more than `VERY_NOISY` times a day, unless `fields` say `noisy`. Page and
    door ask this before they create or change; a change that leaves the conditions as they are
    (`held`) passes. Raises Invalid. A wrong query passes: it is refused for itself.
    """
    if fields.get("noisy") is True:
        return
    conditions = ("query", "reasons", "kinds", "origins")
    before = {k: getattr(held, k) for k in conditions} if held is not None else {"query": ""}
    try:
        fine = checked({k: fields[k] for k in conditions if k in fields}, reading.words())
        after = before | fine
        if after == before:
            return
        query = parse(after["query"], reading.words())
    except (QueryError, Invalid):
        return
    tested = backtest(reading.desk.bus, query, after, reading.now())
    if tested.too_much:
        raise Invalid({"noisy": f"{tested.noise} Or say that you want so many: tick the box."})


def create(reading: Reading, fields: Mapping[str, Any], *, token: str = "") -> Subscription:
    """A new subscription; with a `token` that made one already, that one. Raises Invalid."""
    fine = checked({"name": "", "query": "", **fields}, reading.words())
    urls = fine.pop("webhooks", ())
    identity = digest_id("subscription", token if is_id(token) else new_id())
    now = reading.now()
    with _ONE_AT_A_TIME:
        known = reading.subscriptions().get(identity)
        if known is not None:
            return known
        made = _made(
            {
                **fine,
                "id": identity,
                "channels": channels(identity, urls),
                "created": now,
                "effective_from": now,
            }
        )
        reading.desk.registers.put_subscription(made, at=now)
        return made


def change(reading: Reading, subscription_id: str, fields: Mapping[str, Any]) -> Subscription:
    """The subscription with `fields` changed. Raises Missing, Invalid."""
    fine = checked(fields, reading.words())
    now = reading.now()
    with _ONE_AT_A_TIME:
        held = subscription_of(reading, subscription_id)
        update: dict[str, Any] = dict(fine)
        if "webhooks" in update:
            update["channels"] = channels(held.id, update.pop("webhooks"), held.channels)
        if update.get("query", held.query) != held.query:
            update["query_version"] = held.query_version + 1
        if update.get("enabled") and not held.enabled:
            update["effective_from"] = now
        made = _made({**held.model_dump(), **update})
        if made != held:
            reading.desk.registers.put_subscription(made, at=now)
        return made


def remove(reading: Reading, subscription_id: str) -> None:
    """End a subscription; its alerts stay. Raises Missing."""
    with _ONE_AT_A_TIME:
        held = subscription_of(reading, subscription_id)
        gone = held.model_copy(update={"deleted": True, "enabled": False})
        reading.desk.registers.put_subscription(gone, at=reading.now())


def _made(fields: Mapping[str, Any]) -> Subscription:
    try:
        return Subscription.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(p) for p in first["loc"])
        raise Invalid({place: first["msg"]}) from error


def proposed_name(query: str) -> str:
    """A name for a query not yet named."""
    return one_line(query)[:80]


@dataclass(frozen=True, slots=True)
class Rang:
    """When a subscription rang: the last time, how often in all, and on each of the last 7 days."""

    last: datetime | None
    alerts: int
    week: list[int]


def rang(reading: Reading, subscription_id: str, now: datetime) -> Rang:
    """When a subscription rang, as the index has it."""
    search = reading.desk.search
    mine = {"subscription_id": subscription_id}
    listing = search.listing("alerts", where=mine, limit=200)
    week = [0] * 7
    for d in listing.documents:
        age = (now.date() - d.at.date()).days
        if 0 <= age < 7:
            week[6 - age] += 1
    last = listing.documents[0].at if listing.documents else None
    return Rang(last, search.count("alerts", where=mine), week)
