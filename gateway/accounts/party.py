"""Who asks for a passkey: the one name and the one origin that authenticators bind it to (WebAuthn: relying party)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Party:
    """``host`` is the relying party's id, ``origin`` the only one that is accepted."""

    host: str
    origin: str
    name: str

    def is_at(self, host: str) -> bool:
        """Whether a page that was asked for at this ``Host`` can use passkeys."""
        return urlsplit(self.origin).netloc == host


def party_of(public_url: str, *, name: str) -> Party:
    """No passkey can be bound to a network address: a gateway at 127.0.0.1 has its passkeys at localhost."""
    address = urlsplit(public_url)
    host = address.hostname or "localhost"
    if _is_network_address(host):
        host = "localhost"
    port = f":{address.port}" if address.port else ""
    return Party(host, f"{address.scheme}://{host}{port}", name)


def _is_network_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
