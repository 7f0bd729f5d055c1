"""What waits for the gateway's staff, and the page on which a mailbox confirms itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from frontend.views.forms import FormView
from frontend.views.layout import Link, PageView
from frontend.views.questions import QuestionRow
from frontend.views.requests import ActionField


@dataclass(frozen=True, slots=True, kw_only=True)
class TriagePartRow:
    """``passed`` are (rung, why it was not used); ``statements`` (kind, text) and ``contacts`` are what the records say: suggestions alone."""

    part: str
    reference: str
    custodian_name: str | None
    custodian_slug: str | None
    since: str
    why: str
    trouble: str | None
    passed: tuple[tuple[str, str], ...]
    applicant: str
    applicant_address: str
    datasets: tuple[Link, ...]
    statements: tuple[tuple[str, str], ...]
    contacts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendedRoute:
    custodian_name: str
    custodian_slug: str
    channel: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """A request that goes on at a custodian without a workspace. ``is_entered``: its decision waits for a second officer."""

    href: str
    reference: str
    custodian_name: str | None
    since: str
    is_entered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeView(FormView):
    """What the custodian's letter says. ``entered`` are labels and texts that wait for a second officer."""

    template: ClassVar[str] = "triage/outcome.html"

    action: str
    csrf: str
    reference: str
    custodian_name: str | None
    fields: tuple[ActionField, ...]
    entered: tuple[tuple[str, str], ...] = ()
    may_confirm: bool = False

    @property
    def heading(self) -> str:
        return f"Decision on request {self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageView(FormView):
    """``done`` is what the last form did: reroute, ask, outcome, pass. ``unlisted_wanted``: how many asked for data that is not listed in the last
    twelve months, by state of the question. ``custodians`` are those (short name, name) that can be reached, for requests
    whose custodian is not known."""

    template: ClassVar[str] = "triage/queue.html"
    width: ClassVar[str] = "wide"

    action: str
    csrf: str
    parts: tuple[TriagePartRow, ...]
    questions: tuple[QuestionRow, ...]
    suspended: tuple[SuspendedRoute, ...]
    custodians: tuple[tuple[str, str], ...] = ()
    unlisted_wanted: Mapping[str, int] = field(default_factory=dict)
    outcomes: tuple[OutcomeRow, ...] = ()
    done: str = ""

    @property
    def heading(self) -> str:
        return "What waits for us"

    @property
    def unlisted(self) -> tuple[QuestionRow, ...]:
        return tuple(row for row in self.questions if row.is_unlisted)

    @property
    def without_desk(self) -> tuple[QuestionRow, ...]:
        return tuple(row for row in self.questions if not row.is_unlisted)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmRouteView(PageView):
    template: ClassVar[str] = "triage/confirm.html"
    width: ClassVar[str] = "narrow"

    action: str
    custodian_name: str
    mailbox: str
    is_confirmed: bool

    @property
    def title(self) -> str:
        return "Confirm this mailbox"
