"""Where what the servers are made of is kept between runs: outside the repository, checked, made once.

A thing is made in a folder of its own and renamed into place when it is whole, so a run that is killed leaves
nothing half-made under the final name; a lock lets runs that race wait for one another instead of fetching
twice. It never replaces a thing that is there: another version has another name.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

DONE = ".ok"


class Unavailable(Exception):
    """There is no such server to be had on this machine; the message names the mend in one line."""


class Tampered(Exception):
    """What the registry sent is not what we pinned: always a failure, never a reason to skip."""


def cache_folder() -> Path:
    """`TOCSIN_SERVERS`, else tocsin/servers in the user's cache folder. Not created here."""
    if own := os.environ.get("TOCSIN_SERVERS"):
        return Path(own).expanduser().resolve()
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser().resolve() / "tocsin" / "servers"


def sha256(path: Path) -> str:
    """The hex digest of a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kept(name: str, mark: str) -> bool:
    """Whether the cache holds the whole of `name` made from what has this hash."""
    done = cache_folder() / name / DONE
    return done.is_file() and done.read_text().strip() == mark


def obtain(name: str, mark: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` in the cache, made by `make(empty folder)` if it is not there yet.

    `mark` is the hash of its source, written into it last. Raises whatever `make` raises, and leaves nothing then.
    """
    root = cache_folder()
    place = root / name
    if kept(name, mark):
        return place
    root.mkdir(parents=True, exist_ok=True)
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # freed by the kernel whichever way this process ends
        if kept(name, mark):  # the run we waited for has made it
            return place
        for stale in [place, *root.glob(f"{name}.new-*")]:  # of runs that were killed
            shutil.rmtree(stale, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix=f"{name}.new-", dir=root))
        try:
            make(fresh)
            (fresh / DONE).write_text(f"{mark}\n")
            fresh.rename(place)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return place
