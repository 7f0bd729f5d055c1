"""The columns that a visitor ticked, by the token in their cookie."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from fastapi import Request
from fastapi.responses import Response

from frontend.views.dataset import ChosenCount
from gateway.catalogue import chosen_columns
from gateway.catalogue.basket import KEPT_FOR
from gateway.catalogue.chosen_columns import Choice, ChosenTable
from gateway.store.database import utc_now
from gateway.web.answers import CHOICE_COOKIE
from gateway.wiring import Services

MAX_TOKEN = 100


def token_of(request: Request) -> str | None:
    """None for what none of ours can be."""
    token = request.cookies.get(CHOICE_COOKIE, "")
    return token if 0 < len(token) <= MAX_TOKEN else None


def chosen(request: Request, services: Services) -> dict[str, Choice]:
    """By ref."""
    return chosen_columns.held(services.store, token_of(request), now=utc_now())


def forget(request: Request, services: Services, refs: Collection[str]) -> None:
    chosen_columns.forget(services.store, token_of(request), refs)


def keep_token(services: Services, response: Response, token: str) -> None:
    response.set_cookie(CHOICE_COOKIE, token, max_age=int(KEPT_FOR.total_seconds()), secure=services.settings.is_https, httponly=True, samesite="lax")


def counted(tables: Sequence[ChosenTable]) -> ChosenCount:
    return ChosenCount(columns=sum(len(one.columns) for one in tables), tables=sum(not one.columns for one in tables))
