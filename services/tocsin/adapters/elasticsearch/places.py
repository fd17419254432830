"""Where a page of a list ended: time in microseconds and id of its last document, as an opaque word.

The page that follows starts strictly beyond it, so what arrives meanwhile at the head of the list
neither repeats nor hides a document.
"""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from tocsin.errors import UsageError
from tocsin.ports.search import Order

Place = tuple[int, str]

_FORM = re.compile(r"([no])(-?[0-9a-f]{1,15})\.([A-Za-z0-9_-]{1,700})", re.ASCII)


def cursor_after(order: Order, place: Place) -> str:
    """The cursor of a page whose last document stands at `place`."""
    at_us, name = place
    return f"{order[0]}{at_us:x}.{urlsafe_b64encode(name.encode()).decode().rstrip('=')}"


def place_of(order: Order, cursor: str) -> Place | None:
    """Where the page before ended, null for the first page. UsageError for a cursor not ours, or made
    for the other order.
    """
    if not cursor:
        return None
    found = _FORM.fullmatch(cursor)
    try:
        name = (
            ""
            if found is None
            else urlsafe_b64decode(found[3] + "=" * (-len(found[3]) % 4)).decode()
        )
    except (binascii.Error, UnicodeDecodeError):
        found = None
    if found is None:
        raise UsageError(f"{cursor[:40]!r} is no cursor of ours; start again from the first page")
    if found[1] != order[0]:
        raise UsageError(
            f"the cursor {cursor[:40]!r} was made for the other order;"
            " start again from the first page"
        )
    return int(found[2], 16), name
