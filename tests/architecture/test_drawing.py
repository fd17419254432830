"""What the documents draw is what the code is."""

import re
import subprocess
from pathlib import Path

import pytest

from tocsin.pipeline.topology import WORKERS
from tocsin.settings import Settings

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "services").rglob("*.py")) + sorted((ROOT / "schemas").rglob("*.py"))


def tracked() -> list[str]:
    try:
        done = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return done.stdout.splitlines()


def test_every_worker_stands_in_the_table_of_services():
    table = (ROOT / "services" / "README.md").read_text("utf-8")

    for worker in WORKERS:
        assert re.search(rf"^\| {worker.name} \|", table, re.MULTILINE), worker.name


def test_every_setting_says_what_it_means():
    assert [n for n, f in Settings.model_fields.items() if not f.description] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_opens_with_what_it_does(path):
    text = path.read_text("utf-8")

    assert text.startswith('"""'), "the docstring says what it does to the news"


def test_no_room_without_a_name():
    rooms = {part for p in SOURCES for part in p.relative_to(ROOT).with_suffix("").parts}

    assert not rooms & {"utils", "util", "common", "helpers", "base", "manager", "misc", "core"}


def test_only_the_outbound_module_and_the_desks_door_dial():
    dials = re.compile(
        r"^\s*(?:import|from) (?:aiohttp|http\.client|urllib\.request|httpx|requests|smtplib)\b",
        re.MULTILINE,
    )
    found = {
        str(p.relative_to(ROOT / "services" / "tocsin"))
        for p in SOURCES
        if dials.search(p.read_text("utf-8"))
    }

    allowed = {
        "adapters/outbound.py",
        "adapters/http_fetcher.py",
        "adapters/notifiers/webhook.py",
        "adapters/door.py",
        "adapters/kibana/connection.py",  # the operator's own address, never one from the news
        "demo/press.py",
    }
    assert found <= allowed, "one place decides what may be dialled; the demo press only listens"


def test_no_file_names_a_registry_or_a_folder_of_one_machine():
    hosts = re.compile(
        "|".join(
            [
                "python" + "hosted",
                "//py" + "pi\\.",
                "registry\\.npm" + "js",
                "repo1?\\.maven",
                "static\\.crates",
                "deb\\.debian",
                "--find" + "-links ",
            ]
        )
    )
    folders = re.compile(r"(?:^|[\s\"'=(])/(?:work|root|home|opt)/")
    inside = re.compile(r"(?:^|[\s\"'=(])/(?:work|root|home)/")  # /opt of an image is its own
    bad = []
    for name in tracked():
        path = ROOT / name
        if path.is_file() and path.suffix in {
            ".py",
            ".md",
            ".toml",
            ".txt",
            ".yml",
            ".yaml",
            ".json",
            ".css",
            ".js",
            ".html",
            "",
        }:
            text = path.read_text("utf-8", "replace")
            of_images = name.startswith(("deploy/", "docker-compose", "tests/support/compose_"))
            if hosts.search(text) or (inside if of_images else folders).search(text):
                bad.append(name)
    assert bad == []


def test_stored_requirements_carry_hashes_and_no_addresses():
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text("utf-8")

        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--index|--find", text), path.name
