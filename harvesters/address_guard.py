"""Which addresses may be called.

Why this exists: a custodian's address is typed in by somebody else, and a catalogue that fetches whatever it is told to
can be made to read the internal network it stands in. Judging the text of an address is not enough: a name may answer
with a public address first and a private one later, and one address has many spellings. So the text is judged before
the request (scheme, port, spelling), and the resolved address again where the socket is opened.

``ipaddress.is_global`` alone passes multicast, 6to4, both NAT64 prefixes, site-local and other special ranges; hence
the lists below. Forms that carry an IPv4 address inside an IPv6 address are judged by the address inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx2

from harvesters.fetch_policy import FetchPolicy
from harvesters.source import FetchRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_REFUSED_IPV6 = (IPv6Network("2001::/23"), IPv6Network("2001:db8::/32"), IPv6Network("3fff::/20"))
_REFUSED_IPV4 = (IPv4Network("192.88.99.0/24"), IPv4Network("224.0.0.0/4"), IPv4Network("240.0.0.0/4"), IPv4Network("0.0.0.0/8"))
_NAT64 = IPv6Network("64:ff9b::/96")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,252})", re.IGNORECASE)
_NUMERIC_LABEL = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that a mapped, NAT64 or 6to4 address stands for; any other address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour or address


def is_public(address: Address) -> bool:
    """Whether the address is a public unicast address of the internet."""
    inner = unwrapped(address)
    if isinstance(inner, IPv4Address):
        return inner.is_global and not any(inner in network for network in _REFUSED_IPV4)
    return inner in _GLOBAL_UNICAST and inner.is_global and not any(inner in network for network in _REFUSED_IPV6)


def is_numeric_host(host: str) -> bool:
    """Whether a host is an address in some spelling (``127.1``, ``0x7f.1``, ``2130706433``, ``::1``), not a name."""
    if ":" in host:
        return True
    return _NUMERIC_LABEL.fullmatch(host.rstrip(".").rsplit(".", 1)[-1]) is not None


def plain_address(url: httpx2.URL | str) -> str:
    """An address as it may be shown or logged: without user name, query and fragment."""
    try:
        url = httpx2.URL(url)
        shown = url.copy_with(userinfo=None, query=None, fragment=None)
    except httpx2.InvalidURL:
        return "an invalid address"
    return str(shown)


class AddressGuard:
    def __init__(self, policy: FetchPolicy) -> None:
        self._policy = policy
        self._allowed: tuple[Network, ...] = tuple(ip_network(network) for network in policy.allowed_networks)

    def parse(self, address: str) -> httpx2.URL:
        """The address, judged by its text. Raises :class:`FetchRefused` (``address-refused``)."""
        try:
            url = httpx2.URL(address)
        except (httpx2.InvalidURL, TypeError, ValueError):
            raise FetchRefused("address-refused", "The address is not a valid web address.") from None
        self._check_text(url)
        return url

    def check_resolved(self, host: str, addresses: Iterable[str]) -> list[str]:
        """The addresses that a name resolved to, if every single one may be called. Raises :class:`FetchRefused`."""
        judged = [ip_address(address) for address in addresses]
        if not judged or not all(self._may_call(address) for address in judged):
            raise FetchRefused(
                "address-refused",
                f"{host} leads to an address that is not on the public internet. An operator can allow its network.",
            )
        return [str(address) for address in judged]

    def _check_text(self, url: httpx2.URL) -> None:
        problem = self._problem_of(url)
        if problem:
            raise FetchRefused("address-refused", f"{problem}: {plain_address(url)}", url=plain_address(url))

    def _problem_of(self, url: httpx2.URL) -> str | None:
        policy = self._policy
        if url.scheme not in ("https", "http"):
            return "Only https addresses are fetched"
        if url.scheme == "http" and not policy.allow_http:
            return "The address must begin with https://"
        if url.userinfo:
            return "The address must not hold a user name or password"
        host = url.raw_host.decode("ascii", "replace")
        if not host:
            return "The address names no server"
        port = url.port or (443 if url.scheme == "https" else 80)
        if port not in (80, 443) and port not in policy.allowed_ports:
            return f"Port {port} is not allowed"
        return self._problem_of_host(host)

    def _problem_of_host(self, host: str) -> str | None:
        if not is_numeric_host(host):
            return None if _NAME.fullmatch(host) else "The server's name is not a proper name"
        try:
            address = ip_address(host)
        except ValueError:
            return "The server must be given by name"
        return None if self._is_allowed(address) else "The server must be given by name, not by number"

    def _may_call(self, address: Address) -> bool:
        return is_public(address) or self._is_allowed(address)

    def _is_allowed(self, address: Address) -> bool:
        candidates = (address, unwrapped(address))
        return any(candidate in network for candidate in candidates for network in self._allowed)
