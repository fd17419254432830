"""Page text: {url, html_b64, with, without} → {precision, recall, f1, docs_per_s}, over segments.

A wanted segment (`with`) found in the extracted text is a hit, else a miss; an unwanted one (`without`)
found is an invention. White space counts as one blank on both sides. The measure of trafilatura's own
evaluation, without its other classes.
"""

import base64
import binascii
import time
from pathlib import Path
from typing import Any

from tocsin.errors import UsageError
from tocsin.evaluation import gold
from tocsin.pipeline.collect.parse.charset import decode
from tocsin.pipeline.normalise.pages import text_of


def evaluate(path: Path) -> dict[str, Any]:
    """Segment scores; docs_per_s: processor time of decoding and extraction. Raises UsageError where
    the file is no gold of this task.
    """
    records = list(gold.texts(path, "url", "html_b64", "with", "without"))
    pages = [_bytes(r["html_b64"], path, n) for n, r in enumerate(records, 1)]
    tally = gold.Tally()
    text_of("<html><body><p>Warm up.</p></body></html>")
    began = time.process_time()
    texts = [
        text_of(decode(page, "")[0], str(r["url"])) for page, r in zip(pages, records, strict=True)
    ]
    rate = gold.rate(len(records), began)
    for r, text in zip(records, texts, strict=True):
        held = _plain(text)
        wanted = [s for s in r["with"] if _plain(s)]
        found = [s for s in wanted if _plain(s) in held]
        unwanted = [s for s in r["without"] if _plain(s) and _plain(s) in held]
        tally.add([*found, *unwanted], wanted)
    return {**tally.scores(), "docs_per_s": rate, "pages": len(records)}


def _plain(text: str) -> str:
    return " ".join(text.split())


def _bytes(text: str, path: Path, number: int) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise UsageError(f"{path}: record {number}: html_b64 is not base64 ({error})") from error
