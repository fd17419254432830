"""A real Kafka broker on loopback, without Docker: one node that is its own controller (KRaft).

It fails as a real one does, since it is one: `kill` is kill -9, and `start` on the same folder and port recovers
the log from disk. Topics are never made by asking for them, so a misspelt name fails in tests as in production.
"""

import base64
import socket
import struct
import subprocess
import uuid
from functools import cached_property

from support.servers import kafka_jars
from support.servers.local import LocalServer
from support.servers.process import Failed, free_port

HEAP = "384m"
ANSWER = 2.0  # seconds
JVM = [
    f"-Xmx{HEAP}",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.net.preferIPv4Stack=true",
    "--enable-native-access=ALL-UNNAMED",
]
LOGGING = """status=error
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %m (%c{1})%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=OUT
"""


class LocalKafka(LocalServer):
    """A broker; `settings` are broker properties."""

    LOG = "broker.log"
    SECONDS = 90.0  # 2 s on an idle machine

    @property
    def servers(self) -> str:
        """Its address, host:port."""
        return f"127.0.0.1:{self.port}"

    @cached_property
    def _control(self) -> int:
        return free_port()

    def ready(self) -> bool:
        """Whether it answers ApiVersions: an open port alone is a broker that still recovers its log."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as line:
                line.settimeout(ANSWER)
                line.sendall(
                    struct.pack(">ihhih", 10, 18, 0, 1, -1)
                )  # size, key, version, id, client
                answer = line.recv(10, socket.MSG_WAITALL)
        except OSError:
            return False
        return len(answer) == 10 and struct.unpack(">iih", answer)[1:] == (1, 0)

    def command(self) -> list[str]:
        """What runs it; writes its settings and formats an empty folder (0.6 s) on the way."""
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "server.properties"
        properties.write_text("".join(f"{k}={v}\n" for k, v in self._properties().items()))
        logging = self.folder / "log4j2.properties"
        logging.write_text(LOGGING)
        java = [kafka_jars.java(), *JVM, f"-Dlog4j2.configurationFile={logging}"]
        java += ["-cp", str(kafka_jars.jars() / "*")]
        if not (self.folder / "data" / "meta.properties").exists():
            cluster = "T" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
            tool = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
            done = subprocess.run([*java, *tool], capture_output=True, text=True, check=False)
            if done.returncode:
                raise Failed(f"Kafka could not format {self.folder}: {done.stdout}{done.stderr}")
        return [*java, "kafka.Kafka", str(properties)]

    def _properties(self) -> dict[str, str]:
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self._control}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://{self.servers},CONTROLLER://127.0.0.1:{self._control}",
            "advertised.listeners": f"PLAINTEXT://{self.servers}",
            "log.dirs": str(self.folder / "data"),
            # one node is all there is
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            # small and soon there
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.num.partitions": "1",
            "share.coordinator.state.topic.num.partitions": "1",
            "num.network.threads": "2",
            "num.io.threads": "2",
            "background.threads": "2",
            "log.cleaner.dedupe.buffer.size": "16777216",
            "log.index.size.max.bytes": "1048576",  # reserved per segment: tests make many partitions
            # consumers that die are missed soon, members gather at once
            "group.min.session.timeout.ms": "1000",
            "group.initial.rebalance.delay.ms": "0",
            # after kill -9 the controller waits out the dead broker's session: 9 s by default
            "broker.session.timeout.ms": "1500",
            "broker.heartbeat.interval.ms": "500",
            "controlled.shutdown.enable": "false",  # there is nobody to hand over to
            "auto.create.topics.enable": "false",
            **self._settings,
        }
