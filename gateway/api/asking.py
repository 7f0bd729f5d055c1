"""What handlers are given: the services, and who is asking."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.acting import acting
from gateway.errors import NotAllowed, NotFound, NotSignedIn
from gateway.limits.networks import client_address, names_a_visitor, network_of
from gateway.models import Custodian
from gateway.store import custodians
from gateway.store.database import utc_now
from gateway.web.auth import Credential, check_key
from gateway.web.policy import lets_in
from gateway.wiring import Services

bearer = HTTPBearer(auto_error=False, scheme_name="ApiKey", description="A key made by `gateway key create`, or a token got with one.")
Presented = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
CustodianSlug = Annotated[str, Path(description="The custodian's short name.", examples=["hfea"])]


def get_services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Serving = Annotated[Services, Depends(get_services)]


def came_from(request: Request, services: Services) -> str | None:
    """The client's address, as far as declared proxies say so."""
    return client_address(request, trusted_proxies=services.settings.trusted_proxies)


def search_limit(request: Request, services: Serving) -> None:
    """A dependency of what anybody may search: by key where a good one is sent, by network else."""
    address, key = came_from(request, services), None
    scheme, _, presented = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        with suppress(NotSignedIn):
            key = check_key(services.store, presented, address=address, now=utc_now())
    if key is not None:
        services.limits.take("search", key=str(key.key_id), now=utc_now())
    elif names_a_visitor(address):
        services.limits.take("search", network=network_of(address), now=utc_now())


def harvest_limit(services: Serving, slug: str) -> None:
    """A dependency of what starts a run of a source at once."""
    services.limits.take("harvest", source=slug, now=utc_now())


search_limit.limits = "search"  # type: ignore[attr-defined]  # read by the guard test
harvest_limit.limits = "harvest"  # type: ignore[attr-defined]


def key_with(scope: str) -> Callable[..., Credential]:
    """A dependency that lets in only requests with a key of this scope."""

    @lets_in(f"an operator's key: {scope}")
    def check(request: Request, services: Serving, presented: Presented) -> Credential:
        credential = _checked(request, services, presented)
        credential.require(scope)
        return credential

    return _marked(check, scope)


@dataclass(frozen=True, slots=True)
class Pushing:
    """A custodian's program: whose datasets it may touch, with which key."""

    custodian: Custodian
    credential: Credential


def custodian_key(scope: str) -> Callable[..., Pushing]:
    """A dependency for paths with ``{slug}``: a key of that custodian with this scope, at its rate.

    A key of another custodian is told what everybody is told of a custodian that does not exist.
    """

    @lets_in(f"that custodian's key: {scope}")
    def check(request: Request, services: Serving, presented: Presented, slug: CustodianSlug) -> Pushing:
        credential = _checked(request, services, presented)
        if credential.custodian_id is None:
            raise _for_custodians()
        with services.store.reading() as session:
            custodian = custodians.by_slug(session, slug)
        if custodian.id != credential.custodian_id:
            raise NotFound(f"There is no custodian at {slug!r}.", hint="The directory of custodians lists all of them.")
        credential.require(scope)
        return Pushing(custodian, credential)

    return _marked(check, scope)


def own_key(scope: str) -> Callable[..., Credential]:
    """A dependency for paths that name no custodian: a key of any custodian with this scope, at its rate."""

    @lets_in(f"a custodian's key: {scope}")
    def check(request: Request, services: Serving, presented: Presented) -> Credential:
        credential = _checked(request, services, presented)
        if credential.custodian_id is None:
            raise _for_custodians()
        credential.require(scope)
        return credential

    return _marked(check, scope)


def application_key(scope: str) -> Callable[..., Pushing]:
    """A dependency for programs written for the HDR UK Gateway: a custodian's key in two headers of that Gateway."""

    @lets_in(f"a custodian's key in two headers: {scope}")
    def check(
        request: Request, services: Serving,
        application: Annotated[str, Header(alias="x-application-id", description="The eight characters after gwk_ of a key.")] = "",
        secret: Annotated[str, Header(alias="x-client-id", description="The rest of the key.")] = "",
    ) -> Pushing:
        presented = HTTPAuthorizationCredentials(scheme="Bearer", credentials=f"gwk_{application}_{secret}")
        credential = _checked(request, services, presented if application and secret else None)
        if credential.custodian_id is None:
            raise _for_custodians()
        credential.require(scope)
        with services.store.reading() as session:
            custodian = custodians.by_ids(session, {credential.custodian_id})[credential.custodian_id]
        return Pushing(custodian, credential)

    return _marked(check, scope)


def _marked(check: Callable[..., Any], scope: str) -> Callable[..., Any]:
    """Tests read of each route which scope it asks for."""
    check.scope = scope  # type: ignore[attr-defined]
    return check


def _for_custodians() -> NotAllowed:
    return NotAllowed(
        "This is a key for operators; datasets are pushed with a custodian's key.", hint="Make one: gateway key create --custodian NAME."
    )


def _checked(request: Request, services: Services, presented: HTTPAuthorizationCredentials | None) -> Credential:
    credential = check_key(
        services.store, presented.credentials if presented else None, address=came_from(request, services), now=utc_now()
    )
    acting().become(f"key:{credential.key_id}", "integration" if credential.custodian_id else "operator")
    services.limits.take("read" if request.method == "GET" else "write", key=str(credential.key_id), now=utc_now())
    return credential
