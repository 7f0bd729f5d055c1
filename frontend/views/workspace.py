"""The custodian's workspace: the inbox, and one request beside everything that can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import FormView
from frontend.views.layout import Link, PageView
from frontend.views.requests import (
    ActionField,
    ActionForm,
    AdviceLine,
    AgreementRow,
    Answer,
    DeliveryLine,
    EvidenceLine,
    TimelineEvent,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """``since`` is when the state began; ``handler`` None while nobody has it."""

    href: str
    reference: str
    title: str
    applicant: str
    organisation: str
    state: str
    since: str
    sent_at: str
    handler: str | None
    datasets: int
    turn: str | None = None
    """Whose turn it is, and for how many working days."""
    kept_out: str | None = None
    """Why whoever looks cannot read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTab:
    name: str
    words: str
    href: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxView(PageView):
    """``stages`` are the tabs, the first of all requests."""

    template: ClassVar[str] = "workspace/inbox.html"

    custodian_name: str
    rows: tuple[InboxRow, ...]
    stages: tuple[StageTab, ...]
    today_href: str = ""
    questions_href: str = ""
    register_href: str = ""
    agreements_href: str = ""
    settings_href: str | None = None
    """For those who may change how requests are worked on."""

    @property
    def title(self) -> str:
        return f"Requests to {self.custodian_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantRow:
    """``href`` leads to their profile; None for whom the answers name alone. ``is_trained``: current training was verified."""

    name: str
    address: str
    organisation: str
    role: str
    has_access: bool
    is_trained: bool
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView(FormView):
    """One request to this custodian. The forms post to ``action`` with ``command``, ``version`` and ``csrf``."""

    template: ClassVar[str] = "workspace/part.html"
    width: ClassVar[str] = "wide"

    inbox_href: str
    action: str
    csrf: str
    version: int
    custodian_name: str
    reference: str
    project_title: str
    state: str
    since: str | None
    handler: str | None
    answers: tuple[Answer, ...]
    datasets: tuple[Link, ...]
    delivery: DeliveryLine | None
    events: tuple[TimelineEvent, ...]
    actions: tuple[ActionForm, ...]
    flags: tuple[str, ...] = ()
    """What stands out in the answers, and what it calls for; sentences."""
    evidence: tuple[EvidenceLine, ...] = ()
    advice: tuple[AdviceLine, ...] = ()
    deadlines: tuple[str, ...] = ()
    """What is due when, the nearest first."""
    agreements: tuple[AgreementRow, ...] = ()
    """The newest first."""
    issue_href: str | None = None
    """Where an agreement is issued, for who may do so now."""
    use_href: str | None = None
    """Of the entry in the public register."""
    conditions: tuple[tuple[str, str], ...] = ()
    """Text and state (open, met, waived)."""
    profile_href: str | None = None
    """The applicant's profile, where an account leads the request."""
    people: tuple[ParticipantRow, ...] = ()
    others: tuple[tuple[str, bool], ...] = ()
    """Other custodians of the request that may be named, and whether their data are needed together with these."""
    waits_for: tuple[str, ...] = ()
    """What access waits for, because it is needed together."""
    votes: tuple[tuple[str, int], ...] = ()
    hindered: tuple[tuple[str, str], ...] = ()
    """What the stage would allow, and what stands in the way."""
    turn: str | None = None

    @property
    def heading(self) -> str:
        return f"Request {self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOutView(PageView):
    """A request that whoever looks may know of and not read: ``why`` and ``hint`` are sentences."""

    template: ClassVar[str] = "workspace/kept_out.html"

    inbox_href: str
    custodian_name: str
    reference: str
    project_title: str
    state: str
    why: str
    hint: str

    @property
    def status(self) -> int:
        return 403

    @property
    def title(self) -> str:
        return f"Request {self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierChoice:
    """Who saved the settings when, and the way to data that was chosen with them."""

    at: str
    by: str
    way: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSettingsView(FormView):
    """How a custodian works on requests. Posted to ``action`` with the names of the fields; ``evidence`` as ``evidence.KIND``."""

    template: ClassVar[str] = "workspace/settings.html"

    custodian_name: str
    inbox_href: str
    action: str
    csrf: str
    numbers: tuple[ActionField, ...]
    flags: tuple[ActionField, ...]
    pathway: ActionField
    evidence: ActionField
    hard_rules: ActionField
    flag_reviews: ActionField
    flag_evidence: tuple[ActionField, ...]
    """One for each flag of a request."""
    is_saved: bool = False
    earlier: tuple[EarlierChoice, ...] = ()

    @property
    def heading(self) -> str:
        return "How you work on requests"
