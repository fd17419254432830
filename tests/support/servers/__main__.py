"""The same servers for people: both on loopback, in the background, their data kept.

    PYTHONPATH=tests python -m support.servers start | stop | fetch

`start` prints the two lines that point a desk at them on standard output, everything else on standard error, so that
`eval "$(make -s servers)"` sets them. `fetch` only fills the cache. Folders: `TOCSIN_SERVERS_DATA`, else .servers in
the repository; ports: `TOCSIN_SERVERS_KAFKA_PORT`, `TOCSIN_SERVERS_ELASTICSEARCH_PORT`.
"""

import argparse
import os
import sys
from pathlib import Path

from support.servers import elastic_home, kafka_jars
from support.servers.cache import Tampered, Unavailable
from support.servers.elastic_local import LocalElastic
from support.servers.kafka_local import LocalKafka
from support.servers.process import Failed, running, start_free, stop_free, taken, wait_ready

REPOSITORY = Path(__file__).resolve().parents[3]
KAFKA_PORT = 29092
ELASTIC_PORT = 29200


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 done, 1 not, with the reason in one line."""
    parser = argparse.ArgumentParser(prog="support.servers", description=__doc__)
    parser.add_argument("order", choices=("start", "stop", "fetch"))
    order = parser.parse_args(arguments).order
    data = Path(os.environ.get("TOCSIN_SERVERS_DATA") or REPOSITORY / ".servers").resolve()
    ports = (
        int(os.environ.get("TOCSIN_SERVERS_KAFKA_PORT") or KAFKA_PORT),
        int(os.environ.get("TOCSIN_SERVERS_ELASTICSEARCH_PORT") or ELASTIC_PORT),
    )
    kafka = LocalKafka(data / "kafka", port=ports[0])
    elastic = LocalElastic(data / "elasticsearch", port=ports[1])
    try:
        if order == "fetch":
            say(f"Kafka's jars are in {kafka_jars.jars()}")
            say(f"Elasticsearch is in {elastic_home.home()}")
        elif order == "start":
            start("Kafka", kafka, kafka.SECONDS)
            start("Elasticsearch", elastic, elastic.SECONDS)
            say(f"Their data are kept in {data}; `make servers-stop` ends both.")
            print(f"export TOCSIN_KAFKA={kafka.servers}")
            print(f"export TOCSIN_ELASTICSEARCH={elastic.url}")
        else:
            for name, folder in (("Kafka", kafka.folder), ("Elasticsearch", elastic.folder)):
                say(f"{name} has ended." if stop_free(folder / "pid") else f"{name} did not run.")
    except (Unavailable, Tampered, Failed) as error:
        say(str(error))
        return 1
    return 0


def start(name: str, server: LocalKafka | LocalElastic, seconds: float) -> None:
    """Starts one server that outlives us, unless it runs already."""
    pid_file = server.folder / "pid"
    if pid := running(pid_file):
        say(f"{name} runs already, process {pid}.")
        return
    if taken(server.port):
        raise Failed(f"{name} was not started: something else listens on port {server.port}")
    command = server.command()
    log = server.folder / "log"
    pid = start_free(command, pid_file, log)
    try:
        wait_ready(server.ready, lambda: bool(running(pid_file)), log, seconds)
    except BaseException:
        stop_free(pid_file)
        raise
    say(f"{name} runs, process {pid}, log {log}.")


def say(line: str) -> None:
    """For the reader, beside what a shell may evaluate."""
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
