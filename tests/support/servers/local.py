"""What a local server is, whichever it is: its folder, its port, its starts and ends."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

from support.servers.process import ServerProcess, free_port


class LocalServer(ABC):
    """A server on loopback whose data lie in `folder`; the same folder and port over every start.

    `settings` overrule ours. Not started by construction. `start` raises Unavailable (what runs it is not to be
    had) and Failed (it does not boot).
    """

    LOG: ClassVar[str]
    SECONDS: ClassVar[float]
    """From start to an answer, at most."""

    def __init__(
        self, folder: Path, *, port: int = 0, settings: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder.resolve()
        self.port = port or free_port()
        self._settings = dict(settings or {})
        self._process = ServerProcess(self.folder / self.LOG)

    @property
    def pid(self) -> int:
        """The id of the server's process, of the last start."""
        return self._process.pid

    def start(self) -> None:
        """Starts it and returns once it is ready."""
        self._process.start(self.command(), self.ready, seconds=self.SECONDS)

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

    @abstractmethod
    def ready(self) -> bool:
        """Whether it serves: an open port alone is a server that still recovers."""

    @abstractmethod
    def command(self) -> list[str]:
        """What runs it; prepares the folder on the way."""
