"""Who may do what in Elasticsearch, with security on: Kibana's own password, and a user for the desk who
rules its own indices and nothing else. Runs once, in our image, before everything that logs in; running
it again sets the same things. It never prints a password.
"""

# ruff: noqa: INP001 - a script that is mounted into a container, no package

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

PATIENCE_S = 120
"""How long a node that does not serve yet is waited for, seconds."""
RETRIED = frozenset({429, 502, 503, 504})


def role(prefix: str) -> dict[str, Any]:
    """What the desk may do: its indices and templates, and Kibana's objects; no users, no cluster."""
    return {
        "cluster": ["monitor", "manage_index_templates"],
        "indices": [{"names": [f"{prefix}tocsin-*"], "privileges": ["all"]}],
        "applications": [
            {"application": "kibana-.kibana", "privileges": ["all"], "resources": ["*"]}
        ],
    }


def requests(secrets: Path, prefix: str) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, body) of all that is asked of the node, in order."""
    return [
        ("POST", "/_security/user/kibana_system/_password", {"password": _secret(secrets, "kibana")}),
        ("PUT", "/_security/role/tocsin", role(prefix)),
        ("PUT", "/_security/user/tocsin",
         {"password": _secret(secrets, "tocsin"), "roles": ["tocsin"], "full_name": "the desk"}),
    ]  # fmt: skip


def _secret(secrets: Path, name: str) -> str:
    return (secrets / f"{name}_password").read_text("utf-8").strip()


def main(address: str, secrets: Path, prefix: str, patience_s: float = PATIENCE_S) -> int:
    """0 when all is set; 1 with one line when the node refused or never served."""
    login = base64.b64encode(f"elastic:{_secret(secrets, 'elastic')}".encode()).decode()
    deadline = time.monotonic() + patience_s
    for method, path, body in requests(secrets, prefix):
        fault = _ask(address + path, method, body, login)
        while fault and fault[1] and time.monotonic() < deadline:
            time.sleep(1)
            fault = _ask(address + path, method, body, login)
        if fault:
            print(f"{method} {path}: {fault[0]}", file=sys.stderr)  # noqa: T201  # a command prints
            return 1
    print("security: kibana_system, role and user tocsin are set")  # noqa: T201  # a command prints
    return 0


def _ask(url: str, method: str, body: dict[str, Any], login: str) -> tuple[str, bool] | None:
    """Nothing when it was done; else the fault, and whether trying again may help."""
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {login}"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)  # noqa: S310  # http(s), from our own compose file
    try:
        with urllib.request.urlopen(request, timeout=10):  # noqa: S310  # as above
            return None
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read(300).decode('utf-8', 'replace')}", error.code in RETRIED
    except OSError as error:
        return str(error), True


if __name__ == "__main__":
    first = os.environ["TOCSIN_ELASTICSEARCH"].split(",")[0].rstrip("/")
    sys.exit(main(first, Path("/run/secrets"), os.environ.get("TOCSIN_PREFIX", "")))
