"""Mends one fault of kafka-python 3.0.12: the socket of a connection that was refused stays open.

Each try while a broker is away leaves one, held by errors and their traces until the garbage collector
finds it. Closing it at once is all that this does.
"""

import socket
from typing import Any

from kafka.net.inet import KafkaNetSocket

_connect = KafkaNetSocket.sock_connect


async def _or_close(
    self: Any, net: Any, sock: socket.socket, address: Any, timeout_at: float | None = None
) -> Any:
    try:
        return await _connect(self, net, sock, address, timeout_at=timeout_at)
    except BaseException:
        sock.close()
        raise


def close_refused() -> None:
    """Mend the library for this process; idempotent."""
    KafkaNetSocket.sock_connect = _or_close
