"""What handlers are given: the services, and who is asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.errors import NotAllowed, NotFound
from gateway.models import Custodian
from gateway.store import custodians
from gateway.store.database import utc_now
from gateway.web.auth import Credential, check_key
from gateway.wiring import Services

bearer = HTTPBearer(auto_error=False, scheme_name="ApiKey", description="A key made by `gateway key create`, or a token got with one.")
Presented = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
CustodianSlug = Annotated[str, Path(description="The custodian's short name.", examples=["hfea"])]


def get_services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Serving = Annotated[Services, Depends(get_services)]


def came_from(request: Request) -> str | None:
    return request.client.host if request.client else None


def key_with(scope: str) -> Callable[..., Credential]:
    """A dependency that lets in only requests with a key of this scope."""

    def check(request: Request, services: Serving, presented: Presented) -> Credential:
        credential = _checked(request, services, presented)
        credential.require(scope)
        return credential

    return check


@dataclass(frozen=True, slots=True)
class Pushing:
    """A custodian's program: whose datasets it may touch, with which key."""

    custodian: Custodian
    credential: Credential


def custodian_key(scope: str) -> Callable[..., Pushing]:
    """A dependency for paths with ``{slug}``: a key of that custodian with this scope, at its rate.

    A key of another custodian is told what everybody is told of a custodian that does not exist.
    """

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

    return check


def own_key(scope: str) -> Callable[..., Credential]:
    """A dependency for paths that name no custodian: a key of any custodian with this scope, at its rate."""

    def check(request: Request, services: Serving, presented: Presented) -> Credential:
        credential = _checked(request, services, presented)
        if credential.custodian_id is None:
            raise _for_custodians()
        credential.require(scope)
        return credential

    return check


def application_key(scope: str) -> Callable[..., Pushing]:
    """A dependency for programs written for the HDR UK Gateway: a custodian's key in two headers of that Gateway."""

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

    return check


def _for_custodians() -> NotAllowed:
    return NotAllowed(
        "This is a key for operators; datasets are pushed with a custodian's key.", hint="Make one: gateway key create --custodian NAME."
    )


def _checked(request: Request, services: Services, presented: HTTPAuthorizationCredentials | None) -> Credential:
    credential = check_key(
        services.store, presented.credentials if presented else None, address=came_from(request), now=utc_now()
    )
    services.rate_limit.take(str(credential.key_id))
    return credential
