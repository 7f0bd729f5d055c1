"""Limits of pages: dependencies that take a place, by what is known of who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request

from gateway.accounts.people import Person
from gateway.api.asking import Serving, came_from
from gateway.limits.networks import names_a_visitor, network_of
from gateway.pages.signed_in import signed_in, visitor
from gateway.store.database import utc_now
from gateway.wiring import Services


def network(request: Request, services: Services) -> str:
    """What is counted of the address that a request comes from."""
    return network_of(came_from(request, services))


def searching(request: Request, services: Serving) -> None:
    """By account where somebody is signed in, by network else."""
    person = visitor(request, services)
    if person is not None:
        services.limits.take("search", account=person.subject, now=utc_now())
    elif names_a_visitor(came_from(request, services)):
        services.limits.take("search", network=network(request, services), now=utc_now())


def by_network(action: str) -> Any:
    """For a route's ``dependencies``: what strangers may do, by where they come from."""

    def check(request: Request, services: Serving) -> None:
        if names_a_visitor(came_from(request, services)):
            services.limits.take(action, network=network(request, services), now=utc_now())

    return Depends(_limiting(check, action))


def by_account(action: str) -> Any:
    """For a route's ``dependencies``: what the person who is signed in may do."""

    def check(services: Serving, person: Annotated[Person, Depends(signed_in)]) -> None:
        services.limits.take(action, account=person.subject, now=utc_now())

    return Depends(_limiting(check, action))


def by_token(action: str) -> Any:
    """For the ``dependencies`` of a page whose address is its key: by that address."""

    def check(services: Serving, token: str) -> None:
        services.limits.take(action, account=token, now=utc_now())

    return Depends(_limiting(check, action))


def _limiting(check: Callable[..., Any], action: str) -> Callable[..., Any]:
    check.limits = action  # type: ignore[attr-defined]  # read by the guard test
    return check


searching.limits = "search"  # type: ignore[attr-defined]
SEARCHING = [Depends(searching)]
