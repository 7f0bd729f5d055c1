"""What handlers are given: the services, and who is asking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.auth import check_key
from gateway.models import ApiKey
from gateway.store.database import utc_now
from gateway.wiring import Services

bearer = HTTPBearer(auto_error=False, scheme_name="ApiKey", description="A key made by `gateway key create`.")


def get_services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Serving = Annotated[Services, Depends(get_services)]


def key_with(scope: str) -> Callable[..., ApiKey]:
    """A dependency that lets in only requests with a key of this scope."""

    def check(services: Serving, presented: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> ApiKey:
        return check_key(services.store, presented.credentials if presented else None, scope=scope, now=utc_now())

    return check
