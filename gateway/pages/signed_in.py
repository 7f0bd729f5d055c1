"""Who is looking at a page: the session's cookie, and what pages ask of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import Depends, Form, Request
from fastapi.responses import Response

from gateway.accounts import sessions
from gateway.accounts.people import Person
from gateway.accounts.step_up import Sensitive
from gateway.acting import acting
from gateway.api.asking import Serving
from gateway.errors import NotFound, NotSignedIn
from gateway.store.database import utc_now
from gateway.store.sealing import token_digest
from gateway.web.answers import SESSION_COOKIES, VISIT_COOKIES
from gateway.web.policy import A_FRESH_FACTOR, A_MEMBER, OWN_FORM, SIGNED_IN, lets_in
from gateway.wiring import Services

FormToken = Annotated[str, Form(alias="csrf", max_length=100)]


def cookie_name(services: Services) -> str:
    """With https the name ties the cookie to this very host."""
    plain, bound = SESSION_COOKIES
    return bound if services.settings.is_https else plain


def session_token(request: Request, services: Services) -> str | None:
    return request.cookies.get(cookie_name(services))


def visitor(request: Request, services: Services) -> Person | None:
    """The person who is signed in, looked up once per request; None for everybody else."""
    if not hasattr(request.state, "person"):
        found = sessions.who(services.store, session_token(request, services), now=utc_now())
        request.state.person = _renewed(request, services, found) if found and found.is_stale and request.method == "GET" else found
        _tell_who_acts(request.state.person)
    person: Person | None = request.state.person
    return person


def _tell_who_acts(person: Person | None) -> None:
    if person is not None:
        acting().become(person.subject, ",".join(sorted({one.role for one in person.held})) or "researcher")


def _renewed(request: Request, services: Services, person: Person) -> Person:
    """After a change of roles the next page gets a new id; never a post, whose form carries the old one's token."""
    token = sessions.renew(services.store, person, now=utc_now())
    if token is None:
        return person
    request.state.new_session = token
    return replace(person, session_digest=token_digest(token), csrf=sessions.form_token(token), is_stale=False)


@lets_in(SIGNED_IN)
def signed_in(request: Request, services: Serving) -> Person:
    """A dependency: raises :class:`NotSignedIn`, which pages turn into the sign-in form."""
    person = visitor(request, services)
    if person is None:
        raise NotSignedIn("This page needs you to sign in.", hint="Sign in, then you come back here.")
    return person


@lets_in(OWN_FORM)
def from_own_form(person: Annotated[Person, Depends(signed_in)], csrf: FormToken = "") -> Person:
    """A dependency for posts: the person, if the form belongs to this sign-in."""
    sessions.require_form_token(person, csrf)
    return person


def fresh_factor(action: Sensitive, *, if_any: bool = False) -> Any:
    """For a route's ``dependencies``: its person showed a second factor within the last half hour, or is asked for it first.

    With ``if_any`` people who have no second factor pass: they have nothing to show. Tests list the routes by ``protects``.
    """

    def check(person: Annotated[Person, Depends(signed_in)]) -> None:
        if person.has_second_factor or not if_any:
            person.require_recent_factor(now=utc_now())

    return Depends(_protecting(lets_in(A_FRESH_FACTOR)(check), action))


def fresh_factor_for(action: Sensitive, commands: frozenset[str]) -> Any:
    """The same where the form's ``command`` is one of these: a page's forms share one address."""

    async def check(request: Request, person: Annotated[Person, Depends(signed_in)]) -> None:
        posted = await request.form(max_fields=100, max_files=1)
        if posted.get("command") in commands:
            person.require_recent_factor(now=utc_now())

    return Depends(_protecting(lets_in(A_FRESH_FACTOR)(check), action))


def _protecting(check: Callable[..., Any], action: Sensitive) -> Callable[..., Any]:
    check.protects = action  # type: ignore[attr-defined]  # read by the guard test
    return check


@lets_in(A_MEMBER)
def member_of_team(person: Annotated[Person, Depends(signed_in)], custodian: str) -> Person:
    """A dependency for ``/w/{custodian}``. Raises :class:`NotFound` for those who hold no role there nor in the whole gateway:
    to them it does not exist. What each role may do is up to the handlers."""
    if not any(one.custodian in (None, custodian) for one in person.held):
        raise NotFound("There is nothing at this address.")
    return person


MEMBERS: Final = [Depends(member_of_team)]
SignedIn = Annotated[Person, Depends(signed_in)]
FromOwnForm = Annotated[Person, Depends(from_own_form)]


def keep_session(services: Services, response: Response, token: str) -> Response:
    response.set_cookie(cookie_name(services), token, secure=services.settings.is_https, httponly=True, samesite="lax", path="/")
    return response


def drop_session(services: Services, response: Response) -> Response:
    response.delete_cookie(cookie_name(services), secure=services.settings.is_https, httponly=True, samesite="lax", path="/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def visit_cookie_name(services: Services) -> str:
    """Of what a browser keeps while it is away at an identity provider."""
    plain, bound = VISIT_COOKIES
    return bound if services.settings.is_https else plain


def keep_visit(services: Services, response: Response, sealed: str, *, seconds: int) -> Response:
    response.set_cookie(
        visit_cookie_name(services), sealed, max_age=seconds, secure=services.settings.is_https, httponly=True, samesite="lax", path="/"
    )
    return response


def drop_visit(services: Services, response: Response) -> Response:
    response.delete_cookie(visit_cookie_name(services), secure=services.settings.is_https, httponly=True, samesite="lax", path="/")
    return response

