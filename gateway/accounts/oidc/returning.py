"""From the address with which a provider sends a browser back to who the provider says it is."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from gateway.accounts.oidc import visit as visits
from gateway.accounts.oidc.calling import Metadata, Providers
from gateway.accounts.oidc.faults import ProviderFault, untrusted
from gateway.accounts.oidc.id_token import Claims, checked
from gateway.accounts.oidc.provider import IdentityProvider
from gateway.accounts.oidc.signatures import BadToken, unchecked
from gateway.accounts.oidc.visit import Visit
from gateway.store import Store, identities
from gateway.store.sealing import Sealer

ERROR_CODE: Final = re.compile(r"[a-z_]{1,40}")


def returned(
    store: Store, sealer: Sealer, providers: Providers, provider: IdentityProvider, *, query: Sequence[tuple[str, str]], cookie: str | None,
    redirect_uri: str, now: datetime,
) -> tuple[Visit, Claims]:
    """``query`` is the address's as it came. Raises :class:`ProviderFault` whose code names the first thing that is wrong."""
    visit = visits.opened(cookie, sealer, now=now)
    said = dict(query)
    if visit.provider != provider.slug:
        raise untrusted("other-provider")
    if len(said) != len(query):
        raise untrusted("repeated-parameter")
    if not hmac.compare_digest(said.get("state", "").encode(), visit.state.encode()):
        raise untrusted("state")
    if not identities.use_state(store, visit.state, now=now):
        raise untrusted("used-before")
    _check_sender(said, providers.metadata(provider), provider)
    if "error" in said:
        code = said["error"] if ERROR_CODE.fullmatch(said["error"]) else "error"
        raise ProviderFault(code, f"{provider.name} did not sign you in.", hint="Start again, or choose another way.")
    if not said.get("code"):
        raise untrusted("no-code")
    return visit, _claims(providers, provider, visit, code=said["code"], redirect_uri=redirect_uri, now=now)


def _check_sender(said: dict[str, str], metadata: Metadata, provider: IdentityProvider) -> None:
    """RFC 9207: another provider's answer must not be taken for this one's."""
    if "iss" in said:
        if said["iss"] != provider.issuer:
            raise untrusted("foreign-sender")
    elif metadata.names_issuer:
        raise untrusted("nameless-sender")


def _claims(providers: Providers, provider: IdentityProvider, visit: Visit, *, code: str, redirect_uri: str, now: datetime) -> Claims:
    answer = providers.exchange(provider, code=code, verifier=visit.verifier, redirect_uri=redirect_uri, now=int(now.timestamp()))
    token, access_token = answer.get("id_token"), answer.get("access_token")
    if not isinstance(token, str):
        raise untrusted("no-id-token")
    try:
        kid = unchecked(token)[0].get("kid")
    except BadToken as error:
        raise untrusted(error.code) from None
    keys = providers.keys(provider, kid if isinstance(kid, str) else None)
    return checked(
        token, provider, keys, nonce=visit.nonce, access_token=access_token if isinstance(access_token, str) else None, now=now,
        fresh_since=visit.begun_at if visit.purpose == "again" else None,
    )
