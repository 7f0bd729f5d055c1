"""Every route of a router, also of those that it includes, with what it depends on: for tests that guard all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant


class Route(NamedTuple):
    method: str
    path: str
    dependant: Dependant


def routes_of(router: APIRouter) -> Iterator[Route]:
    found = False
    for route in _flat(router):
        for method in sorted(getattr(route, "methods", None) or ()):
            found = True
            yield Route(method, route.path, route.dependant)
    assert found, "a guard over no route guards nothing"


def calls(dependant: Dependant) -> Iterator[Any]:
    """Every function that the route depends on, at any depth."""
    for one in dependant.dependencies:
        yield one.call
        yield from calls(one)


def _flat(router: APIRouter) -> Iterator[Any]:
    for route in router.routes:
        if hasattr(route, "effective_route_contexts"):  # a router that was included
            yield from route.effective_route_contexts()
        elif hasattr(route, "dependant"):
            yield route
