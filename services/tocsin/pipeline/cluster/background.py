"""How common English news words are, before the stream has said so itself.

A statistic of our own: in how many of 2,525 ordinary articles (the BBC and Lee sets of
`gold/background`) a term of `words.read` stands. Single words and their counts only; no text, no
order, no article can be read back. Terms of one article alone are left out: they weigh as unseen.

Made by `python -m tocsin.pipeline.cluster.background FOLDER`, with FOLDER the gold set's
`background`; again after any change of `words`.
"""

import gzip
import json
import sys
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path

from tocsin.pipeline.cluster.terms import BODY_WORDS, TITLE_WORDS
from tocsin.pipeline.cluster.words import read

TABLE = "background-en.tsv.gz"
SETS = ("bbc", "lee")


@cache
def english() -> tuple[dict[str, int], int]:
    """(term → documents that hold it, documents counted). Read once from the package."""
    raw = gzip.decompress(files("tocsin.pipeline.cluster").joinpath(TABLE).read_bytes())
    head, *lines = raw.decode().splitlines()
    pairs = (line.split("\t") for line in lines)
    return {term: int(count) for term, count in pairs}, int(head)


def count(folder: Path) -> tuple[dict[str, int], int]:
    """The same, counted from the sets in `folder`."""
    held: Counter[str] = Counter()
    documents = 0
    for name in SETS:
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                words = read(record["title"], TITLE_WORDS) + read(record["text"], BODY_WORDS)
                held.update({w.term for w in words})
                documents += 1
    return {t: n for t, n in sorted(held.items()) if n > 1}, documents


def write(folder: Path) -> Path:
    """Count and write the package's table; returns where it stands."""
    held, documents = count(folder)
    out = Path(__file__).with_name(TABLE)
    body = "\n".join([str(documents), *(f"{t}\t{n}" for t, n in held.items())])
    out.write_bytes(gzip.compress(body.encode(), 9, mtime=0))
    return out


if __name__ == "__main__":
    sys.stdout.write(f"{write(Path(sys.argv[1]))}\n")
