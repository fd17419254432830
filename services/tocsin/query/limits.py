"""How large a query may be (design §5): small enough that any desk can run many of them for ever."""

MAX_BYTES = 4096
"""UTF-8 bytes of a query, as written and as written out."""
MAX_LEAVES = 128
"""Terms, phrases, ranges … in one query; the words of a list count one by one."""
MAX_DEPTH = 20
"""Levels of AND/OR groups, and of parentheses."""
MAX_PREFIXES = 8
MIN_PREFIX = 3
"""Characters that a prefix holds at least."""
MAX_FUZZY = 4
MIN_FUZZY = 5
"""Characters of a fuzzy word at least; the first `FUZZY_EXACT` must be equal."""
FUZZY_EXACT = 2
MAX_SLOP = 50
MAX_PHRASE = 32
"""Words of a phrase: a judgement, a headline fits."""
MAX_FIGURE = 10**9
"""People: above it a figure is a slip."""
