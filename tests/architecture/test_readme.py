"""Every command that the README or the issue's contract names is there."""

import re
from pathlib import Path

import pytest
import typer

from tocsin.cli import app

ROOT = Path(__file__).parents[2]
PROMISED = """
run; worker; setup; feeds add; feeds list; feeds remove; feeds import; feeds export; feeds preview; sources; lists; ingest;
search; stories; story; stories merge; stories split; subscriptions add; subscriptions list; subscriptions show;
subscriptions remove; subscriptions enable; subscriptions disable; subscriptions test; alerts; alerts ack; alerts snooze;
alerts mute; explain; deadletters list; deadletters replay; reconcile; replay; topology; config; doctor; backup; restore;
evaluate
"""
"""Design §9."""


def command(words: list[str]):
    """The command called `words`, or null."""
    found = typer.main.get_command(app)
    for word in words:
        found = getattr(found, "commands", {}).get(word)
        if found is None:
            return None
    return found


@pytest.mark.parametrize(
    "words", [w.split() for w in PROMISED.replace("\n", " ").split(";")], ids=" ".join
)
def test_a_promised_command_is_there(words):
    assert command(words) is not None


def test_every_command_in_the_readme_is_there():
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.findall(r"`tocsin ((?:[a-z]+ ?)+)", text)

    assert found
    for words in found:
        first, *rest = words.split()
        assert command([first]) is not None, words
        if rest and hasattr(command([first]), "commands"):
            assert command([first, rest[0]]) is not None, words


def test_the_readme_names_every_make_target_a_newcomer_needs():
    text = (ROOT / "README.md").read_text("utf-8")

    assert "make run" in text
    assert "make test" in text
