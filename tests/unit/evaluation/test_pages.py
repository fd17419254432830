"""Page text is measured by wanted and unwanted segments."""

import base64
import json

import pytest

from tocsin.errors import UsageError
from tocsin.evaluation.pages import evaluate

PAGE = """<html><head><title>Raid</title></head><body><nav>Home Sport Weather Subscribe now</nav><article>
<p>Nine people were killed when troops raided a village near the border before dawn, officials said.</p>
<p>The governor spoke of an attack on sovereignty and called the ambassador to his office in the capital.</p>
</article><footer>Copyright and cookies of our company</footer></body></html>"""


def write(tmp_path, **record):
    path = tmp_path / "pages.jsonl"
    path.write_text(
        json.dumps({"url": "http://dawn.example/1", "with": [], "without": []} | record) + "\n"
    )
    return path


def test_a_found_segment_is_a_hit_a_lost_one_a_miss_and_furniture_an_invention(tmp_path):
    path = write(
        tmp_path,
        html_b64=base64.b64encode(PAGE.encode()).decode(),
        **{
            "with": ["Nine people were  killed", "never said"],
            "without": ["cookies of our company", "The governor spoke"],
        },
    )

    found = evaluate(path)

    assert (found["precision"], found["recall"], found["pages"]) == (0.5, 0.5, 1)


def test_what_is_not_base64_names_its_record(tmp_path):
    with pytest.raises(UsageError, match="record 1: html_b64"):
        evaluate(write(tmp_path, html_b64="%%%"))
