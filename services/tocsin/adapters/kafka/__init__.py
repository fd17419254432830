"""The log on Kafka: what the embedded desk keeps in one file, on brokers shared by processes.

At least once and no more: acks from all replicas, an idempotent producer, positions committed by us
after the effect; never transactions.
"""

import warnings

with warnings.catch_warnings():
    # The client reads its protocol through a deprecated function of the standard library.
    warnings.simplefilter("ignore", DeprecationWarning)
    import kafka as _client
    import kafka.admin as _admin

__all__: list[str] = []
del _client, _admin
