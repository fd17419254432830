"""The page's door: its port, its server, and how it ends without cutting off who is being served."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

from tocsin.errors import TocsinError
from tocsin.settings import Settings


def listen(settings: Settings) -> socket.socket:
    """The page's port, bound; connections wait in it. Raises TocsinError where it is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((settings.host, settings.port))
        door.listen(128)
    except OSError as error:
        door.close()
        raise TocsinError(
            f"{settings.host}:{settings.port} cannot be listened on ({error.strerror}): choose "
            "another port with --port N (make run PORT=N), 0 for any free one"
        ) from error
    return door


def address_of(door: socket.socket) -> str:
    """The page's address, as a browser on this machine writes it."""
    host, port = door.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


class PageServer(uvicorn.Server):
    """Ends live streams before it waits for connections to close. `signals`: it ends on SIGTERM and
    Ctrl-C itself; else whoever made it calls `handle_exit`.
    """

    def __init__(self, app: Any, stop: asyncio.Event, *, signals: bool = True) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=3,
                server_header=False,
            )
        )
        self._live = app.state.live
        self._stop = stop
        self._signals = (signal.SIGINT, signal.SIGTERM) if signals else ()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Our own handlers: uvicorn's raise the signal again afterwards, which would end the process
        before the workers have finished what they hold.
        """
        loop = asyncio.get_running_loop()
        for number in self._signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in self._signals:
                loop.remove_signal_handler(number)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the live streams, then everything else."""
        self._stop.set()
        self._live.close()
        await super().shutdown(sockets)
