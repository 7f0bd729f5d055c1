"""A browser on its way to a provider and back.

All that must be remembered is sealed into one cookie of ten minutes: starting is a link, and opening a link writes nothing here. The
state in the address belongs to the cookie, and works once (:func:`gateway.store.identities.use_state`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.accounts.oidc.calling import Metadata
from gateway.accounts.oidc.faults import untrusted
from gateway.accounts.oidc.provider import IdentityProvider
from gateway.errors import Conflict
from gateway.store.sealing import Sealer, new_token

LASTS: Final = timedelta(minutes=10)
Purpose = Literal["sign-in", "again", "add"]


class Visit(BaseModel):
    """``secret`` never leaves the cookie; state, nonce and verifier are made from it. ``account_id``: who was signed in at the start."""

    model_config = ConfigDict(frozen=True)

    provider: str
    purpose: Purpose
    secret: str
    next_path: str
    begun_at: datetime
    account_id: int | None = None

    @property
    def state(self) -> str:
        return self._derived("state")

    @property
    def nonce(self) -> str:
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        return self._derived("verifier")

    def _derived(self, use: str) -> str:
        return _base64(hmac.new(self.secret.encode(), use.encode(), hashlib.sha256).digest())


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what it keeps meanwhile."""

    address: str
    cookie: str


def begin(
    provider: IdentityProvider, metadata: Metadata, sealer: Sealer, *, purpose: Purpose, next_path: str, redirect_uri: str, now: datetime,
    account_id: int | None = None,
) -> Begun:
    visit = Visit(
        provider=provider.slug, purpose=purpose, secret=new_token(), next_path=next_path, begun_at=now, account_id=account_id
    )
    asked = {
        "response_type": "code", "client_id": provider.client_id, "redirect_uri": redirect_uri, "scope": " ".join(provider.scopes),
        "state": visit.state, "nonce": visit.nonce, "code_challenge_method": "S256",
        "code_challenge": _base64(hashlib.sha256(visit.verifier.encode()).digest()),
        "max_age": "0" if purpose == "again" else str(provider.max_age_seconds),
    }
    asked |= {"prompt": "login"} if purpose == "again" else {}
    wanted = provider.second_factor_acr if purpose == "again" else provider.required_acr
    asked |= {"acr_values": " ".join(wanted)} if wanted else {}
    joint = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
    return Begun(f"{metadata.authorization_endpoint}{joint}{urlencode(asked)}", sealer.seal(visit.model_dump_json()))


def opened(cookie: str | None, sealer: Sealer, *, now: datetime) -> Visit:
    """Raises :class:`ProviderFault` for a cookie that is missing, not ours, or older than ten minutes."""
    try:
        visit = Visit.model_validate_json(sealer.open(cookie or ""))
    except (Conflict, ValidationError):
        raise untrusted("no-visit") from None
    if now - visit.begun_at > LASTS:
        raise untrusted("too-late")
    return visit


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
