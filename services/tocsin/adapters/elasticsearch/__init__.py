"""The index of the distributed desk: one Elasticsearch, written by many indexers, read by page and API."""
