"""The three standard streams, made fit to speak through before anything else is opened."""

import io
import os
import sys


def open_streams() -> None:
    """Make the three standard streams fit to speak through: one that was closed leads nowhere (a store
    opened at its number would be written over), and a terminal that lacks a letter shows a question
    mark.
    """
    for fd, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        try:
            os.fstat(fd)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)  # the lowest free number: this very one
            stream = os.fdopen(nowhere, "r" if fd == 0 else "w", encoding="utf-8")
            setattr(sys, name, stream)
    for out in (sys.stdout, sys.stderr):
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(errors="replace")
