"""What tracegraph raises: each error says what is wrong, where, and how to mend it."""


class TracegraphError(Exception):
    """Base of every error that tracegraph raises on purpose."""


class TableError(TracegraphError, ValueError):
    """A table cannot be used: a column is missing, ids disagree, or no row can be read."""


class TimeZoneError(TracegraphError, ValueError):
    """Times cannot be placed: naive times without `tz=`, or naive and aware ones mixed."""


class ProtocolError(TracegraphError, ValueError):
    """A protocol is unknown, malformed or contradicts itself."""


class NotTracedError(TracegraphError, KeyError):
    """An id that the graph does not know."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class StoreError(TracegraphError, OSError):
    """A database cannot be used: it is held, full, newer than this version, or none of ours."""


class TooLargeError(TracegraphError, MemoryError):
    """A result would be larger than the stated limit."""


class MissingExtraError(TracegraphError, ImportError):
    """An optional part is not installed; the message names the extra."""


class ServerError(TracegraphError, RuntimeError):
    """A database server cannot be fetched, started or reached."""
