"""Makes leaves of words: the analysis of the text side, applied to what a person wrote."""

import re
from collections.abc import Sequence
from typing import NoReturn

from tocsin.query import limits, repairs
from tocsin.query.ast import Fuzzy, InStory, Node, Phrase, Prefix, Term
from tocsin.query.errors import QueryError
from tocsin.query.fields import FIELDS
from tocsin.query.scan import Lexeme
from tocsin.text.clean import clean
from tocsin.text.tokens import analyze, tokenize

_STORY_ID = re.compile(r"[a-z2-7]{26}")
_COUNTRY = re.compile(r"[a-z]{2}")
_LANG = re.compile(r"[a-z]{2}|und")
_OPERATORS = frozenset({"and", "or", "not"})


class Words:
    """The words of one query. `spellings` collects tokens that don't re-read as themselves (folding
    left an upper-case letter or a sign in them) with the form they were written in.
    """

    def __init__(self, query: str) -> None:
        self._query = query
        self._prefixes = 0
        self._fuzzies = 0
        self.spellings: dict[str, str] = {}

    def of(self, lexeme: Lexeme, name: str) -> list[Node]:
        """The leaves (all required) of a word or a quoted phrase. Raises QueryError."""
        if FIELDS.get(name) == "keyword":
            return [self._keyword(lexeme, name)]
        if lexeme.kind == "word" and not name:
            self._no_small_operator(lexeme)
        if lexeme.tail.startswith("*"):
            return [self._prefix(lexeme, name)]
        tokens = self._tokens(lexeme, lexeme.value)
        if lexeme.kind == "quoted":
            return [self._phrase(lexeme, name, tokens)]
        if lexeme.tail.startswith("~"):
            return [self._fuzzy(lexeme, name, tokens)]
        return [Term(name, token) for token in tokens]

    def of_list(self, lexeme: Lexeme, words: Sequence[str], name: str) -> list[Node]:
        """The leaves (alternatives) of a reusable list: each entry a word, a phrase or a whole value;
        entries without a word are passed over. Raises QueryError if none is left.
        """
        if FIELDS.get(name, "text") not in {"text", "keyword"}:
            self._fail(lexeme, f"`{name}:` takes no list.")
        found: dict[Node, None] = {}
        for entry in words:
            tokens = self._spelled(clean(entry))
            if tokens and FIELDS.get(name) == "keyword":
                self._check_code(lexeme, name, " ".join(tokens))
                found[Term(name, " ".join(tokens))] = None
            elif tokens:
                phrase = len(tokens) > 1
                found[Phrase(name, tuple(tokens)) if phrase else Term(name, tokens[0])] = None
        if not found:
            self._fail(lexeme, f"The list `{lexeme.value}` holds no word.", "Fill it first.")
        return list(found)

    def _keyword(self, lexeme: Lexeme, name: str) -> Node:
        if lexeme.tail.startswith("~"):
            self._fail(
                lexeme,
                f"`{name}:` compares whole values: no `~` here.",
                "Use a prefix, or `text:` to look in the words.",
                f"{self._query[: lexeme.end - len(lexeme.tail)]}{self._query[lexeme.end :]}",
            )
        value = " ".join(self._tokens(lexeme, lexeme.value))
        if lexeme.tail and name not in {"country", "lang"}:
            return self._checked_prefix(lexeme, name, value)
        self._check_code(lexeme, name, f"{value}{lexeme.tail}")
        return Term(name, value)

    def _check_code(self, lexeme: Lexeme, name: str, value: str) -> None:
        """A name where a code is meant would never match, in silence."""
        if name == "country" and not _COUNTRY.fullmatch(value):
            self._fail(
                lexeme,
                f"`country:` takes the two letters of a country, not “{value[:40]}”.",
                "Write `country:pk`; for other words use `place:`.",
                self._query.replace("country:", "place:", 1),
            )
        if name == "lang" and not _LANG.fullmatch(value):
            self._fail(
                lexeme,
                f"`lang:` takes the two letters of a language, not “{value[:40]}”.",
                "Write `lang:en`.",
            )

    def _prefix(self, lexeme: Lexeme, name: str) -> Node:
        if lexeme.kind == "quoted":
            self._fail(
                lexeme,
                "A phrase takes no `*`.",
                "Only a single word may be cut short.",
                f"{self._query[: lexeme.end - len(lexeme.tail)]}{self._query[lexeme.end :]}",
            )
        tokens = self._tokens(lexeme, lexeme.value)
        if len(tokens) > 1:
            self._fail(
                lexeme,
                f"“{lexeme.value}” is {len(tokens)} words ({', '.join(tokens)}): no `*` here.",
                "Only a single word may be cut short.",
                f"{self._query[: lexeme.end - len(lexeme.tail)]}{self._query[lexeme.end :]}",
            )
        return self._checked_prefix(lexeme, name, tokens[0])

    def _checked_prefix(self, lexeme: Lexeme, name: str, stem: str) -> Prefix:
        self._prefixes += 1
        if len(stem) < limits.MIN_PREFIX:
            self._fail(
                lexeme,
                f"`*` needs {limits.MIN_PREFIX} letters before it, “{stem}” has {len(stem)}.",
                "Write more of the word, or the whole word.",
            )
        if self._prefixes > limits.MAX_PREFIXES:
            self._fail(lexeme, f"The query has more than {limits.MAX_PREFIXES} prefixes.")
        return Prefix(name, stem)

    def _phrase(self, lexeme: Lexeme, name: str, tokens: list[str]) -> Node:
        slop = 0
        if lexeme.tail:
            digits = lexeme.tail[1:]
            if not digits.isdecimal() or len(digits) > 3 or int(digits) > limits.MAX_SLOP:
                self._fail(
                    lexeme,
                    f"“{lexeme.tail}” is no distance between words.",
                    f'Write a whole number up to {limits.MAX_SLOP}: `"swat valley"~5`.',
                    f"{self._query[: lexeme.end - len(lexeme.tail)]}~5{self._query[lexeme.end :]}",
                )
            slop = int(digits)
        if len(tokens) > limits.MAX_PHRASE:
            self._fail(lexeme, f"The phrase has more than {limits.MAX_PHRASE} words.")
        return Term(name, tokens[0]) if len(tokens) == 1 else Phrase(name, tuple(tokens), slop)

    def _fuzzy(self, lexeme: Lexeme, name: str, tokens: list[str]) -> Node:
        word = f"{self._query[: lexeme.end - len(lexeme.tail)]}"
        rest = self._query[lexeme.end :]
        self._fuzzies += 1
        if len(tokens) > 1:
            self._fail(
                lexeme,
                f"“{lexeme.value}” is {len(tokens)} words ({', '.join(tokens)}): no `~` here.",
                "Only a single word may be misspelt.",
                f"{word}{rest}",
            )
        if lexeme.tail not in {"~", "~1"}:
            self._fail(
                lexeme,
                f"“{lexeme.tail}”: only distance 1 is allowed.",
                f"Write `{lexeme.value}~1`.",
                f"{word}~1{rest}",
            )
        if len(tokens[0]) < limits.MIN_FUZZY:
            self._fail(
                lexeme,
                f"`~1` needs a word of {limits.MIN_FUZZY} letters or more.",
                "Write the spellings with OR.",
                f"{word}{rest}",
            )
        if self._fuzzies > limits.MAX_FUZZY:
            self._fail(lexeme, f"The query has more than {limits.MAX_FUZZY} fuzzy words.")
        return Fuzzy(name, tokens[0])

    def _tokens(self, lexeme: Lexeme, text: str) -> list[str]:
        tokens = self._spelled(text)
        if not tokens:
            written = self._query[lexeme.start : lexeme.end]
            self._fail(
                lexeme,
                f"`{written[:40]}` holds no letter or digit to look for.",
                "Leave it out.",
                f"{self._query[: lexeme.start].rstrip()} {self._query[lexeme.end :].lstrip()}".strip(),
            )
        return tokens

    def _spelled(self, text: str) -> list[str]:
        found = analyze(text)
        for token, start, end in found:
            if not (token.isascii() and token.isalnum() and token.islower()):
                written = text[start:end]
                if tokenize(clean(token)) != [token] and tokenize(clean(written)) == [token]:
                    self.spellings[token] = written
        return [token for token, _, _ in found]

    def _no_small_operator(self, lexeme: Lexeme) -> None:
        word = lexeme.value
        if word.lower() not in _OPERATORS or lexeme.tail or word not in self._query:
            return
        self._fail(
            lexeme,
            f"`{word}` is an operator only in capitals.",
            f'Write `{word.upper()}`, or `"{word}"` to look for the word.',
            repairs.operators_raised(self._query),
            f'{self._query[: lexeme.start]}"{word}"{self._query[lexeme.end :]}',
        )

    def _fail(
        self, lexeme: Lexeme, message: str, suggestion: str = "", *corrections: str
    ) -> NoReturn:
        raise QueryError(
            message,
            query=self._query,
            start=lexeme.start,
            end=lexeme.end,
            suggestion=suggestion,
            corrections=corrections,
        )


def in_story(lexeme: Lexeme, query: str) -> InStory:
    """The leaf of `story:`. Raises QueryError for what is no id."""
    story_id = lexeme.value.lower()
    if not _STORY_ID.fullmatch(story_id) or lexeme.tail:
        raise QueryError(
            f"“{lexeme.value[:40]}” is no story id.",
            query=query,
            start=lexeme.start,
            end=lexeme.end,
            suggestion="An id has 26 letters a–z and digits 2–7; copy it from the story's page.",
        )
    return InStory(story_id)
