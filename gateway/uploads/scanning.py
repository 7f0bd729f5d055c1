"""Asking a virus scanner about a file: clamd over a socket, or a command that reads its standard input.

Whatever is not a plain answer counts as none: the file waits, and nobody is sent it.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import subprocess
import time
from collections.abc import Sequence
from typing import Final, Protocol
from urllib.parse import urlsplit

from gateway.errors import Unprocessable

WHILE_SOMEBODY_WAITS: Final = 10.0
"""Seconds that an upload waits for the scanner; the job that scans again has more."""
IN_A_JOB: Final = 60.0
CHUNK_BYTES: Final = 64 * 1024
LONGEST_ANSWER: Final = 4096


class ScannerUnavailable(Exception):
    """No plain answer came: not reachable, too slow, broken. The text is for the operator."""


class Scanner(Protocol):
    def finds(self, body: bytes, *, seconds: float) -> bool:
        """Whether something harmful is in it. Raises :class:`ScannerUnavailable`."""
        ...


class Clamd:
    """``clamd://127.0.0.1:3310``, ``clamd:///run/clamav/clamd.ctl``. Speaks INSTREAM: the file travels over the socket, clamd needs no access to it."""

    def __init__(self, url: str, *, allowed_networks: Sequence[str] = ()) -> None:
        parts = urlsplit(url)
        if parts.scheme != "clamd" or not (parts.hostname or parts.path):
            raise Unprocessable("The address of the scanner is not understood.", hint="Write clamd://127.0.0.1:3310 or clamd:///run/clamav/clamd.ctl.")
        self._host, self._port, self._path = parts.hostname, parts.port or 3310, parts.path
        self._networks = [ipaddress.ip_network(one) for one in ("127.0.0.0/8", "::1/128", *allowed_networks)]

    def finds(self, body: bytes, *, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        try:
            with self._connected(deadline) as connection:
                answer = _asked(connection, body, deadline)
        except OSError as error:
            raise ScannerUnavailable(f"The scanner did not answer: {type(error).__name__}.") from error
        if answer == b"stream: OK":
            return False
        if answer.startswith(b"stream: ") and answer.endswith(b" FOUND"):
            return True
        raise ScannerUnavailable("The scanner answered with something that is no verdict.")

    def _connected(self, deadline: float) -> socket.socket:
        if self._host is None:
            return _connected_to(self._path, deadline)
        address = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)[0][4]
        if not any(ipaddress.ip_address(address[0]) in network for network in self._networks):
            raise ScannerUnavailable("The scanner's address lies neither on this machine nor in the allowed networks.")
        return socket.create_connection((str(address[0]), self._port), timeout=_left(deadline))


def _connected_to(path: str, deadline: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(_left(deadline))
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def _asked(connection: socket.socket, body: bytes, deadline: float) -> bytes:
    connection.sendall(b"zINSTREAM\0")
    for start in range(0, len(body), CHUNK_BYTES):
        piece = body[start : start + CHUNK_BYTES]
        connection.settimeout(_left(deadline))
        connection.sendall(struct.pack("!I", len(piece)) + piece)
    connection.sendall(struct.pack("!I", 0))
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        connection.settimeout(_left(deadline))
        received = connection.recv(LONGEST_ANSWER)
        if not received:
            raise ConnectionError("it hung up")
        answer += received
    return answer.rstrip(b"\0")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class Command:
    """A program that gets the file on its standard input: 0 is clean, 1 is infected, all else is no answer."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)

    def finds(self, body: bytes, *, seconds: float) -> bool:
        try:
            done = subprocess.run(  # noqa: S603  the operator's own words, without a shell
                self._words, input=body, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds, check=False,
                env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ScannerUnavailable(f"The scanner's command did not answer: {type(error).__name__}.") from error
        if done.returncode not in (0, 1):
            raise ScannerUnavailable(f"The scanner's command ended with {done.returncode}.")
        return done.returncode == 1
