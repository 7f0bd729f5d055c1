"""Whose network address a request counts for.

``X-Forwarded-For`` says whatever its sender likes. With a declared number of proxies, each of which appends the address that it
saw, the last so many entries are true and the first of those is the client's; anything before is the client's invention.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from starlette.requests import Request


def client_address(request: Request, *, trusted_proxies: int) -> str | None:
    """None where there is no network connection (a test, a socket file)."""
    peer = request.client.host if request.client else None
    said = [one.strip() for line in request.headers.getlist("x-forwarded-for") for one in line.split(",")]
    return forwarded(peer, said, trusted_proxies=trusted_proxies)


def forwarded(peer: str | None, said: Sequence[str], *, trusted_proxies: int) -> str | None:
    """The peer where there is no proxy, or where fewer entries stand there than proxies should have written."""
    if not trusted_proxies or len(said) < trusted_proxies:
        return peer
    return said[-trusted_proxies] if _parsed(said[-trusted_proxies]) else peer


def network_of(address: str | None) -> str:
    """What is counted: an IPv4 address, an IPv6 network of 64 bits (one customer has at least so many), or the text itself."""
    found = _parsed(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found or address or "nowhere")


def names_a_visitor(address: str | None) -> bool:
    """Whether the address tells visitors apart: those of this machine are its own people, or a proxy that was not declared."""
    found = _parsed(address)
    return found is not None and not found.is_loopback


def _parsed(address: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
