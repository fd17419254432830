#!/usr/bin/env python3
"""Asks whether the broker answers ApiVersions, where the official image has its tool of this name.

The jars of that tool are not published, so the request (version 0, no client id) is made by hand.
"""

import socket
import struct
import sys

REQUEST = struct.pack(">ihhih", 10, 18, 0, 1, -1)

host, port = sys.argv[sys.argv.index("--bootstrap-server") + 1].rsplit(":", 1)
with socket.create_connection((host, int(port)), 5) as connection:
    connection.settimeout(5)
    connection.sendall(REQUEST)
    _, correlation, error = struct.unpack(">iih", connection.recv(10, socket.MSG_WAITALL))
sys.exit(correlation != 1 or error != 0)
