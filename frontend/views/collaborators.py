"""Who is on a request beside its lead, and the page on which somebody joins one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import FormView, WithErrors


@dataclass(frozen=True, slots=True, kw_only=True)
class CollaboratorRow:
    """``waits``: another address than the invited one took the invitation up. ``until``: when an invitation ends."""

    number: int
    name: str
    address: str
    organisation: str
    role: str
    needs_access: bool
    has_joined: bool
    waits: bool
    has_accepted_terms: bool
    until: str
    is_offered_lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CollaboratorsView(FormView):
    """Posted to ``action`` with ``do``; fields of the invitation: email, role, needs_access. ``offer``: who asks the reader to lead."""

    template: ClassVar[str] = "requests/people.html"
    width: ClassVar[str] = "wide"

    reference: str
    action: str
    csrf: str
    back: str
    lead_name: str
    lead_organisation: str
    is_led: bool
    rows: tuple[CollaboratorRow, ...]
    roles: tuple[tuple[str, str], ...]
    terms: tuple[str, ...]
    terms_version: str
    must_accept: bool = False
    offer: str | None = None

    @property
    def heading(self) -> str:
        return "Who is on this request"


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinView(WithErrors):
    """``is_for_address`` False: the invitation went to another address than the account's, and the lead confirms it."""

    template: ClassVar[str] = "requests/join.html"
    width: ClassVar[str] = "narrow"

    action: str
    csrf: str
    reference: str
    lead_name: str
    role: str
    needs_access: bool
    is_for_address: bool
    address: str
    needs_factor: bool
    terms: tuple[str, ...]
    terms_version: str

    @property
    def title(self) -> str:
        return f"{'Error: j' if self.errors else 'J'}oin request {self.reference}"
