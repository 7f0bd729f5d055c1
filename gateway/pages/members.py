"""``/w/{custodian}/members``: who is of a custodian's team, invitations and roles; and the page of an invitation."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.views.forms import FieldError
from frontend.views.members import HeldRole, InvitationRow, InvitationView, MemberRow, MembersView, ProposalRow
from gateway.accounts.members import Offer, Team, is_team_admin
from gateway.accounts.people import Person
from gateway.accounts.roles import ROLES
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.errors import Conflict, Unprocessable
from gateway.pages import lost
from gateway.pages.showing import layout, mistakes, see_other, show, show_private
from gateway.pages.sign_in import Text
from gateway.pages.signed_in import MEMBERS, FromOwnForm, SignedIn, fresh_factor
from gateway.store.accounts import Listed
from gateway.store.database import utc_now
from gateway.wiring import Services

router = APIRouter()
TEAM = "/w/{custodian}/members"
ROLES_CHANGE = [*MEMBERS, fresh_factor(Sensitive.ROLES)]


@router.get(TEAM, dependencies=MEMBERS)
def team_page(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    return show(request, _view(request, services, person, custodian), store=False)


@router.post(f"{TEAM}/invitations", dependencies=ROLES_CHANGE)
def invite(request: Request, services: Serving, person: FromOwnForm, custodian: str, email: Text = "", role: Text = "") -> Response:
    try:
        services.members.invite(person, custodian, address=email.strip(), role=role, now=utc_now())
    except (Unprocessable, Conflict) as error:
        view = _view(request, services, person, custodian, values={"email": email, "role": role}, errors=mistakes(error))
        return show(request, view, store=False)
    services.jobs.enqueue("deliver")
    return see_other(f"/w/{custodian}/members")


@router.post(f"{TEAM}/invitations/{{number}}/take-back", dependencies=ROLES_CHANGE)
def take_back(services: Serving, person: FromOwnForm, custodian: str, number: int) -> Response:
    services.members.take_back(person, custodian, number, now=utc_now())
    return see_other(f"/w/{custodian}/members")


@router.post(f"{TEAM}/{{subject}}/give", dependencies=ROLES_CHANGE)
def give(services: Serving, person: FromOwnForm, custodian: str, subject: str, role: Text = "") -> Response:
    services.members.give(person, custodian, subject=subject, role=role, now=utc_now())
    services.jobs.enqueue("deliver")
    return see_other(f"/w/{custodian}/members")


@router.post(f"{TEAM}/{{subject}}/end", dependencies=ROLES_CHANGE)
def end(services: Serving, person: FromOwnForm, custodian: str, subject: str, role: Text = "") -> Response:
    services.members.end(person, custodian, subject=subject, role=role, now=utc_now())
    services.jobs.enqueue("deliver")
    return see_other("/account" if subject == person.subject else f"/w/{custodian}/members")


@router.post(f"{TEAM}/proposals/{{number}}/confirm", dependencies=ROLES_CHANGE)
def confirm(services: Serving, person: FromOwnForm, custodian: str, number: int) -> Response:
    services.members.confirm(person, custodian, number, now=utc_now())
    services.jobs.enqueue("deliver")
    return see_other(f"/w/{custodian}/members")


@router.post(f"{TEAM}/proposals/{{number}}/refuse", dependencies=ROLES_CHANGE)
def refuse(services: Serving, person: FromOwnForm, custodian: str, number: int) -> Response:
    services.members.refuse(person, custodian, number, now=utc_now())
    return see_other(f"/w/{custodian}/members")


@router.get("/invitations/{token}")
def invitation(request: Request, services: Serving, person: SignedIn, token: str) -> Response:
    """Opening the link changes nothing."""
    return show_private(request, _invitation(request, services, person, token, services.members.offered(person, token, now=utc_now())))


@router.post("/invitations/{token}")
def accept(request: Request, services: Serving, person: FromOwnForm, token: str) -> Response:
    done = services.members.accept(person, token, now=utc_now())
    services.jobs.enqueue("deliver")
    return show_private(request, _invitation(request, services, person, token, done, is_accepted=True))


def _invitation(request: Request, services: Services, person: Person, token: str, offer: Offer, *, is_accepted: bool = False) -> InvitationView:
    return InvitationView(
        layout=layout(request, services), action=f"/invitations/{token}", custodian_name=offer.custodian.name, can=ROLES[offer.role].can,
        csrf=person.csrf, needs_second=offer.needs_second, is_accepted=is_accepted,
    )


def _view(
    request: Request, services: Services, person: Person, custodian: str, *, values: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> MembersView:
    team = services.members.team(person, custodian, now=utc_now())
    return MembersView(
        layout=layout(request, services, is_indexable=False), custodian_name=team.custodian.name, base=f"/w/{custodian}/members",
        csrf=person.csrf, people=tuple(_member(one, team, person) for one in team.people), roles=_sentences(team.roles),
        invitations=tuple(
            InvitationRow(
                number=one.row.id, address=one.row.address, can=ROLES[one.row.role].can, until=one.row.ends_at.isoformat(),
                is_undelivered=one.is_undelivered,
            )
            for one in team.invitations
        ),
        proposals=tuple(
            ProposalRow(
                number=one.row.id, name=one.name, address=one.address, can=ROLES[one.row.role].can, until=one.row.ends_at.isoformat(),
                may_confirm=person.subject not in (one.row.proposed_by, one.subject),
            )
            for one in team.proposals
        ),
        waives_second=services.members.waives_second, may_end=is_team_admin(person, custodian),
        recoveries=lost.rows(services, person, custodian, now=utc_now()) if is_team_admin(person, custodian) else (),
        values=values or {}, errors=errors,
    )


def _member(one: Listed, team: Team, person: Person) -> MemberRow:
    held = {role.role for role in one.held}
    free = () if one.account.subject == person.subject else tuple(role for role in team.roles if role not in held)
    return MemberRow(
        subject=one.account.subject, name=one.account.name or "", address=one.account.address or "", free=_sentences(free),
        roles=tuple(
            HeldRole(role=role.role, can=ROLES[role.role].can, waits=ROLES[role.role].needs_second_factor and not one.has_second_factor)
            for role in one.held
        ),
    )


def _sentences(roles: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((role, ROLES[role].can) for role in roles)
