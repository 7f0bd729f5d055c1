"""Posting to addresses that operators entered, under the same rules as harvesting: see harvesters/address_guard.py.

Only public addresses are dialled, or those in the networks that the operator allows; the address that was judged is the
one that is dialled. Outside the allowed networks only https is used. No redirect is followed.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import httpcore2

from gateway.channels.channel import DeliveryDeferred, DeliveryFailed
from gateway.channels.rems import Reply
from gateway.channels.webhook import Answer
from harvesters.address_guard import AddressGuard
from harvesters.connection import Deadline, GuardedBackend, Resolver, resolve
from harvesters.fetch_policy import FetchPolicy
from harvesters.source import FetchRefused

TOTAL_SECONDS = 10.0
ANSWER_LIMIT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class AllowedOnly:
    """Resolves names for unencrypted posts, which may go to the allowed networks alone."""

    networks: tuple[str, ...]
    resolver: Resolver

    def __call__(self, host: str, port: int) -> Sequence[str]:
        found = self.resolver(host, port)
        networks = [ip_network(network) for network in self.networks]
        if not all(any(ip_address(address) in network for network in networks) for address in found):
            raise FetchRefused("address-refused", "Outside the allowed networks the address must begin with https://")
        return found


class GuardedPoster:
    """``total_seconds`` bounds one post from name look-up to the answer's headers, whatever trickles in meanwhile."""

    def __init__(
        self, *, user_agent: str, allowed_networks: Sequence[str] = (), total_seconds: float = TOTAL_SECONDS,
        resolver: Resolver = resolve, context: ssl.SSLContext | None = None,
    ) -> None:
        self._networks = tuple(allowed_networks)
        self._guard = AddressGuard(
            FetchPolicy(allow_http=bool(allowed_networks), allowed_ports=range(1, 65536), allowed_networks=self._networks)
        )
        self._user_agent = user_agent
        self._total_seconds = total_seconds
        self._resolver = resolver
        self._context = context or ssl.create_default_context()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer's body is not read, however long it is."""
        reply = self._judged("POST", url, body, headers, reads_body=False)
        return Answer(status=reply.status, retry_after_seconds=reply.retry_after_seconds)

    def call(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """As :meth:`post`, with any method and the answer's body, which may have 8 MiB."""
        return self._judged(method, url, body, headers, reads_body=True)

    def _judged(self, method: str, url: str, body: bytes, headers: Mapping[str, str], *, reads_body: bool) -> Reply:
        try:
            self._guard.parse(url)
            return self._called(method, url, body, {**headers, "user-agent": self._user_agent}, reads_body=reads_body)
        except FetchRefused as error:
            raise DeliveryFailed("The gateway does not call the address that was entered for the custodian's system.") from error
        except httpcore2.TimeoutException as error:
            raise DeliveryDeferred("The custodian's system did not answer in time.") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol, OSError) as error:
            raise DeliveryDeferred("The custodian's system cannot be reached.") from error

    def _called(self, method: str, url: str, body: bytes, headers: Mapping[str, str], *, reads_body: bool) -> Reply:
        deadline = Deadline(time.monotonic)
        deadline.start(self._total_seconds)
        is_plain = urlsplit(url).scheme == "http"
        resolver = AllowedOnly(self._networks, self._resolver) if is_plain else self._resolver
        backend = GuardedBackend(self._guard, deadline, resolver)
        sent = {"host": urlsplit(url).netloc, "content-length": str(len(body)), "connection": "close", **headers}
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), self._total_seconds)
        with (
            httpcore2.ConnectionPool(ssl_context=self._context, network_backend=backend, retries=0) as pool,
            pool.stream(method, url, headers=list(sent.items()), content=body, extensions={"timeout": timeouts}) as answer,
        ):
            return Reply(answer.status, _limited(answer.iter_stream()) if reads_body else b"", _retry_after(answer.headers))


def _limited(pieces: Iterable[bytes]) -> bytes:
    """The body, up to the most that is read."""
    found = b""
    for piece in pieces:
        found += piece
        if len(found) > ANSWER_LIMIT_BYTES:
            raise DeliveryDeferred("The custodian's system answered with more than is read.")
    return found


def _retry_after(headers: Sequence[tuple[bytes, bytes]]) -> float | None:
    """Seconds only; a date is left aside, the gateway's own schedule is close enough."""
    value = next((value for name, value in headers if name.lower() == b"retry-after"), b"")
    return float(value) if value.isdigit() else None
