"""No test opens a socket but to this machine: what tries is refused, and the test during which it was tried fails.

The guard is an audit hook, so it sees every connection that Python code makes in this process, whoever makes it. It is put in by
importing the package of tests, and with that into the helper processes that are modules of it.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

tried: list[str] = []
"""What was refused since somebody last looked."""


def install() -> None:
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) and address else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = None if _is_literal(arguments[0]) or _text(arguments[0]) == socket.gethostname() else arguments[0]
    else:
        return
    if not _is_here(host):
        tried.append(f"{event} {arguments[1:] if event in ('socket.connect', 'socket.sendto') else arguments!r}")
        raise ConnectionRefusedError(f"Tests open no socket but to loopback: {tried[-1]}")


def _is_literal(host: Any) -> bool:
    """Looking up an address, in any spelling of one, asks nobody. (Nor does the machine's own name, by which mail clients greet.)"""
    name = _text(host)
    try:
        socket.inet_aton(name)
    except OSError:
        pass
    else:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_here(host: Any) -> bool:
    """Loopback; or no host at all, as sockets of the UNIX and netlink families have none."""
    if not isinstance(host, (str, bytes)) or not host:
        return True
    name = _text(host)
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _text(host: Any) -> str:
    return (host.decode(errors="replace") if isinstance(host, bytes) else str(host)).partition("%")[0]
