"""Who is asking: a person with their roles, as the pages and commands see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.accounts.roles import ROLES, Action, Held, may
from gateway.errors import Conflict, NotAllowed, StepUpNeeded

STEP_UP_FOR: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``subject`` is what events and audit keep; ``session_digest`` names the session that asks."""

    account_id: int
    subject: str
    name: str
    address: str
    organisation: str | None
    held: tuple[Held, ...]
    has_second_factor: bool
    """One of the account's own, or one that an identity provider vouched for in this session."""
    has_own_factor: bool = True
    """False where the second factor is an identity provider's alone."""
    has_app: bool
    """An authenticator app; the second factor may be a passkey instead, or both."""
    second_factor_at: datetime | None
    session_digest: str
    csrf: str
    """What this session's forms carry."""
    is_stale: bool = False
    """The person's roles changed since the session began: it is due for a new id."""

    def may(self, action: Action, *, custodian: str | None = None) -> bool:
        """Roles that need a second factor count only once the account has one."""
        counted = tuple(one for one in self.held if self.has_second_factor or not ROLES[one.role].needs_second_factor)
        return may(counted, action, custodian=custodian)

    def require(self, action: Action, *, custodian: str | None = None) -> None:
        """Raises :class:`NotAllowed` with what is missing."""
        if self.may(action, custodian=custodian):
            return
        if may(self.held, action, custodian=custodian):
            raise NotAllowed(
                "Your role needs a second step at sign-in, and your account has none yet.",
                hint="Set up a passkey or an authenticator app on your security page, then try again.",
            )
        raise NotAllowed(f"Your account may not {action}.", hint="Ask the team administrator for the role.")

    def require_no_role_with_factor(self) -> None:
        """Before the last factor goes. Raises :class:`Conflict` naming the role that needs it."""
        needing = [one.words for one in self.held if ROLES[one.role].needs_second_factor]
        if needing:
            raise Conflict(f"Your role needs a second step: {needing[0]}.", hint="Give up the role first, or set up another passkey or app.")

    def require_recent_factor(self, *, now: datetime) -> None:
        """Raises :class:`StepUpNeeded` where the second factor was last shown more than 30 minutes ago."""
        if self.second_factor_at is None or now - self.second_factor_at > STEP_UP_FOR:
            raise StepUpNeeded("Please show your second step again.", hint="This protects what you are about to do.")
