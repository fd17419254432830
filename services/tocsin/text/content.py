"""The one hash that says whether an item's words have changed.

The collector keys its events by it and the enricher its articles, so both must call this
function and nothing else: a changed title, text or page text is a new version, and anything
else (tracking parameters, markup, blanks) is the same version seen again.
"""

from tocsin.text.clean import one_line, squeeze
from tocsin_schemas.identity import digest_id


def content_hash(title: str, text: str, page_text: str = "") -> str:
    """Id (26 characters) of cleaned title, text and page text.

    Cleaning is done here too, so already clean and raw input give the same id; runs of blanks
    and blank lines do not count. Pure, never raises.
    """
    return hash_of_clean(one_line(title), squeeze(text), squeeze(page_text))


def hash_of_clean(title: str, text: str, page_text: str = "") -> str:
    """`content_hash` of words that were cleaned already (`one_line`, `squeeze`), for a third of the
    time.
    """
    return digest_id("content", title, text, page_text)
