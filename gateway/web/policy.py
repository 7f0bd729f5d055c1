"""Who may use each route. Every route says so, or the application does not start.

Dependencies that let somebody in carry a mark (:func:`lets_in`): a session, a form of one's own, a key with a scope. Routers
that anybody may use are included under :data:`EVERYBODY`. What a member may do in their team's pages is decided by roles, in
the handlers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

Dependency = TypeVar("Dependency", bound=Callable[..., Any])
_MARK: Final = "__lets_in__"
ANYBODY: Final = "everybody"
A_HOLDER: Final = "whoever holds the link"
A_CONFIDANT: Final = "whoever knows the secret"
SIGNED_IN: Final = "signed in"
A_MEMBER: Final = "a member of the team"
A_FRESH_FACTOR: Final = "with a fresh second factor"
OWN_FORM: Final = "with a form of their own"


def lets_in(whom: str) -> Callable[[Dependency], Dependency]:
    """Mark a dependency with whom it lets in, in the words of the table of routes."""

    def mark(dependency: Dependency) -> Dependency:
        setattr(dependency, _MARK, whom)
        return dependency

    return mark


@lets_in(ANYBODY)
def _everybody() -> None:
    return None


@lets_in(A_CONFIDANT)
def _whoever_knows_the_secret() -> None:
    return None


CONFIDANTS: Final = [Depends(_whoever_knows_the_secret)]
"""For routers whose handlers compare a secret that was agreed with another system."""
EVERYBODY: Final = [Depends(_everybody)]
"""For routers whose routes anybody may use, or whoever holds the link where the address has a ``{token}``."""


@dataclass(frozen=True, slots=True, order=True)
class RoutePolicy:
    """``lets_in``: everything that somebody must be or hold, joined by semicolons."""

    path: str
    method: str
    lets_in: str

    def __str__(self) -> str:
        return f"{self.method:6} {self.path}  {self.lets_in}"


class Undeclared(RuntimeError):
    """A route does not say who may use it."""


def policies(app: FastAPI) -> list[RoutePolicy]:
    """Every route of the application, by path and method. Raises :class:`Undeclared`."""
    found, undeclared = [], []
    for route in iter_route_contexts(app.routes):
        if route.path is None or route.path == app.openapi_url:
            continue
        dependant: Dependant | None = getattr(route, "dependant", None)
        marks = sorted(set(_marks(dependant))) if dependant else []
        strict = [mark for mark in marks if mark != ANYBODY]
        if marks and not strict:
            strict = [A_HOLDER if "{token}" in route.path else ANYBODY]
        methods = sorted((route.methods or set()) - {"HEAD"})
        if strict:
            found += [RoutePolicy(route.path, method, "; ".join(strict)) for method in methods]
        else:
            undeclared += [f"{method} {route.path}" for method in methods or ["?"]]
    if undeclared:
        raise Undeclared(f"Say who may use these routes (gateway/web/policy.py): {', '.join(undeclared)}.")
    return sorted(found)


def _marks(dependant: Dependant) -> Iterator[str]:
    for one in dependant.dependencies:
        mark = getattr(one.call, _MARK, None)
        if mark:
            yield mark
        yield from _marks(one)
