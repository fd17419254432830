"""`text/tokens.py` cuts and folds as a real node does: the tables by samples of every class of code
points, and the pattern by random strings of class letters; token, position, start and end.

The whole tables are measured again by `deploy/elasticsearch/token_tables.py --check` (minutes).
`TOCSIN_TOKENS=20000` tries more strings (default 3,000), `TOCSIN_TOKENS_SEED` another seed.
"""

import importlib.util
import json
import os
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from support.parity import VALUES, WORDS
from tocsin.text.clean import clean
from tocsin.text.tokens import analyze, fold_table, tokenize

pytestmark = pytest.mark.servers

_SEED = int(os.environ.get("TOCSIN_TOKENS_SEED", "20261124"))
_STRINGS = int(os.environ.get("TOCSIN_TOKENS", "3000"))
_SCRIPT = Path(__file__).parents[2] / "deploy" / "elasticsearch" / "token_tables.py"

Runs = dict[str, list[tuple[int, int]]]


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("token_tables", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script = _loaded()


@pytest.fixture(scope="module")
def node(elastic_server: Any) -> Iterator[Any]:
    with script.Node(elastic_server.url, index=f"t{os.urandom(3).hex()}-tokens") as node:
        yield node


@pytest.fixture(scope="module")
def runs() -> Runs:
    """Class letter → the runs of code points that have it, as the shipped table says."""
    found: Runs = defaultdict(list)
    for run in json.loads(script.TABLES.read_text("utf-8"))["classes"].split(" "):
        start, size, letter = run.split(":", 2)
        found[letter].append((int(start, 16), int(size, 16)))
    return dict(found)


def test_samples_of_every_class_have_the_class_that_the_node_gives_them(
    node: Any, runs: Runs
) -> None:
    rnd = random.Random(_SEED)
    held = {
        start + n: letter
        for letter, parts in runs.items()
        for start, size in parts
        for n in range(size)
    }
    asked: set[int] = set()
    for letter in sorted(runs):
        points = [p for p, its in held.items() if its == letter]
        asked.update(rnd.sample(points, min(40, len(points))))
    for parts in runs.values():  # where a run begins and ends, and the neighbours
        for start, size in rnd.sample(parts, min(12, len(parts))):
            asked.update({start - 1, start, start + size - 1, start + size})
    asked.update(p for p in (rnd.randrange(0x110000) for _ in range(500)))
    asked = {p for p in asked if 0 <= p < 0x110000 and not 0xD800 <= p < 0xE000}
    print(f"seed {_SEED}: {len(asked)} code points of {len(runs)} classes")
    assert script.classes(node, asked) == {p: held[p] for p in sorted(asked) if p in held}


def test_lower_case_and_folding_of_every_code_point_are_the_nodes(node: Any) -> None:
    below = [p for p in script.POINTS if p < 0x20000]
    assert script.foldings(node, below) == dict(fold_table())


def test_a_behaviour_that_no_class_has_is_told(node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {sign: letter for sign, letter in script.NAMES.items() if letter != "K"}
    monkeypatch.setattr(script, "NAMES", names)
    with pytest.raises(ValueError, match=r"U\+30CB"):
        script.classes(node, [ord("a"), ord("ニ")])


def test_texts_are_cut_as_the_node_cuts_them(node: Any, runs: Runs) -> None:
    rnd = random.Random(_SEED + 1)
    pool = {**runs, ".": [(0x20, 1), (0x2D, 1), (0x85, 1), (0x3000, 1), (0x378, 1), (0x200B, 1)]}
    texts = [
        *(_of_classes(rnd, pool) for _ in range(_STRINGS)),
        *(_long(rnd, pool) for _ in range(_STRINGS // 10)),
        *(_any(rnd) for _ in range(_STRINGS // 2)),
        *(_words(rnd) for _ in range(_STRINGS // 10)),
    ]
    print(f"seed {_SEED}: {len(texts)} texts")
    tokens, differ = 0, []
    for text, said in zip(texts, node.analysed(texts, "tocsin_text"), strict=True):
        expected = [(token, start, end, place) for token, start, end, place, _ in said]
        units = _unit_places(text)
        ours = [(token, units[s], units[e], n) for n, (token, s, e) in enumerate(analyze(text))]
        tokens += len(expected)
        if ours != expected or tokenize(text) != [token for token, *_ in expected]:
            differ.append((ascii(text[:80]), expected[:3], ours[:3]))
    assert tokens > len(texts)
    assert differ == [], (len(differ), differ[:5])


def _unit_places(text: str) -> list[int]:
    """UTF-16 place of each code point, and of the end."""
    places = [0]
    for sign in text:
        places.append(places[-1] + (2 if sign > "\uffff" else 1))
    return places


def _sign(rnd: random.Random, pool: Runs) -> str:
    start, size = rnd.choice(pool[rnd.choice(sorted(pool))])
    return chr(start + rnd.randrange(size))


def _of_classes(rnd: random.Random, pool: Runs) -> str:
    return "".join(_sign(rnd, pool) for _ in range(rnd.randint(1, 10)))


def _long(rnd: random.Random, pool: Runs) -> str:
    """Runs around the 255 units of the longest token."""
    lengths = (1, 1, 2, 120, 127, 128, 253, 254, 255, 256)
    return "".join(_sign(rnd, pool) * rnd.choice(lengths) for _ in range(rnd.randint(1, 6)))


def _any(rnd: random.Random) -> str:
    points = [rnd.randrange(0x110000 if rnd.random() < 0.3 else 0x3100) for _ in range(12)]
    return "".join(chr(p) for p in points if not 0xD800 <= p < 0xE000)


def _words(rnd: random.Random) -> str:
    """As articles have them: cleaned words, with marks between."""
    return clean("".join(rnd.choice((*WORDS, *VALUES)) + rnd.choice(" -,.'") for _ in range(20)))
