"""Calls to providers: what they publish about themselves, their keys, and the exchange of a code for an ID token.

All go through the client that guards harvests. Providers on private networks, and plain http, need GATEWAY_ALLOW_NETWORKS.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import quote_plus, urlencode, urlsplit

import structlog

from gateway.accounts.oidc.faults import ProviderDown, ProviderFault
from gateway.accounts.oidc.provider import IdentityProvider
from gateway.accounts.oidc.signatures import PublicKey, algorithm_of, private_key, public_keys, sign
from gateway.channels.posting import AllowedOnly
from gateway.errors import NotFound
from harvesters.connection import resolve
from harvesters.fetch import Fetcher, FetchPolicy
from harvesters.source import FetchDeferred, FetchRefused

log = structlog.get_logger(__name__)
TOTAL_SECONDS: Final = 10.0
LARGEST: Final = 1024 * 1024
KEPT_SECONDS: Final = 600.0
ASKED_AGAIN_AFTER: Final = 30.0
"""How soon keys are fetched anew because a token names one that is not there."""
ASSERTION_SECONDS: Final = 60
ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Named(Protocol):
    """Whom we call, in logs and in sentences."""

    @property
    def slug(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider publishes about itself, as far as it is used."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_issuer: bool
    """Whether its answers always carry ``iss``."""


@dataclass(slots=True)
class Known:
    metadata: Metadata
    metadata_at: float
    keys: tuple[PublicKey, ...] = ()
    keys_at: float = float("-inf")


@dataclass(slots=True)
class Providers:
    """All providers of this installation; what they publish is kept for ten minutes. ``clock`` gives monotonic seconds."""

    listed: Sequence[IdentityProvider]
    user_agent: str
    allowed_networks: Sequence[str] = ()
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, Known] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def named(self, slug: str) -> IdentityProvider:
        """Raises :class:`NotFound`."""
        found = next((one for one in self.listed if one.slug == slug), None)
        if found is None:
            raise NotFound("There is no identity provider of this name.", hint="The sign-in page lists those there are.")
        return found

    def metadata(self, provider: IdentityProvider) -> Metadata:
        """Raises :class:`ProviderDown`."""
        known = self._known.get(provider.slug)
        if known is None or self.clock() - known.metadata_at > KEPT_SECONDS:
            found = _metadata(self._get_json(provider, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"), provider)
            with self._lock:
                known = self._known[provider.slug] = Known(found, self.clock())
        return known.metadata

    def keys(self, provider: IdentityProvider, kid: str | None) -> tuple[PublicKey, ...]:
        """The provider's keys for signatures; asked for anew where none is called ``kid``. Raises :class:`ProviderDown`."""
        jwks_uri = self.metadata(provider).jwks_uri
        known = self._known[provider.slug]
        age = self.clock() - known.keys_at
        is_missing = kid is not None and all(key.kid != kid for key in known.keys)
        if age > KEPT_SECONDS or (is_missing and age > ASKED_AGAIN_AFTER):
            found = self.key_set(provider, jwks_uri)
            with self._lock:
                known.keys, known.keys_at = found, self.clock()
        return known.keys

    def exchange(self, provider: IdentityProvider, *, code: str, verifier: str, redirect_uri: str, now: int) -> dict[str, Any]:
        """The token endpoint's answer. Raises :class:`ProviderFault` where it refuses, :class:`ProviderDown`."""
        endpoint = self.metadata(provider).token_endpoint
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        proof, headers = _client_proof(provider, endpoint, now)
        body = urlencode({**fields, **proof}).encode()
        with self._calling(provider, endpoint, is_exchange=True) as fetcher:
            answer = fetcher.post(
                endpoint, body=body, media_type="application/x-www-form-urlencoded", accept="application/json", headers=headers
            )
        return _as_object(answer.body)

    def key_set(self, asked: Named, url: str) -> tuple[PublicKey, ...]:
        """The public keys at an address that an operator entered. Raises :class:`ProviderDown`."""
        return public_keys(self._get_json(asked, url))

    def _get_json(self, provider: Named, url: str) -> dict[str, Any]:
        with self._calling(provider, url) as fetcher:
            answer = fetcher.get(url, accept="application/json")
        return _as_object(answer.body)

    @contextmanager
    def _calling(self, provider: Named, url: str, *, is_exchange: bool = False) -> Iterator[Fetcher]:
        networks = tuple(self.allowed_networks)
        policy = FetchPolicy(
            allow_http=bool(networks), allowed_ports=range(1, 65536), allowed_networks=networks, max_redirects=0, attempts=1,
            total_seconds=TOTAL_SECONDS, silence_seconds=TOTAL_SECONDS, max_body_bytes=LARGEST, min_interval_seconds=0.0,
        )
        resolver = AllowedOnly(networks, resolve) if urlsplit(url).scheme == "http" else resolve
        try:
            with Fetcher(policy, user_agent=self.user_agent, resolver=resolver) as fetcher:
                yield fetcher
        except FetchDeferred as failure:
            log.warning("provider.unreachable", provider=provider.slug, reason=failure.reason)
            raise ProviderDown("unreachable", f"{provider.name} cannot be reached just now.", hint="Choose another way, or try later.") from None
        except FetchRefused as failure:
            log.warning("provider.refused", provider=provider.slug, reason=failure.reason, said=failure.answer[:300].decode("utf-8", "replace"))
            if failure.reason == "request-refused" and is_exchange:
                raise ProviderFault("code-refused", f"{provider.name} did not confirm the sign-in.") from None
            raise ProviderDown(failure.reason, f"{provider.name} cannot be used just now.", hint="Choose another way, or tell the operator.") from None


