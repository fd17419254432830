"""Artifacts by Maven, the registry's own client: it knows this machine's mirrors, proxies and credentials.

Every fetch has a throwaway local repository, so nothing of ours stays in the user's ~/.m2 and nothing that lies
there is trusted. Maven 3.8 can pin no SHA-256, so callers check hashes themselves before they use a byte.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.servers.cache import Unavailable

PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
INSTALL = "install a JDK and Maven: apt-get install default-jre-headless maven"


def lacking() -> str:
    """Why Maven cannot run here, with the mend; empty where it can."""
    if not shutil.which("mvn"):
        return f"mvn is not installed; {INSTALL}"
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        return f"Java is not installed; {INSTALL}"
    return ""


def run(goal: str, *options: str, repository: Path, seconds: float) -> None:
    """One goal of the dependency plugin, quietly, with its downloads under `repository`.

    Raises Unavailable with mvn's first complaint where it fails, say for want of a network.
    """
    if reason := lacking():
        raise Unavailable(reason)
    order = ["mvn", "-B", "-q", "-C", f"-Dmaven.repo.local={repository}", f"{PLUGIN}:{goal}"]
    with tempfile.TemporaryFile("w+") as out:
        try:
            done = subprocess.run(
                [*order, *options],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(f"mvn {goal} did not finish within {seconds:.0f} s") from None
        if done.returncode:
            out.seek(0)
            complaints = [line.strip() for line in out if "ERROR" in line]
            first = complaints[0] if complaints else f"exit code {done.returncode}"
            raise Unavailable(f"mvn {goal} failed: {first[:300]}")
