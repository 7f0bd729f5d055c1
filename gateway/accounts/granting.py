"""Giving and taking roles: the rules that hold whoever asks (pages, invitations, the command line)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from gateway.accounts.roles import EXCLUDING, ROLES
from gateway.accounts.tables import Account
from gateway.errors import Conflict
from gateway.store import accounts, requests, routes

LAST_ONE_STAYS: Final = ("admin", "team_admin")


def require_may_hold(session: Session, account: Account, role: str, *, granted_by: str) -> None:
    """Raises :class:`Conflict` with the rule."""
    if account.subject == granted_by:
        raise Conflict("Nobody grants a role to themselves.", hint="Ask another administrator.")
    for one in accounts.held(session, account.id):
        if frozenset({one.role, role}) in EXCLUDING:
            raise Conflict(f"{ROLES[role].words} and {ROLES[one.role].words.lower()} exclude each other in one person.")


def give(session: Session, account: Account, role: str, custodian_id: int | None, *, granted_by: str, now: datetime) -> bool:
    """Whether the role was new; the person's sessions get new ids. Raises :class:`Conflict` with the rule."""
    require_may_hold(session, account, role, granted_by=granted_by)
    is_new = accounts.grant(session, account.id, role, custodian_id, granted_by=granted_by, now=now)
    if is_new:
        account.roles_changed_at = now
    return is_new


def take(session: Session, account: Account, role: str, custodian_id: int | None, *, now: datetime) -> bool:
    """Whether the role was held. Raises :class:`Conflict` for the last administrator of a place."""
    if role in LAST_ONE_STAYS:
        accounts.lock_holders(session, role, custodian_id)
    gone = accounts.withdraw(session, account.id, role, custodian_id)
    session.flush()
    if not gone:
        return False
    if role in LAST_ONE_STAYS and not accounts.count_holding(session, role, custodian_id):
        raise Conflict(f"{ROLES[role].words}: the last one cannot leave.", hint="Give the role to somebody else first.")
    if role == "handler" and custodian_id and not accounts.count_holding(session, role, custodian_id):
        _require_other_route(session, custodian_id)
    account.roles_changed_at = now
    return True


def _require_other_route(session: Session, custodian_id: int) -> None:
    if any(route.channel == "committee" and route.health == requests.USABLE for route in routes.of_custodian(session, custodian_id)):
        raise Conflict("Requests to this custodian come to its workspace: its last handler cannot leave.", hint="Set another route first: gateway route set.")
