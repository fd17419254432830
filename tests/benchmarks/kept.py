"""What a desk keeps on disk: bytes by topic, by index and by state file."""

from pathlib import Path

from support.processes import Processes
from tocsin.adapters.kafka import client
from tocsin.bootstrap.servers import Servers as Connections


def in_topics(desk: Processes) -> dict[str, int]:
    """On the broker's disk (one replica, packed as the broker packs), by topic."""
    prefix = desk.values["TOCSIN_PREFIX"]
    admin = client.admin(client.options(desk.values["TOCSIN_KAFKA"], "tocsin-bench"))
    try:
        told = admin.describe_log_dirs()
    finally:
        admin.close()
    return {
        topic["name"].removeprefix(prefix): sum(p["partition_size"] for p in topic["partitions"])
        for broker in told
        for folder in broker["log_dirs"]
        for topic in folder["topics"]
        if topic["name"].startswith(prefix)
    }


def in_indices(held: Connections, desk: Processes) -> dict[str, int]:
    """Primary shards in the index, by kind, merged down to one segment each as old months are."""
    prefix = desk.values["TOCSIN_PREFIX"]
    indices = held.client.options(request_timeout=120).indices
    indices.refresh(index=f"{prefix}*")
    indices.forcemerge(index=f"{prefix}*", max_num_segments=1)
    indices.flush(index=f"{prefix}*")
    sizes: dict[str, int] = {}
    for index, told in indices.stats(index=f"{prefix}*", metric="store")["indices"].items():
        kind = index.removeprefix(prefix).removeprefix("tocsin-").rstrip("0123456789.").rstrip("-")
        size = told["primaries"]["store"]["size_in_bytes"]
        sizes[kind] = sizes.get(kind, 0) + int(size)
    return sizes


def in_state(folder: Path) -> int:
    """A worker's state: its file, and what is on its way into it."""
    return sum(f.stat().st_size for f in folder.rglob("*.db*"))
