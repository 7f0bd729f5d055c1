"""A custodian's people and keys, the invitation that somebody opens, and the accounts that administrators see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import FormView
from frontend.views.layout import PageView
from frontend.views.lost import RecoveryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """``can`` completes "Ada …". ``waits`` while the account lacks the second factor that the role needs."""

    role: str
    can: str
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """``free`` are the roles that may be given besides: name and sentence."""

    subject: str
    name: str
    address: str
    roles: tuple[HeldRole, ...]
    free: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRow:
    number: int
    address: str
    can: str
    until: str
    is_undelivered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """``may_confirm`` is False for who proposed it, and for who would get it."""

    number: int
    name: str
    address: str
    can: str
    until: str
    may_confirm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersView(FormView):
    """Fields of the invitation: email, role. ``waives_second``: this gateway is not public, one person is enough. ``may_end``: roles are ended
    by the team's own administrators alone."""

    template: ClassVar[str] = "workspace/members.html"
    width: ClassVar[str] = "wide"

    custodian_name: str
    base: str
    csrf: str
    people: tuple[MemberRow, ...]
    invitations: tuple[InvitationRow, ...] = ()
    proposals: tuple[ProposalRow, ...] = ()
    roles: tuple[tuple[str, str], ...] = ()
    waives_second: bool = False
    may_end: bool = True
    recoveries: tuple[RecoveryRow, ...] = ()

    @property
    def heading(self) -> str:
        return "Members"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationView(PageView):
    """``needs_second``: another administrator confirms the role before it holds."""

    template: ClassVar[str] = "accounts/invitation.html"
    width: ClassVar[str] = "narrow"

    action: str
    custodian_name: str
    can: str
    csrf: str
    needs_second: bool
    is_accepted: bool = False

    @property
    def title(self) -> str:
        return "Invitation"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """``used`` is the day of the last use; ``is_idle``: none for 90 days. ``lacks`` are scopes that the owner's roles do not allow."""

    prefix: str
    name: str
    owner: str
    scopes: tuple[str, ...]
    lacks: tuple[str, ...]
    state: str
    ends: str
    used: str | None
    is_idle: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysView(FormView):
    """Fields: name, days, networks, and a tick ``scope.<scope>`` for each of ``scopes``."""

    template: ClassVar[str] = "workspace/keys.html"
    width: ClassVar[str] = "wide"

    custodian_name: str
    base: str
    csrf: str
    keys: tuple[KeyRow, ...]
    scopes: tuple[tuple[str, str], ...]
    webhooks_href: str | None = None
    """For those who manage the team."""

    @property
    def heading(self) -> str:
        return "Keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKeyView(PageView):
    """The one page that shows a key. ``former_until``: until when the key that it replaces still works."""

    template: ClassVar[str] = "workspace/new-key.html"
    width: ClassVar[str] = "narrow"

    key: str
    name: str
    ends: str
    back: str
    former_until: str | None = None

    @property
    def title(self) -> str:
        return "Your new key"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    subject: str
    name: str
    address: str
    state: str
    roles: tuple[str, ...]
    last_seen: str | None
    has_second_factor: bool
    is_self: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleView(PageView):
    """``q`` is what was looked for. ``without_admin``: custodians that have no team administrator yet, name and address."""

    template: ClassVar[str] = "admin/people.html"

    people: tuple[PersonRow, ...]
    csrf: str
    q: str = ""
    without_admin: tuple[tuple[str, str], ...] = ()
    recoveries: tuple[RecoveryRow, ...] = ()

    @property
    def title(self) -> str:
        return "People"
