"""A real Elasticsearch node on loopback, without Docker, with the analysers that users have.

It fails as a real one does, since it is one: `kill` is kill -9, and `start` on the same folder and port recovers its
indices from disk. Its percolator, ILM, data stream administration and ES|QL are missing: nothing of ours needs them.
"""

import http.client
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from support.servers import elastic_home
from support.servers.process import ServerProcess, free_port

HEAP = "512m"
NODE = Path(__file__).with_name("elastic_node.py")  # not imported: it loads JPype
SECONDS = 180.0  # from start to an answer; 4 s on an idle machine
ANSWER = 5.0  # seconds


class LocalElastic:
    """A node whose data lie in `folder`; the same folder and port over every start.

    `settings` are node settings that overrule ours (`-E`), say indexing_pressure.memory.limit or the disk's watermarks.
    Not started by construction. `start` raises Unavailable (no Maven, not linux-x64) and Failed (it does not boot).
    """

    def __init__(
        self, folder: Path, *, port: int = 0, settings: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder.resolve()
        self.port = port or free_port()
        self._settings = dict(settings or {})
        self._process = ServerProcess(self.folder / "node.log")

    @property
    def url(self) -> str:
        """Its address, http://host:port."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The id of the node's process, of the last start."""
        return self._process.pid

    def start(self) -> None:
        """Starts it and returns once its indices are searchable again."""
        self._process.start(self.command(), self.ready, seconds=SECONDS)

    def kill(self) -> None:
        """`kill -9`; returns when the process is gone. What it had acknowledged is on its disk."""
        self._process.kill()

    def stop(self) -> None:
        """An orderly end; its data stay."""
        self._process.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ready(self) -> bool:
        """Whether every primary shard is served: an open port alone is a node that still recovers."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER)
        try:
            line.request("GET", "/_cluster/health?filter_path=status")
            answer = line.getresponse()
            return answer.status == 200 and json.load(answer)["status"] in {"green", "yellow"}
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return False
        finally:
            line.close()

    def command(self) -> list[str]:
        """What runs it; makes the folder on the way."""
        home = elastic_home.home()
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = {
            "http.port": str(self.port),
            # a test machine's disk may be fuller than a server's should be
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            # every test has indices of its own; replicas that nobody holds count too
            "cluster.max_shards_per_node": "20000",
            **self._settings,
        }
        node = [sys.executable, str(NODE)]
        node += ["--home", str(home), "--jvm", str(elastic_home.libjvm(home))]
        node += ["--data", str(self.folder / "data"), "--heap", HEAP]
        return node + [part for key, value in settings.items() for part in ("-E", f"{key}={value}")]
