"""What is wrong with a query: where, in words, and which corrected queries may be meant."""

from tocsin.errors import UsageError

CARET_LINE = 120
"""Code points of a longer line that `caret` shows, around the fault."""


class QueryError(UsageError):
    """A query that can't be read. Its text is one sentence with place and mend.

    `line` and `column` are 1-based and, like `start` and `end` (the span of the fault), count code
    points of `query`: the query after cleaning, as it was read. `corrections` are whole queries that
    parse, best first.
    """

    def __init__(
        self,
        message: str,
        *,
        query: str = "",
        start: int = 0,
        end: int | None = None,
        suggestion: str = "",
        corrections: tuple[str, ...] = (),
    ) -> None:
        self.message = message
        self.query = query
        self.start = min(start, len(query))
        self.end = min(max(self.start, start + 1 if end is None else end), len(query))
        self.line = query.count("\n", 0, self.start) + 1
        self.column = self.start - query.rfind("\n", 0, self.start)
        self.suggestion = suggestion
        self.corrections = corrections
        told = f"line {self.line}, column {self.column}: {message}"
        super().__init__(f"{told} {suggestion}" if suggestion else told)

    def corrected(self, corrections: tuple[str, ...]) -> "QueryError":
        """The same fault with other corrections."""
        return QueryError(
            self.message,
            query=self.query,
            start=self.start,
            end=self.end,
            suggestion=self.suggestion,
            corrections=corrections,
        )

    def caret(self) -> str:
        """The faulty line, and under it `^` for each code point of the fault on that line."""
        first = self.query.rfind("\n", 0, self.start) + 1
        last = self.query.find("\n", self.start)
        line = self.query[first : last if last >= 0 else len(self.query)]
        width = max(1, min(self.end, first + len(line)) - self.start)
        place = self.start - first
        if len(line) > CARET_LINE:  # what stands around the fault, not four screens of query
            cut = min(max(0, place - CARET_LINE // 2), len(line) - CARET_LINE)
            width = min(width, max(1, cut + CARET_LINE - place))
            line = ("…" if cut else "") + line[cut : cut + CARET_LINE]
            place -= cut - (1 if cut else 0)
        lead = "".join("\t" if c == "\t" else " " for c in line[:place])
        return f"{line}\n{lead}{'^' * width}"
