"""A Docker engine for `make compose-test`: the one that answers, else Debian's own, started for this run.

Ours lives beside the system: its programs are unpacked into the cache, it runs in mount and network
namespaces of its own, and with them go its bridges and rules when it stops. It can fetch no image, so
everything it runs is built here. Linux, root and Debian's packages are needed; whatever is missing is
said by `Impossible` in one line.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from support.servers.cache import cache_folder

PLUGIN = "github.com/docker/compose/v2/cmd"
PLUGIN_VERSION = "v2.40.3"
PACKAGES = ("docker.io", "containerd", "runc", "tini")
NAMESPACED = (
    "umount /sys/fs/cgroup/unified 2>/dev/null; ip link set lo up 2>/dev/null; "
    'export PATH="$0/usr/bin:$0/usr/sbin:$PATH"; exec dockerd "$@"'
)
"""Beside cgroups v1 the unified mount confuses the engine; nobody else sees that it is gone."""


class Impossible(Exception):
    """There is no engine to be had here; the message says why in one line."""


class Engine:
    """Where `docker` commands go. `inside` is put before a command that must see published ports."""

    def __init__(self, environment: dict[str, str], inside: Sequence[str] = ()) -> None:
        self._environment = {**os.environ, **environment}
        self._inside = tuple(inside)

    def docker(
        self, *arguments: str, check: bool = True, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `docker …`; its output is returned, and shown where it fails."""
        return _run(["docker", *arguments], {**self._environment, **(env or {})}, check=check)

    def within(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command where the published ports are; never raises for its exit code."""
        return _run([*self._inside, *command], self._environment, check=False)


def answering() -> Engine | None:
    """The engine that `docker` reaches by itself, with its compose plugin."""
    if not shutil.which("docker"):
        return None
    for probe in (
        ["docker", "version", "-f", "{{.Server.Version}}"],
        ["docker", "compose", "version"],
    ):
        if subprocess.run(probe, capture_output=True, check=False).returncode:
            return None
    return Engine({})


def insist() -> None:
    """Raises Impossible where our own engine cannot run here."""
    if reason := _lacking():
        raise Impossible(reason)


def _lacking() -> str:
    if not sys.platform.startswith("linux"):
        return "no Docker engine answers, and one can be started only on Linux"
    if os.geteuid():
        return "no Docker engine answers, and starting one needs root"
    absent = [p for p in ("apt-get", "dpkg", "unshare", "nsenter", "ip") if not shutil.which(p)]
    if absent:
        return f"no Docker engine answers, and starting one needs {', '.join(absent)}"
    if subprocess.run(["unshare", "-m", "-n", "true"], capture_output=True, check=False).returncode:
        return "no Docker engine answers, and this machine allows no namespaces (unshare)"
    return ""


def folder() -> Path:
    """Where the engine's programs, images and this test's ingredients are kept."""
    place = cache_folder().parent / "engine"
    place.mkdir(parents=True, exist_ok=True)
    return place


def fetch() -> None:
    """Get the programs into the cache, once. Raises Impossible."""
    place = folder()
    if absent := [name for name in ("iptables", "mmdebstrap") if not shutil.which(name)]:
        _install(*absent)
    if not (place / "dk/usr/sbin/dockerd").exists():
        _apt("update")
        (place / "debs/partial").mkdir(parents=True, exist_ok=True)
        _apt(
            "install", "--download-only", "-o", f"Dir::Cache::archives={place / 'debs'}", *PACKAGES
        )
        for archive in sorted((place / "debs").glob("*.deb")):
            _run(["dpkg", "-x", str(archive), str(place / "dk")], dict(os.environ), check=True)
    _plugin(place / "config/cli-plugins/docker-compose")


def _plugin(plugin: Path) -> None:
    """Compose itself, as a module of a module: `go install` refuses it for its exclusions."""
    if plugin.exists():
        return
    if not shutil.which("go"):
        raise Impossible("the compose plugin is missing, and building it needs go")
    source = folder() / "compose-source"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    plugin.parent.mkdir(parents=True, exist_ok=True)
    made = plugin.with_suffix(".new")
    for step in (
        ["go", "mod", "init", "plugin"],
        ["go", "get", f"{PLUGIN}@{PLUGIN_VERSION}"],
        ["go", "build", "-o", str(made), PLUGIN],
    ):
        done = subprocess.run(step, cwd=source, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Impossible(f"the compose plugin could not be built: {done.stderr.strip()[-300:]}")
    made.rename(plugin)


@contextlib.contextmanager
def own(*, building: bool) -> Iterator[Engine]:
    """Our engine, until the block ends. Building: in the machine's network, for the registries, and
    without a bridge. Otherwise: in a network of its own, with no way out.
    """
    place = folder()
    socket, pidfile = place / "docker.sock", place / "docker.pid"
    for old in (socket, pidfile):
        old.unlink(missing_ok=True)
    spaces = ["unshare", "-m"] if building else ["unshare", "-m", "-n"]
    alone = ("--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false")
    command = [*spaces, "sh", "-c", NAMESPACED, str(place / "dk"), "--data-root", str(place / "data"),
               "--exec-root", str(place / "exec"), "--pidfile", str(pidfile), "-H", f"unix://{socket}",
               "--storage-driver", "overlay2", *(alone if building else ())]  # fmt: skip
    log = place / "dockerd.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    try:
        engine = Engine(
            {
                "DOCKER_HOST": f"unix://{socket}",
                "DOCKER_CONFIG": str(place / "config"),
                "DOCKER_BUILDKIT": "0",
                "PATH": f"{os.environ['PATH']}:{place / 'dk/usr/bin'}",
            },
            () if building else ("nsenter", "-t", str(process.pid), "-n", "--"),
        )
        _await(engine, process, log)
        yield engine
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(engine: Engine, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while engine.docker("version", check=False).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            last = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
            raise Impossible(f"Debian's dockerd does not start here: {' '.join(last)[-300:]}")
        time.sleep(0.3)


def _install(*packages: str) -> None:
    _apt("update")
    _apt("install", *packages)


def _apt(verb: str, *arguments: str) -> None:
    command = ["apt-get", verb, "-qq", "-y", *arguments]
    if verb == "install":
        command.insert(2, "--no-install-recommends")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise Impossible(f"apt-get {verb} failed: {done.stderr.strip()[-300:]}")


def _run(
    command: Sequence[str], environment: dict[str, str], *, check: bool
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if check and done.returncode:
        raise AssertionError(
            f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
    return done
