"""Which address of this gateway passkeys belong to, and whether the page was asked for there."""

from __future__ import annotations

from fastapi import Request

from gateway.accounts.party import Party, party_of
from gateway.wiring import Services


def party(services: Services) -> Party:
    return party_of(services.settings.resolved_public_url, name=services.settings.service_name)


def passkeys_here(request: Request, services: Services) -> bool:
    """A browser makes and finds passkeys for the page's own host alone."""
    return party(services).is_at(request.headers.get("host", ""))
