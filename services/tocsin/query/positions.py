"""Where phrases stand, by the positions of their words. Lucene's meaning of slop, without its index."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence


def in_a_row(lists: Sequence[Sequence[int]]) -> Iterator[int]:
    """First positions of the phrase whose i-th word stands at `lists[i]`, rising."""
    rarest = min(range(len(lists)), key=lambda i: len(lists[i]))
    sets = [frozenset(positions) for positions in lists]
    for position in lists[rarest]:
        first = position - rarest
        if all(first + i in held for i, held in enumerate(sets)):
            yield first


def near(
    tokens: Sequence[str], lists: Sequence[Sequence[int]], slop: int
) -> Iterator[tuple[int, ...]]:
    """Choices of a position for each token, all distinct, such that (position - place in the phrase)
    spread over at most `slop`; rising, at least one for each occurrence of the rarest token that
    takes part in any.

    For one start of the spread each token has a window of slop + 1 positions; for a token that stands
    twice the windows have equal size and rise, so taking the first free position is best.
    """
    rarest = min(range(len(lists)), key=lambda i: len(lists[i]))
    tested = None
    for position in lists[rarest]:
        last = position - rarest
        first = last - slop if tested is None else max(last - slop, tested + 1)
        for low in range(first, last + 1):
            tested = low
            if chosen := _choice(tokens, lists, low, slop):
                yield chosen
                break


def _choice(
    tokens: Sequence[str], lists: Sequence[Sequence[int]], low: int, slop: int
) -> tuple[int, ...] | None:
    taken: dict[str, int] = {}
    chosen: list[int] = []
    for place, (token, positions) in enumerate(zip(tokens, lists, strict=True)):
        at = bisect_left(positions, max(low + place, taken.get(token, -1) + 1))
        if at == len(positions) or positions[at] > low + place + slop:
            return None
        taken[token] = positions[at]
        chosen.append(positions[at])
    return tuple(chosen)
