"""Readers that misbehave on demand, for the tests of the reading pool: `module:function` by name."""

import os
import signal
import time
from pathlib import Path

from tocsin.errors import Rejected


def obey(value: bytes) -> bytes:
    """Do what the value says: spin, sleep, allocate, exit, refuse, fail; else give it back doubled."""
    word, _, rest = value.decode().partition(" ")
    if word == "spin":
        while True:
            pass
    if word == "sleep":
        time.sleep(3600)
    if word == "allocate":
        return bytes(bytearray(int(rest) << 20)[:1])
    if word == "exit":
        os._exit(int(rest))
    if word == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "refuse":
        raise Rejected("invalid", f"refused: {rest}")
    if word == "fail":
        raise ValueError(rest)
    if word == "print":
        print("noise on standard output", flush=True)
    if word == "pid":
        return str(os.getpid()).encode()
    if word == "once":  # dies at the first try, leaves a mark, lives at the second
        mark = Path(rest)
        if not mark.exists():
            mark.touch()
            os._exit(3)
        return b"second try"
    return value * 2
