"""What is wrong with a query: where, in words, and which corrected queries may be meant."""

from tocsin.errors import UsageError


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
        lead = "".join("\t" if c == "\t" else " " for c in line[: self.start - first])
        return f"{line}\n{lead}{'^' * width}"
