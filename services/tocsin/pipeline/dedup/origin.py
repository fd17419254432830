"""Whose voice an article is: the agency that wrote it, or the outlet that did.

Forty papers that print one agency's report are one witness. So a credit line for the whole text names
the agency; a copy speaks with the voice of its original; an outlet speaks for itself (by family or
owner, since two papers of one house are not independent); an aggregator, or a text credited to
several, is unknown, and **unknown never adds independence** (design §1).
"""

from dataclasses import dataclass
from enum import IntEnum

from tocsin_schemas.article import Article
from tocsin_schemas.story import Origin


class Proof(IntEnum):
    """How strongly an origin is shown; a stronger one corrects a weaker along a chain of copies."""

    NONE = 0
    OUTLET = 1
    """The publisher's own name, where nothing says otherwise."""
    CREDIT = 2
    """A credit line or dateline for the whole text."""


@dataclass(frozen=True, slots=True)
class Voice:
    """An origin, or null for unknown, and how strongly it is shown."""

    origin: Origin | None
    proof: Proof


UNKNOWN = Voice(None, Proof.NONE)


def own_voice(article: Article) -> Voice:
    """Whose words these are by the article alone. Pure."""
    credit, source = article.credit, article.source
    if credit.role == "whole":
        if len(credit.agencies) == 1:
            name = credit.agencies[0]
            why = f"credit line “{credit.words[:80]}”" if credit.words else "credit line"
            return Voice(Origin(name=name, why=why), Proof.CREDIT)
        return Voice(None, Proof.CREDIT)  # "Agencies": somebody else's words, and nobody's name
    if source.kind == "aggregator":
        return UNKNOWN
    name = source.family or source.owner or source.name
    why = {
        "agency": "the agency's own feed",
        "official": "an official statement",
        "outlet": "own report of the outlet",
    }[source.kind]
    if name != source.name:
        why += f" ({source.name})"
    # An agency's or office's own feed proves as much as a credit line.
    proof = Proof.OUTLET if source.kind == "outlet" else Proof.CREDIT
    return Voice(Origin(name=name, why=why), proof)


def copied_voice(own: Voice, original: Voice, outlet: str) -> Voice:
    """Whose words a copy is, given its original's voice; `outlet` printed the original. Its own
    credit line comes first; then the original's voice; its own name last.
    """
    if own.proof == Proof.CREDIT:
        return own
    if original.origin is not None:
        why = f"copy of {outlet}: {original.origin.why}"[:200]
        return Voice(Origin(name=original.origin.name, why=why), original.proof)
    return UNKNOWN if original.proof == Proof.CREDIT else own


def revealed(original: Voice, copy: Voice, outlet: str) -> Voice | None:
    """What a whole copy shows about the original it was printed from: a credit line that the first
    paper left out, or a name that the aggregator did not give. Null: nothing new.
    """
    if copy.proof <= original.proof:
        return None
    if copy.origin is None:
        return Voice(None, copy.proof)
    if original.origin is not None and original.origin.name == copy.origin.name:
        return Voice(original.origin, copy.proof)
    why = f"copy chain: {outlet} prints it with {copy.origin.why}"[:200]
    return Voice(Origin(name=copy.origin.name, why=why), copy.proof)
