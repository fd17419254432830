"""A Faust shell as a process that can be killed, around stages that write down what is done to them.

Started by `Shell`; what they wrote is read back with `Shell.diary`.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from tocsin.adapters.faust.shell import FaustShell
from tocsin.adapters.kafka.bus import KafkaBus
from tocsin.errors import Retryable
from tocsin.ports.bus import Message, Record
from tocsin.telemetry import configure
from tocsin.workers.runner import Pipe
from tocsin_schemas.topics import ACTS, ENRICHED, ITEMS


class Diary:
    """Lines of JSON, each in the file before the call returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def __call__(self, what: str, **facts: Any) -> None:
        """Write one line."""
        self._file.write(json.dumps({"what": what, "at": time.monotonic(), **facts}) + "\n")
        self._file.flush()


def forwarder(bus: KafkaBus, diary: Diary, batch_s: float) -> Pipe:
    """Items to enriched, same key; `batch_s` passes between reading a batch and publishing it."""

    def effect(records: Sequence[Record]) -> list[Message]:
        diary("begin", records=len(records))
        time.sleep(batch_s)
        return [Message(ENRICHED.name, r.key, r.value, r.headers) for r in records]

    return Pipe("enricher", effect, bus=bus, reads=[ITEMS])


class Recorder:
    """A stage with state that decides nothing; it naps before it asks whether it still owns its work."""

    name = "clusterer"

    def __init__(self, diary: Diary, nap_s: float) -> None:
        self.reads = [ENRICHED.name, ACTS.name]
        self._diary = diary
        self._nap_s = nap_s

    def prepare(self) -> None:
        """Warm up."""
        self._diary("prepare")

    def take_over(self, confirm: Callable[[], None]) -> int:
        """Begin."""
        confirm()
        self._diary("take_over")
        return 0

    def work(self, records: Sequence[Record], confirm: Callable[[], None]) -> None:
        """Handle a batch."""
        self._diary(
            "work", keys=[r.key for r in records], topics=sorted({r.topic for r in records})
        )
        time.sleep(self._nap_s)
        try:
            confirm()
        except Retryable as error:
            self._diary("refused", why=str(error))
            raise
        self._diary("done", keys=[r.key for r in records])


class Shell:
    """The process. `kind` is forward or record, `pause_s` what its stage takes for a batch."""

    def __init__(
        self, kind: str, servers: str, prefix: str, folder: Path, name: str, pause_s: float = 0.0
    ) -> None:
        self._diary = folder / f"{name}.diary"
        self.log = folder / f"{name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, __file__, kind, servers, prefix, str(self._diary), str(pause_s)],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            )

    def diary(self, what: str = "") -> list[dict[str, Any]]:
        """The lines so far, all or those of one kind."""
        if not self._diary.exists():
            return []
        lines = self._diary.read_text("utf-8").splitlines()
        found = [json.loads(line) for line in lines if line.endswith("}")]
        return [line for line in found if what in ("", line["what"])]

    def signal(self, number: int) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill -9, and wait until it is gone."""
        self.process.kill()
        self.process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.kill()


def main() -> None:
    """Run the shell until it is told to stop."""
    kind, servers, prefix, path, pause_s = sys.argv[1:]
    configure("info")
    diary = Diary(Path(path))
    bus = KafkaBus(servers, prefix=prefix)
    stage = (
        forwarder(bus, diary, float(pause_s))
        if kind == "forward"
        else Recorder(diary, float(pause_s))
    )
    diary("running")
    FaustShell(stage, servers=servers, prefix=prefix, batch=50).run()
    bus.close()
    diary("ended")


if __name__ == "__main__":
    main()
