"""What a fetcher asks before each request and tells after it, so that all workers together are polite to a host."""

from __future__ import annotations

from typing import Protocol


class Turns(Protocol):
    def take(self, host: str, path: str) -> None:
        """Before a request. Raises :class:`FetchDeferred` where the host is to be left alone for now, and
        :class:`Stopped` where the run is to end."""
        ...

    def done(self, host: str, *, failed: bool) -> None:
        """After a request; ``failed`` where the host did not answer as a host that works."""
        ...

    def check(self) -> None:
        """While an answer is read. Raises :class:`Stopped`."""
        ...


class AlwaysMyTurn:
    """For a fetcher that nobody else's work depends on."""

    def take(self, host: str, path: str) -> None: ...

    def done(self, host: str, *, failed: bool) -> None: ...

    def check(self) -> None: ...
