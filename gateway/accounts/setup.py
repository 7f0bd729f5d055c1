"""Who gets in first, and who gets which role: the setup link of an empty installation, and grants."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gateway.access.addresses import check_address
from gateway.accounts import granting, links, sessions
from gateway.accounts.factors import new_recovery_codes, plain_recovery_code
from gateway.accounts.passwords import hash_password
from gateway.accounts.registration import add_account, check_details
from gateway.accounts.roles import ROLES
from gateway.accounts.security import first_step, opened_offer
from gateway.accounts.tables import Account
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.store import Store, accounts, custodians
from gateway.store.sealing import Sealer, token_digest

SETUP_SUBJECT = "setup"


def setup_path(store: Store, *, now: datetime) -> str | None:
    """A new path for the first administrator; None once there is one. Links given out before stop working."""
    with store.transaction() as tx:
        if accounts.count_holding(tx.session, "admin", None):
            return None
        return links.give_out(tx.session, "setup", now=now)


def require_setup(store: Store, token: str, *, now: datetime) -> None:
    """Raises :class:`NotFound` for a link that does not work, and once there is an administrator."""
    with store.reading() as session:
        _require(session, token, now)


def first_administrator(
    store: Store, sealer: Sealer, *, token: str, address: str, name: str, organisation: str, password: str, sealed_offer: str, code: str,
    now: datetime,
) -> tuple[str, tuple[str, ...]]:
    """Make the account with its second factor. Returns the session's token and the recovery codes, shown this once."""
    require_setup(store, token, now=now)
    check_address(address)
    check_details(name=name, organisation=organisation, is_adult=True, agrees=True, password=password, address=address)
    offer = opened_offer(sealer, sealed_offer, subject=SETUP_SUBJECT, now=now)
    step = first_step(offer.secret, code, now=now)
    password_hash, codes = hash_password(password), new_recovery_codes()
    with store.transaction() as tx:
        _require(tx.session, token, now)
        links.use_up(tx.session, "setup", token, now=now)
        if accounts.by_address(tx.session, address) is not None:
            raise Conflict("This address has an account already.", hint="Give it the role with: gateway account grant.")
        row = add_account(tx.session, address=address, name=name, organisation=organisation, password_hash=password_hash, now=now)
        row.totp_secret, row.totp_last_step = sealer.seal(offer.secret), step
        accounts.replace_recovery_codes(tx.session, row.id, [token_digest(plain_recovery_code(one)) for one in codes])
        accounts.grant(tx.session, row.id, "admin", None, granted_by="setup", now=now)
        return sessions.begin(tx.session, row, now=now, is_complete=True, second_factor_at=now), codes


def grant(store: Store, *, address: str, role: str, custodian: str | None, granted_by: str, now: datetime) -> bool:
    """Give a role; whether it was new. Raises :class:`NotFound`, :class:`Unprocessable` and :class:`Conflict` with the rule."""
    with store.transaction() as tx:
        account, custodian_id = _account(tx.session, address), _place(tx.session, role, custodian)
        return granting.give(tx.session, account, role, custodian_id, granted_by=granted_by, now=now)


def withdraw(store: Store, *, address: str, role: str, custodian: str | None, now: datetime) -> bool:
    """Take a role away; whether it was held. Raises :class:`Conflict` for the last administrator of a place."""
    with store.transaction() as tx:
        account, custodian_id = _account(tx.session, address), _place(tx.session, role, custodian)
        return granting.take(tx.session, account, role, custodian_id, now=now)


def _require(session: Session, token: str, now: datetime) -> None:
    if accounts.count_holding(session, "admin", None):
        raise NotFound("This link does not work any more.", hint="There is an administrator already.")
    links.look_up(session, "setup", token, now=now)


def _account(session: Session, address: str) -> Account:
    found = accounts.by_address(session, address)
    if found is None:
        raise NotFound("There is no account with this address.", hint="gateway account list shows all; people register at /register.")
    return found


def _place(session: Session, role: str, custodian: str | None) -> int | None:
    if role not in ROLES:
        raise Unprocessable(f"There is no role {role!r}.", hint=f"Roles: {', '.join(ROLES)}.")
    if ROLES[role].of_gateway != (custodian is None):
        where = "is a role of the whole gateway" if ROLES[role].of_gateway else "is a role inside a custodian"
        raise Unprocessable(f"{ROLES[role].words} {where}.", hint="Leave the custodian out." if custodian else "Name the custodian.")
    return custodians.by_slug(session, custodian).id if custodian else None
