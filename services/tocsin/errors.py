"""What can go wrong, and what becomes of the event: the class decides its fate.

    TocsinError
    ├── Retryable          try again after a pause (may carry `retry_after_s`); never lost
    │   └── Overloaded     backpressure: the consumer pauses, nothing is read meanwhile
    ├── Rejected           this event cannot be processed: dead letter with a reason code and place
    ├── StoreError         the store cannot take a write
    │   ├── DiskFull       names the folder and how much room is missing
    │   └── StoreLocked    another desk holds this data; names its process and port
    ├── Refused            an address that must not be dialled
    ├── UsageError         a person's input is wrong: says where, and how to mend it
    │   └── QueryError     in a query: line, column, caret, suggestion (see `query.errors`)
    └── Stopping           the desk is being stopped; the work is left for the next start

Anything else is a bug and crashes loudly.
"""


class TocsinError(Exception):
    """Root of every error we raise on purpose; its text is meant for a person."""


class Retryable(TocsinError):
    """A passing fault; try again after `retry_after_s` seconds, or with back-off where null."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Overloaded(Retryable):
    """The other side is full: pause the consumer and keep everything."""


class Rejected(TocsinError):
    """This one event cannot be processed. `code` is a reason code of `DeadLetter`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class StoreError(TocsinError):
    """The store cannot be opened or written."""


class DiskFull(StoreError):
    """No room for a write; reading still works."""


class StoreLocked(StoreError):
    """Another desk holds this data folder."""


class Refused(TocsinError):
    """An address that must not be dialled (loopback, private network, scheme, port)."""


class UsageError(TocsinError):
    """A person's input is wrong. The text names the place and the mend."""


class Stopping(TocsinError):
    """The desk is stopping."""