def _as_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ProviderDown("unreadable", "The provider's answer cannot be read.", hint="Choose another way, or tell the operator.")
    return found


def _metadata(found: dict[str, Any], provider: IdentityProvider) -> Metadata:
    if found.get("issuer") != provider.issuer:
        raise ProviderDown("metadata-issuer", f"{provider.name} calls itself by another name than the operator entered.", hint="Tell the operator.")
    addresses = [found.get(name) for name in ENDPOINTS]
    secure = urlsplit(provider.issuer).scheme == "https"
    if not all(isinstance(one, str) and one.startswith("https://" if secure else ("https://", "http://")) for one in addresses):
        raise ProviderDown("metadata", f"{provider.name} does not say where to sign in.", hint="Tell the operator.")
    authorization, token, keys = map(str, addresses)
    return Metadata(authorization, token, keys, names_issuer=found.get("authorization_response_iss_parameter_supported") is True)


def _client_proof(provider: IdentityProvider, endpoint: str, now: int) -> tuple[dict[str, str], dict[str, str]]:
    """How we prove who we are: form fields, and headers."""
    if provider.way == "private_key_jwt":
        return {
            "client_id": provider.client_id, "client_assertion": _assertion(provider, endpoint, now),
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        }, {}
    assert provider.client_secret is not None
    secret = provider.client_secret.get_secret_value()
    if provider.way == "client_secret_post":
        return {"client_id": provider.client_id, "client_secret": secret}, {}
    pair = f"{quote_plus(provider.client_id)}:{quote_plus(secret)}"
    return {}, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _assertion(provider: IdentityProvider, endpoint: str, now: int) -> str:
    assert provider.private_key_file is not None
    key = private_key(provider.private_key_file.read_bytes())
    algorithm = algorithm_of(key) if key else None
    if key is None or algorithm is None:
        raise ProviderDown("own-key", "This gateway's key for the provider cannot be used.", hint="Tell the operator.")
    claims = {
        "iss": provider.client_id, "sub": provider.client_id, "aud": endpoint, "jti": secrets.token_urlsafe(16), "iat": now,
        "exp": now + ASSERTION_SECONDS,
    }
    return sign(claims, key, algorithm)
