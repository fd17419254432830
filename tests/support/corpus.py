"""News that never happened, by seed: events, independent reports of them, reprints, later versions.

Words are made of syllables, so that two events share next to nothing but what the templates give them.
Each line is one of `tocsin ingest`. The same seed gives the same lines.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 1, tzinfo=UTC)
AGENCIES = ("Reuters", "AFP", "AP")
OUTLETS = (
    "Dawn",
    "Daily Mail Gazette",
    "Khyber Post",
    "The Courier",
    "Border Times",
    "Morning Star",
    "City Herald",
)
PLACES = (
    "Miranshah",
    "Peshawar",
    "Kandahar",
    "Quetta",
    "Mosul",
    "Aleppo",
    "Kano",
    "Mogadishu",
    "Bogota",
    "Manila",
)
DEEDS = ("bombing", "raid", "ambush", "airstrike", "shooting", "kidnapping")
SOUNDS = (
    "ba",
    "do",
    "ki",
    "lu",
    "me",
    "no",
    "ra",
    "se",
    "ti",
    "vu",
    "za",
    "gri",
    "plo",
    "sta",
    "tre",
    "wen",
    "mor",
    "fal",
)


class Corpus:
    """`events` events with `reports` lines each on average."""

    def __init__(self, seed: int, *, words: int = 120) -> None:
        self._random = random.Random(seed)
        self._words = words
        self._common = [self._word() for _ in range(300)]

    def _word(self) -> str:
        return "".join(self._random.choice(SOUNDS) for _ in range(self._random.randint(2, 4)))

    def _sentences(self, own: list[str], count: int) -> list[str]:
        r, found = self._random, []
        while sum(len(s.split()) for s in found) < count:
            words = [
                r.choice(own) if r.random() < 0.45 else r.choice(self._common)
                for _ in range(r.randint(9, 16))
            ]
            found.append(" ".join(words).capitalize() + ".")
        return found

    def lines(self, count: int) -> Iterator[dict[str, Any]]:
        """`count` lines, events overlapping in time."""
        r, made, open_events = self._random, 0, []
        while made < count:
            if len(open_events) < 12 or r.random() < 0.25:
                open_events.append(self._event(len(open_events), made))
                open_events = open_events[-12:]
            event = r.choice(open_events)
            line = self._report(event, made)
            made += 1
            yield line

    def _event(self, number: int, at: int) -> dict[str, Any]:
        r = self._random
        own = [self._word() for _ in range(40)]
        return {
            "own": own,
            "name": r.choice(own).capitalize() + " " + r.choice(own).capitalize(),
            "place": r.choice(PLACES),
            "deed": r.choice(DEEDS),
            "killed": r.randint(1, 30),
            "reports": [],
        }

    def _report(self, event: dict[str, Any], number: int) -> dict[str, Any]:
        r = self._random
        at = START + timedelta(minutes=number)
        if event["reports"] and r.random() < 0.4:  # a reprint
            base = r.choice(event["reports"])
            outlet = r.choice(OUTLETS)
            return base | {
                "source": outlet,
                "feed": f"http://{outlet.replace(' ', '').lower()}.example/rss",
                "url": f"http://{outlet.replace(' ', '').lower()}.example/{number}",
                "published": at.isoformat(),
            }
        if event["reports"] and r.random() < 0.08:  # a later version of one of its articles
            base = r.choice(event["reports"])
            return base | {
                "text": base["text"] + " " + self._sentences(event["own"], 8)[0],
                "updated": at.isoformat(),
            }
        if r.random() < 0.3:
            event["killed"] += r.randint(1, 8)
        agency = r.choice((*AGENCIES, "", "", ""))
        outlet = agency or r.choice(OUTLETS)
        killed, place, deed, name = event["killed"], event["place"], event["deed"], event["name"]
        lead = f"{killed} people were killed in a {deed} near {name} market in {place}, officials said."
        body = " ".join(self._sentences(event["own"], self._words))
        slug = f"{place.upper()} ({agency}) - " if agency else ""
        line = {
            "url": f"http://{outlet.replace(' ', '').lower()}.example/{number}",
            "title": f"{killed} killed in {place} {deed} near {name}",
            "text": f"{slug}{lead} {body}",
            "published": at.isoformat(),
            "source": outlet,
            "feed": f"http://{outlet.replace(' ', '').lower()}.example/rss",
        }
        event["reports"].append(line)
        return line


def write(path: Any, seed: int, count: int, *, words: int = 120) -> list[dict[str, Any]]:
    """Write `count` lines to `path` as JSON Lines; returns them."""
    lines = list(Corpus(seed, words=words).lines(count))
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return lines
