"""Reads the days told in a text, in order, and keeps what "the same night" leans on.

A day named last ("the anchor") carries the ones that are told against it. Named days (9/11) and the
days of citations never become the anchor: else "the same night" lands in 2001, or on the day a
newspaper was printed. Conventions: weekdays and dates without a year are the nearest not after
publication, unless the sentence plainly looks ahead.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from tocsin.pipeline.enrich.days import forms, reckoning
from tocsin.pipeline.enrich.days.reckoning import Days

_NAMED = {
    "9/11": date(2001, 9, 11),
    "11/9": date(2001, 9, 11),
    "26/11": date(2008, 11, 26),
    "7/7": date(2005, 7, 7),
}
_FEASTS = {"christmas": (12, 25), "boxing": (12, 26), "valentine": (2, 14), "hallowe": (10, 31)}
_YEAR_TOLD = re.compile(r"\b(?:1[4-9]|20)\d\d\b|\ba\syear\sago\b")
_ENDS_SENTENCE = re.compile(r"[.!?]\s+[A-Z]|\n")
_ONE_DAY = timedelta(days=1)
_ALWAYS_A_MONTH = re.compile(
    r"(?!May|Mar\b|March|Jun\b|Jan\b|Dec\b|Sept?\b|Oct\b|Nov\b|Feb\b|Apr\b|Aug\b|Jul\b)"
)
_MONTH_PLACES = frozenset(
    ("last", "next", "this", "in", "of", "by", "since", "until", "till", "during", "from", "between",
     "before", "after", "through", "to", "this past", "past", "previous", "coming")
)  # fmt: skip


class Told(NamedTuple):
    """Days `[first, last]` told at code points `[start, end)`."""

    start: int
    end: int
    first: date
    last: date
    rule: str


class _Hit(NamedTuple):
    """What a form made of a trigger: where it ends, which days, whether it may be the anchor."""

    start: int
    end: int
    days: Days | None
    rule: str
    anchors: bool = False


def read(text: str, ref: date | None, cited: Sequence[tuple[int, int]] = ()) -> list[Told]:
    """The days told in `text`, in order, not overlapping.

    `ref`: day of publication; where it is None only days with a year of their own are placed.
    `cited`: spans of citations, whose days get the rule `report date`. Linear; raises nothing.
    """
    return _Reading(text, ref, cited).run()


class _Reading:
    def __init__(self, text: str, ref: date | None, cited: Sequence[tuple[int, int]]) -> None:
        self._text = text
        self._placed = ref is not None
        self._ref = ref or date(9998, 12, 31)
        self._cited = cited
        self._anchor: Days | None = None
        self._tied: tuple[int, int] | None = None
        """Where a date with its year ended, and that year."""

    def run(self) -> list[Told]:
        out: list[Told] = []
        at = 0
        while (trigger := forms.TRIGGER.search(self._text, at)) is not None:
            at = trigger.end()
            hit = self._hit(trigger)
            if hit is None:
                continue
            at = max(at, hit.end)
            if hit.days is None or hit.days[0] > hit.days[1]:
                continue
            cited = any(a <= trigger.start() < b for a, b in self._cited)
            start = hit.start
            if out and start < out[-1].end:
                start = trigger.start()
            rule = "report date" if cited else hit.rule
            out.append(Told(start, hit.end, *hit.days, rule))
            if hit.anchors and not cited:
                self._anchor = hit.days
            if not cited and self._ties(hit):
                self._tied = (hit.end, hit.days[0].year)
        return out

    def _hit(self, trigger: re.Match[str]) -> _Hit | None:
        start = trigger.start()
        kind = trigger.lastgroup
        if kind == "nine":
            return self._nine(trigger)
        if kind == "relative":
            return self._relative(trigger)
        before = forms.BEFORE.search(self._text, max(0, start - forms.LOOK_BACK), start)
        if kind == "month":
            return self._month(start, before)
        if kind == "digit":
            return self._digit(start, before)
        if kind == "weekday":
            return self._weekday(start, before)
        if kind == "season":
            return self._season(start, before)
        if kind == "feast":
            return self._feast(trigger)
        return self._distance(start)

    # -- months and days of months

    def _month(self, start: int, before: re.Match[str] | None) -> _Hit | None:
        text = self._text
        if match := forms.MONTH_DAY.match(text, start):
            return self._of_month(match, start, before)
        if match := forms.MONTHS.match(text, start):
            return self._months(match, start, before)
        match = forms.MONTH.match(text, start)
        if match is None:
            return None
        number, told, relative = _month_number(match["m"]), match["y"], match["rel"]
        part = _part(before)
        begin = before.start() if before and part else start
        if told:
            days = reckoning.month(int(told), number)
        elif not self._placed or not self._is_month(match, start, before):
            return None
        elif relative:
            shift = {"last": -1, "this": 0, "next": 1}[relative.split()[0]]
            days = reckoning.month(self._ref.year + shift, number)
        else:
            found = self._bare_month(number, start, match.end(), before)
            if found is None:
                return None
            days = found
        if part:
            days = reckoning.part_of_month(part, days)
        return _Hit(begin, match.end(), days, "month")

    def _bare_month(
        self, number: int, start: int, end: int, before: re.Match[str] | None
    ) -> Days | None:
        which = _which(before)
        future = which in ("next", "coming") or self._ahead(start, end)
        if which in ("last", "past", "previous", "this past") and number == self._ref.month:
            return reckoning.month(self._ref.year - 1, number)
        candidates = (reckoning.month(self._ref.year + n, number) for n in (-1, 0, 1))
        return reckoning.nearest(candidates, self._ref, future=future)

    def _is_month(self, match: re.Match[str], start: int, before: re.Match[str] | None) -> bool:
        """As in "May" and "March" are words too, and an abbreviation wants a number after it."""
        if match["rel"]:
            return True
        if not match["m"].endswith(("y", "h", "r", "l", "e", "t")) or (
            len(match["m"]) < 4 and match["m"] != "May"
        ):
            return False
        if match["m"] in ("May", "March", "August", "April", "June"):
            return (
                _which(before) in _MONTH_PLACES
                or bool(_part(before))
                or (
                    match["m"] not in ("May", "March")
                    and self._text[max(0, start - 1) : start] != "\n"
                    and not forms.NAMED_BEFORE.search(self._text, max(0, start - 20), start)
                )
                or (match["m"] == "March" and self._text[max(0, start - 4) : start] == "the ")
            )
        return True

    def _of_month(
        self, match: re.Match[str], start: int, before: re.Match[str] | None
    ) -> _Hit | None:
        """As in "September 12-13, 2008", "September 30 to October 2"."""
        number, second = _month_number(match["m"]), match["m2"]
        first = self._day(_number(match["d"]), number, match["y"], start, match.end())
        if first is None:
            return None
        named = (number, first.day) == (9, 11) and forms.ATTACKS.match(self._text, match.end())
        if named and not match["y"]:
            return _Hit(start, match.end(), (date(2001, 9, 11), date(2001, 9, 11)), "named day")
        last = first
        if match["d2"]:
            month = _month_number(second) if second else number
            last = (
                reckoning.day(first.year + (month < number), month, _number(match["d2"])) or first
            )
        return self._night(
            _Hit(start, match.end(), (first, max(first, last)), "day", anchors=True), before
        )

    def _months(
        self, match: re.Match[str], start: int, before: re.Match[str] | None
    ) -> _Hit | None:
        """As in "from July to November 1917", "between May and July"."""
        first, second = _month_number(match["m"]), _month_number(match["m2"])
        joined = " and " in match.group()
        if joined and _which(before) != "between":
            return None
        told = match["y2"]
        if told:
            year = int(told)
            begin = int(match["y"]) if match["y"] else year - (first > second)
        elif not self._placed:
            return None
        else:
            days = reckoning.nearest(
                ((reckoning.month(y, first)[0], reckoning.month(y + (second < first), second)[1])
                 for y in (self._ref.year - 1, self._ref.year, self._ref.year + 1)),
                self._ref, future=self._ahead(start, match.end()),
            )  # fmt: skip
            return _Hit(start, match.end(), days, "months")
        last = reckoning.month(year, second)[1]
        if _which(before) in ("from", "between") and "until" in match.group():
            last = reckoning.month(year, second)[1]
        return _Hit(start, match.end(), (reckoning.month(begin, first)[0], last), "months")

    def _day(self, number: int, month: int, year: str | None, start: int, end: int) -> date | None:
        if year:
            return reckoning.day(int(year), month, number)
        if not self._placed:
            return None
        if (told := self._tied_year(start)) is not None:
            return reckoning.day(told, month, number)
        return reckoning.yearless(number, month, self._ref, future=self._ahead(start, end))

    def _ties(self, hit: _Hit) -> bool:
        """Whether days told after `hit` are of its year; a bare year must open its sentence."""
        if not _YEAR_TOLD.search(self._text, hit.start, hit.end) or hit.days is None:
            return False
        bare = self._text[hit.start : hit.end].isdecimal()
        return not bare or self._text[max(0, hit.start - 3) : hit.start] == "In "

    def _tied_year(self, start: int) -> int | None:
        """The year of a date told before in the same sentence: "born on 3 May 1961 … on 7 June he"."""
        if self._tied is None or self._tied[1] >= self._ref.year or start - self._tied[0] > 160:
            return None
        between = self._text[self._tied[0] : start]
        return None if _ENDS_SENTENCE.search(between) else self._tied[1]

    def _night(self, hit: _Hit, before: re.Match[str] | None) -> _Hit:
        """As in "the night of September 14" begins with its first word."""
        if before is None or not before["night"]:
            return hit
        return hit._replace(start=before.start(), rule="night of")

    # -- numbers

    def _digit(self, start: int, before: re.Match[str] | None) -> _Hit | None:
        text = self._text
        if match := forms.ISO.match(text, start):
            return _single(
                match, reckoning.day(int(match["y"]), int(match["m"]), int(match["d"])), "iso"
            )
        if match := forms.SLASHED.match(text, start):
            return self._slashed(match)
        if (match := forms.DAY_MONTH.match(text, start)) and not text.startswith(
            (":", "."), match.end("d2") or start
        ):
            return self._day_month(match, start, before)
        if match := forms.DECADE.match(text, start):
            part = _part(before)
            begin = before.start() if before and part else start
            return _Hit(begin, match.end(), reckoning.decade(int(match["y"]), part), "decade")
        if (match := forms.YEARS.match(text, start)) and (hit := self._years(match, before)):
            return hit
        if match := forms.YEAR.match(text, start):
            return self._year(match, before)
        return self._distance(start)

    def _day_month(
        self, match: re.Match[str], start: int, before: re.Match[str] | None
    ) -> _Hit | None:
        """As in "12-13 September", "30 September to 2 October"."""
        month = _month_number(match["m"])
        last = self._day(_number(match["d2"]), month, match["y"], start, match.end())
        if last is None:
            return None
        if (
            (month, last.day) == (9, 11)
            and not match["y"]
            and forms.ATTACKS.match(self._text, match.end())
        ):
            return _Hit(start, match.end(), (date(2001, 9, 11), date(2001, 9, 11)), "named day")
        first: date | None = last
        if match["d"]:
            early = _month_number(match["m1"]) if match["m1"] else month
            year = int(match["y1"]) if match["y1"] else last.year - (early > month)
            first = reckoning.day(year, early, _number(match["d"]))
        if first is None or first > last:
            return None
        return self._night(_Hit(start, match.end(), (first, last), "day", anchors=True), before)

    def _slashed(self, match: re.Match[str]) -> _Hit | None:
        """Day first, as most of the world writes, unless the second number is no month."""
        day, month, year = int(match["a"]), int(match["b"]), int(match["y"])
        if year < 100:
            year += 2000 if year < 70 else 1900
        if month > 12:
            day, month = month, day
        return _single(match, reckoning.day(year, month, day), "slashes")

    def _years(self, match: re.Match[str], before: re.Match[str] | None) -> _Hit | None:
        first, text = int(match["a"]), match.group()
        if " and " in text and _which(before) != "between":
            return None
        last = reckoning.two_digits(first, match["b"])
        if not first < last <= first + 150 or (self._placed and first > self._ref.year + 1):
            return None
        return _Hit(match.start(), match.end(), (date(first, 1, 1), date(last, 12, 31)), "years")

    def _year(self, match: re.Match[str], before: re.Match[str] | None) -> _Hit | None:
        number, text, start, end = int(match["y"]), self._text, match.start(), match.end()
        if self._placed and number > self._ref.year + 30:
            return None
        part = _part(before)
        glued = text[max(0, start - 1) : start] in tuple("-–/.,#’'+")
        if (glued and not (part and text[start - 1] == "-")) or text[end : end + 1] in tuple("/"):
            return None
        if text[end : end + 1] == "-" and text[end + 1 : end + 2].isdigit():
            return None
        name = forms.NAMED_BEFORE.search(text, max(0, start - 24), start)
        if not part and name and name[1] not in forms.NO_NAME:
            return None
        if (
            forms.NAMED_AFTER.match(text, end)
            and not forms.EVENT_NAME.match(text, end)
            and not (before and (before["which"] or "") in ("in", "In"))
        ):
            return None
        begin = before.start() if before and part else start
        days = reckoning.part_of_year(part, number) if part else reckoning.year(number)
        return _Hit(begin, end, days, "year")

    def _distance(self, start: int) -> _Hit | None:
        """As in "two days ago", "a week later", "a day before Zardari was elected"."""
        match = forms.DISTANCE.match(self._text, start)
        if match is None:
            return None
        word = match["n"].lower()
        count = reckoning.NUMBERS.get(word) or int(word) if word != "0" else 0
        unit, how = match["u"].lower(), (match["w"] or "time").lower()
        if how == "ago":
            return self._from(match, self._ref, count, unit, -1)
        if how in ("time", "from now"):
            if how == "time" and self._text[max(0, start - 3) : start].lower() != "in ":
                return None
            return self._from(match, self._ref, count, unit, 1)
        if self._anchor is None or unit not in ("day", "week"):
            return None
        # "a day before X": the day named last lies before X, so X is after it; "earlier" looks back.
        base = self._anchor[1] if how == "later" else self._anchor[0]
        moved = reckoning.ago(count, unit, base, -1 if how == "earlier" else 1)
        return _Hit(match.start(), match.end(), moved, f"days {how}", anchors=True)

    def _from(
        self, match: re.Match[str], ref: date, count: int, unit: str, way: int
    ) -> _Hit | None:
        if not self._placed or count > 400:
            return None
        return _Hit(
            match.start(),
            match.end(),
            reckoning.ago(count, unit, ref, way),
            "distance",
            anchors=unit == "day",
        )

    # -- weekdays, seasons, feasts, words

    def _weekday(self, start: int, before: re.Match[str] | None) -> _Hit | None:
        match = forms.WEEKDAY.match(self._text, start)
        if match is None or not self._placed:
            return None
        following = match.end()
        if match.group()[-1] in " e" and forms.TRIGGER.match(
            self._text, following
        ):  # "Friday, September 12"
            hit = self._month(following, None) or self._digit(following, None)
            if hit and hit.rule == "day":
                return hit._replace(start=start)
        if forms.LEFT_OUT.search(self._text, max(0, start - 8), start):
            return None
        if forms.HABIT.match(self._text, start + len(match["w"])):
            return None
        which = _which(before)
        number = reckoning.WEEKDAYS[match["w"][:3].lower()]
        found = reckoning.weekday(
            number,
            self._ref,
            future=which in ("next", "coming")
            or (which not in ("last", "past") and self._ahead_weekday(start, following)),
            strict=which in ("last", "previous", "this past", "past"),
        )
        begin = before.start() if before and which in ("last", "next", "this past") else start
        end = start + len(match.group().rstrip(", "))
        second = forms.TO_WEEKDAY.match(self._text, end) if which in ("from", "between") else None
        if second is not None:
            number = reckoning.WEEKDAYS[second["w"][:3].lower()]
            last = found + timedelta(days=(number - found.weekday()) % 7)
            if last > self._ref and found <= self._ref and not self._ahead_weekday(start, end):
                found, last = found - timedelta(days=7), last - timedelta(days=7)
            return _Hit(begin, second.end(), (found, last), "weekdays", anchors=True)
        return self._night(_Hit(begin, end, (found, found), "weekday", anchors=True), before)

    def _season(self, start: int, before: re.Match[str] | None) -> _Hit | None:
        match = forms.SEASON.match(self._text, start)
        if match is None:
            return None
        name, which = match["s"].lower(), _which(before)
        if match["y"]:
            return _Hit(start, match.end(), reckoning.season(name, int(match["y"])), "season")
        if not self._placed or which not in ("last", "this", "next"):
            return None
        years = [reckoning.season(name, self._ref.year + n) for n in (-2, -1, 0, 1)]
        if which == "last":
            days = next((d for d in reversed(years) if d[1] < self._ref), None)
        elif which == "next":
            days = next((d for d in years if d[0] > self._ref), None)
        else:
            days = reckoning.season(name, self._ref.year)
        begin = before.start() if before else start
        return _Hit(begin, match.end(), days, "season")

    def _feast(self, trigger: re.Match[str]) -> _Hit | None:
        words = trigger.group().lower()
        told = re.compile(r",?\s((?:19|20)\d\d)\b").match(self._text, trigger.end())
        if words == "christmas":
            return None
        if words.startswith("new year"):
            month, day = (12, 31) if words.endswith("eve") else (1, 1)
        else:
            month, day = next(v for k, v in _FEASTS.items() if words.startswith(k))
            day -= words.endswith("eve")
        found = self._day(day, month, told[1] if told else None, trigger.start(), trigger.end())
        if found is None:
            return None
        return _Hit(
            trigger.start(), told.end() if told else trigger.end(), (found, found), "named day"
        )

    def _nine(self, trigger: re.Match[str]) -> _Hit:
        """9/11 is the day in 2001; its anniversary where the sentence remembers it."""
        named, start = _NAMED[trigger.group()], trigger.start()
        opening = (
            max(
                self._text.rfind(". ", max(0, start - 300), start),
                self._text.rfind("\n", max(0, start - 300), start),
            )
            + 1
        )
        if (
            self._placed
            and named <= self._ref
            and forms.ANNIVERSARY.search(self._text, opening, start)
        ):
            day = reckoning.yearless(named.day, named.month, self._ref, future=False)
            if day is not None:
                self._anchor = (day, day)
        return _Hit(start, trigger.end(), (named, named), "named day")

    def _relative(self, trigger: re.Match[str]) -> _Hit | None:
        words = trigger.group().lower().split()
        start, end = trigger.span()
        if forms.LENGTH.search(self._text, max(0, start - 12), start) and words[-1] in (
            "week",
            "month",
            "year",
        ):  # "in the last year": how long, not when
            return None
        if words == ["yesterday"] and self._text[max(0, start - 15) : start].lower() == (
            "the day before "
        ):
            day = self._ref - timedelta(days=2)
            return (
                _Hit(start - 15, end, (day, day), "relative", anchors=True)
                if self._placed
                else None
            )
        if words[0] in ("the", "that") and words[-1] != "weekend":
            return self._leaning(words, start, end)
        if not self._placed:
            return None
        days = self._spoken(words, start, end)
        return days and _Hit(start, end, days, "relative", anchors=days[0] == days[1])

    def _spoken(self, words: list[str], start: int, end: int) -> Days | None:
        ref = self._ref
        first, last = words[0], words[-1]
        single = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}.get(first)
        if single is not None:
            moved = ref + timedelta(days=single)
            return moved, moved
        shift = {"last": -1, "this": 0, "next": 1, "the": 0}[first]
        if last in ("night", "morning", "evening", "afternoon"):
            moved = ref + timedelta(days=shift)
            return (moved, moved) if first != "next" else None
        if last == "weekend":
            return self._weekend(first, start, end)
        if last == "week":
            return reckoning.week(ref, shift)
        if last == "month":
            return reckoning.month(ref.year, ref.month + shift)
        return reckoning.year(ref.year + shift)

    def _weekend(self, which: str, start: int, end: int) -> Days:
        saturday = self._ref - timedelta(days=(self._ref.weekday() - 5) % 7)
        if which == "next" or (
            which in ("the", "this") and self._ahead(start, end) and self._ref.weekday() < 5
        ):
            saturday += timedelta(days=7)
        return saturday, saturday + _ONE_DAY

    def _leaning(self, words: list[str], start: int, end: int) -> _Hit | None:
        """As in "the same night", "the next day": against the day named last."""
        if words[1] == "same" and (remembered := self._remembered(start, end)) is not None:
            return remembered
        if self._anchor is None:
            return None
        first, last = self._anchor
        which, unit = words[1], words[-1]
        if which == "day":  # "the day before", "the day after"
            day = last + _ONE_DAY if unit == "after" else first - _ONE_DAY
            return _Hit(start, end, (day, day), "day before or after", anchors=True)
        if which in ("next", "following"):
            return _Hit(start, end, (last + _ONE_DAY, last + _ONE_DAY), "next day", anchors=True)
        if which == "previous":
            return _Hit(
                start, end, (first - _ONE_DAY, first - _ONE_DAY), "previous day", anchors=True
            )
        night = unit in ("night", "evening")
        return _Hit(
            start, end, (first, last + _ONE_DAY if night and first == last else last), "same day"
        )

    def _remembered(self, start: int, end: int) -> _Hit | None:
        """As in "the same day the country was remembering 9/11": its anniversary."""
        match = forms.REMEMBERED.match(self._text, end)
        if match is None or not self._placed:
            return None
        named = _NAMED[match["day"]]
        day = reckoning.yearless(named.day, named.month, self._ref, future=False)
        return _Hit(start, end, (day, day), "anniversary", anchors=True) if day else None

    def _ahead(self, start: int, end: int) -> bool:
        """Whether the sentence plainly looks ahead at this day."""
        if any(a <= start < b for a, b in self._cited):
            return False
        opening = self._opening(start)
        return bool(
            forms.FUTURE.search(self._text, opening, start)
            or forms.FUTURE_AFTER.match(self._text, end)
        )

    def _ahead_weekday(self, start: int, end: int) -> bool:
        if self._text[max(0, start - 3) : start] == "on " and forms.WOULD.search(
            self._text, self._opening(start), start
        ):
            return True
        return self._ahead(start, end)

    def _opening(self, start: int) -> int:
        return max(
            0,
            start - 120,
            self._text.rfind("\n", max(0, start - 120), start) + 1,
            self._text.rfind(". ", max(0, start - 120), start) + 1,
        )


def _single(match: re.Match[str], day: date | None, rule: str) -> _Hit | None:
    return _Hit(match.start(), match.end(), (day, day), rule, anchors=True) if day else None


def _month_number(name: str) -> int:
    return reckoning.MONTHS[name[:3].lower()]


def _number(text: str) -> int:
    return int(text[:-2] if text[-1].isalpha() else text)


def _part(before: re.Match[str] | None) -> str:
    return (before["part"] or "").lower() if before else ""


def _which(before: re.Match[str] | None) -> str:
    return (before["which"] or "").lower() if before else ""
