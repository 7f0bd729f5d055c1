"""What an ID token must say before anybody is signed in by it (OpenID Connect Core, 3.1.3.7, and more)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from gateway.accounts.oidc.faults import untrusted
from gateway.accounts.oidc.provider import IdentityProvider
from gateway.accounts.oidc.signatures import BadToken, PublicKey, read

SKEW_SECONDS: Final = 60
OLDEST_SECONDS: Final = 600
"""An ID token is made for the sign-in in progress."""
LONGEST_SUBJECT: Final = 255
LONGEST_TEXT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What is read of the token. ``level`` is what the provider says about how it knows the person (``acr`` or ``vot``)."""

    issuer: str
    subject: str
    signed_in_at: datetime
    is_second_factor: bool
    level: str | None
    name: str
    address: str | None
    address_is_verified: bool


def checked(
    token: str, provider: IdentityProvider, keys: Sequence[PublicKey], *, nonce: str, access_token: str | None, now: datetime,
    fresh_since: datetime | None = None,
) -> Claims:
    """``fresh_since``: the person must have signed in at the provider since then, with a second factor.

    Raises :class:`ProviderFault` whose code names the first thing that is wrong.
    """
    try:
        header, said = read(token, keys, provider.algorithms)
    except BadToken as error:
        raise untrusted(error.code) from None
    _check_who(said, provider)
    _check_times(said, now)
    if not hmac.compare_digest(_text(said, "nonce").encode(), nonce.encode()):
        raise untrusted("nonce")
    _check_access_token(said, header, access_token)
    claims = _read(said, provider)
    _check_assurance(claims, said, provider, now=now, fresh_since=fresh_since)
    return claims


def _check_who(said: Mapping[str, Any], provider: IdentityProvider) -> None:
    if said.get("iss") != provider.issuer:
        raise untrusted("issuer")
    audience = said.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or provider.client_id not in audiences:
        raise untrusted("audience")
    party = said.get("azp")
    if (party is None and len(audiences) > 1) or (party is not None and party != provider.client_id):
        raise untrusted("authorised-party")
    if not 0 < len(_text(said, "sub")) <= LONGEST_SUBJECT or not _text(said, "sub").isprintable():
        raise untrusted("subject")


def _check_times(said: Mapping[str, Any], now: datetime) -> None:
    present = now.timestamp()
    ends, made = _seconds(said, "exp"), _seconds(said, "iat")
    if ends is None or ends <= present - SKEW_SECONDS:
        raise untrusted("expired")
    if made is None or made > present + SKEW_SECONDS or made < present - OLDEST_SECONDS - SKEW_SECONDS:
        raise untrusted("issued-at")
    if "nbf" in said and (_seconds(said, "nbf") or float("inf")) > present + SKEW_SECONDS:
        raise untrusted("not-yet")


def _check_access_token(said: Mapping[str, Any], header: Mapping[str, Any], access_token: str | None) -> None:
    if "at_hash" not in said:
        return
    digest = hashlib.sha512 if header["alg"] in ("RS512", "EdDSA") else hashlib.sha256
    full = digest((access_token or "").encode()).digest()
    half = base64.urlsafe_b64encode(full[: len(full) // 2]).rstrip(b"=").decode()
    if not hmac.compare_digest(half.encode(), _text(said, "at_hash").encode()):
        raise untrusted("access-token")


def _check_assurance(
    claims: Claims, said: Mapping[str, Any], provider: IdentityProvider, *, now: datetime, fresh_since: datetime | None
) -> None:
    at = _seconds(said, "auth_time")
    oldest = fresh_since.timestamp() if fresh_since else now.timestamp() - provider.max_age_seconds
    if at is None or at < oldest - SKEW_SECONDS or at > now.timestamp() + SKEW_SECONDS:
        raise untrusted("signed-in-too-long-ago")
    if provider.required_acr and said.get("acr") not in provider.required_acr:
        raise untrusted("assurance")
    if fresh_since is not None and not claims.is_second_factor:
        raise untrusted("second-factor")


def _read(said: Mapping[str, Any], provider: IdentityProvider) -> Claims:
    methods = said.get("amr")
    known = {one for one in methods if isinstance(one, str)} if isinstance(methods, list) else set()
    is_second_factor = (
        said.get("acr") in provider.second_factor_acr or bool(known & set(provider.second_factor_amr))
        or said.get("vot") in provider.second_factor_vot
    )
    address = _text(said, "email") or None
    return Claims(
        issuer=provider.issuer, subject=_text(said, "sub"), signed_in_at=datetime.fromtimestamp(_seconds(said, "auth_time") or 0, UTC),
        is_second_factor=is_second_factor, level=(_text(said, "vot") or _text(said, "acr"))[:LONGEST_TEXT] or None,
        name=_text(said, "name")[:LONGEST_TEXT], address=address,
        address_is_verified=provider.vouches_for_addresses and address is not None and said.get("email_verified") is True,
    )


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    return found if isinstance(found, str) else ""


def _seconds(said: Mapping[str, Any], name: str) -> float | None:
    found = said.get(name)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) and abs(found) < 1e11 else None
