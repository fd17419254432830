"""A real Elasticsearch node on loopback, without Docker, with the analysers that users have.

It fails as a real one does, since it is one: `kill` is kill -9, and `start` on the same folder and port recovers its
indices from disk. Its percolator, ILM, data stream administration and ES|QL are missing: nothing of ours needs them.
"""

import http.client
import json
import sys
from pathlib import Path

from support.servers import elastic_home
from support.servers.local import LocalServer

HEAP = "512m"
NODE = Path(__file__).with_name("elastic_node.py")  # not imported: it loads JPype
ANSWER = 5.0  # seconds


class LocalElastic(LocalServer):
    """A node; `settings` are node settings (`-E`), say indexing_pressure.memory.limit or the disk's watermarks."""

    LOG = "node.log"
    SECONDS = 180.0  # 4 s on an idle machine

    @property
    def url(self) -> str:
        """Its address, http://host:port."""
        return f"http://127.0.0.1:{self.port}"

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
