"""Opening sockets: the one place where a name becomes an address, judged there and then, and where time is kept.

The client library limits each read, not the whole: a server that sends a byte a second would never be cut off. Here
every read and write gets at most what is left of the request's total time.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence

import httpcore2

from harvesters.address_guard import AddressGuard
from harvesters.fetched import FetchStatistics

CHECK_SECONDS = 1.0
Resolver = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, in the order in which the system would try them. Raises ``socket.gaierror``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Deadline(threading.local):
    """The end of the request in hand, for each thread its own. ``seconds`` is how long it may take in all."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends_at = self.seconds = float("inf")

    def start(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends_at = self._clock() + seconds

    @property
    def is_over(self) -> bool:
        return self._clock() >= self._ends_at

    def at_most(self, seconds: float | None) -> float:
        """The time-out to use now. Raises ``httpcore2.ReadTimeout`` when nothing is left."""
        left = self._ends_at - self._clock()
        if left <= 0:
            raise httpcore2.ReadTimeout("the request's total time is over")
        return left if seconds is None else min(seconds, left)


class TimedStream(httpcore2.NetworkStream):
    """``check`` is called every second of silence; what it raises ends the request."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline, check: Callable[[], None]) -> None:
        self._stream = stream
        self._deadline = deadline
        self._check = check

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline.at_most(timeout)
        while True:
            try:
                return self._stream.read(max_bytes, timeout=self._deadline.at_most(min(left, CHECK_SECONDS)))
            except httpcore2.ReadTimeout:
                left -= CHECK_SECONDS
                if left <= 0:
                    raise
                self._check()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=self._deadline.at_most(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.at_most(timeout))
        return TimedStream(secured, self._deadline, self._check)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore2.NetworkBackend):
    """Dials the address that was judged, never the name again."""

    def __init__(
        self, guard: AddressGuard, deadline: Deadline, resolver: Resolver, *, check: Callable[[], None] = lambda: None, statistics: FetchStatistics | None = None,
    ) -> None:
        self._guard = guard
        self._statistics = statistics or FetchStatistics()
        self._check = check
        self._deadline = deadline
        self._resolve = resolver
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Raises ``FetchRefused`` for an address that may not be called, ``httpcore2.ConnectError`` if none answers."""
        failure: httpcore2.ConnectError | httpcore2.ConnectTimeout | None = None
        for address in self._guard.check_resolved(host, self._addresses(host, port)):
            started = time.monotonic()
            try:
                stream = self._plain.connect_tcp(
                    address, port, self._deadline.at_most(timeout), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                self._statistics.add(connect_seconds=time.monotonic() - started)
                return TimedStream(stream, self._deadline, self._check)
        raise failure or httpcore2.ConnectError("no address")

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        started = time.monotonic()
        try:
            return self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name {host} does not resolve") from error
        finally:
            self._statistics.add(dns_seconds=time.monotonic() - started)
