"""The running table of routes, as the application declares it."""

from __future__ import annotations

from fastapi import FastAPI

from gateway.web.policy import ANYBODY, RoutePolicy, policies

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


class Route(RoutePolicy):
    @property
    def is_public(self) -> bool:
        return self.lets_in == ANYBODY

    @property
    def is_of_program(self) -> bool:
        return "key" in self.lets_in


def routes(app: FastAPI) -> list[Route]:
    return [Route(one.path, one.method, one.lets_in) for one in policies(app)]
