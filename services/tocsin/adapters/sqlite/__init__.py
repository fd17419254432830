"""One SQLite file, one writer: log, state and index of the embedded desk."""
