"""Runs one command and ends it when its owner is gone, however the owner went: a server started by a test run
must not outlive `kill -9` of that run.

    python guard.py COMMAND [ARGUMENT ...]

Prints the command's process id on standard output. Ends the command by SIGTERM, after ten seconds by SIGKILL, on
SIGTERM, when standard input ends, or when its parent is another one (a forked child may hold the pipe open for
ever). Never starts the command again. Standard library only: it must start at once.
"""

import os
import select
import signal
import subprocess
import sys
import threading

GRACE = 10.0  # seconds a server has to close
LOOK = 0.5  # seconds between looks at the parent


def main(command: list[str]) -> int:
    """Runs until the command has ended; gives its exit code."""
    owner = os.getppid()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)

    def end() -> None:
        process.terminate()
        force = threading.Timer(GRACE, process.kill)
        force.daemon = True
        force.start()

    def watch() -> None:
        while os.getppid() == owner:
            ready, _, _ = select.select([sys.stdin], [], [], LOOK)
            if ready and not os.read(0, 4096):
                break
        end()

    signal.signal(signal.SIGTERM, lambda *_: end())
    print(process.pid, flush=True)
    threading.Thread(target=watch, daemon=True).start()
    return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
