"""From who a provider names to an account of ours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gateway.accounts import sessions
from gateway.accounts.oidc.faults import ProviderFault, untrusted
from gateway.accounts.oidc.id_token import Claims
from gateway.accounts.people import Person
from gateway.accounts.sign_in import SignedIn
from gateway.accounts.tables import Account
from gateway.store import Store, accounts, identities


def sign_in(store: Store, claims: Claims, *, browser: str | None, instead_of: str | None, now: datetime) -> SignedIn | None:
    """The session of the account that the identity belongs to; None where it belongs to none yet.

    A second factor that the provider vouches for counts from when it was shown there; else the account's own is still to come.
    Raises :class:`ProviderFault` for a suspended account.
    """
    with store.transaction() as tx:
        account = _account(tx.session, claims, now)
        if account is None:
            return None
        is_complete = claims.is_second_factor or not accounts.has_second_factor(tx.session, account)
        token = sessions.begin(
            tx.session, account, now=now, is_complete=is_complete, browser=browser, instead_of=instead_of,
            second_factor_at=min(claims.signed_in_at, now) if claims.is_second_factor else None,
        )
    return SignedIn(token, is_complete)


def show_again(store: Store, claims: Claims, person: Person | None, *, asked_by: int | None, now: datetime) -> str:
    """The session that replaces this one, after the person showed a second factor at the provider just now.

    Raises :class:`ProviderFault` where the provider names somebody else than who is signed in.
    """
    with store.transaction() as tx:
        account = _account(tx.session, claims, now)
        if person is None or account is None or account.id != person.account_id or asked_by != account.id:
            raise untrusted("other-person")
        row = accounts.session_of(tx.session, person.session_digest)
        return sessions.begin(
            tx.session, account, now=now, is_complete=True, browser=row[0].browser if row else None,
            second_factor_at=min(claims.signed_in_at, now), instead_of=person.session_digest,
        )


def _account(session: Session, claims: Claims, now: datetime) -> Account | None:
    found = identities.find(session, claims.issuer, claims.subject)
    if found is None:
        return None
    identity, account = found
    if account.state != "active":
        raise ProviderFault("suspended", "This account cannot be used.", hint="Ask the operator of this gateway.")
    identity.last_used_at, identity.level = now, claims.level
    return account
