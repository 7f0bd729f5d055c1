"""Asking for data: the form, what was sent, where it stands, and the custodian's acknowledgement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from frontend.views.basket import BasketGroup
from frontend.views.forms import FormView, WithErrors
from frontend.views.layout import Link, PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestValues:
    """What was typed, kept as it was. The attributes are the names of the form's fields; ``datasets`` are refs."""

    name: str = ""
    email: str = ""
    organisation: str = ""
    project_title: str = ""
    purpose: str = ""
    public_benefit: str = ""
    datasets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFormView(WithErrors):
    """The request form, posted to ``/requests``. ``groups`` are the datasets to choose from.

    Fields: name, email, organisation, project_title, purpose, public_benefit, datasets (repeated ref), token.
    """

    template: ClassVar[str] = "requests/form.html"
    width: ClassVar[str] = "narrow"

    groups: tuple[BasketGroup, ...]
    values: RequestValues = RequestValues()
    token: str = ""
    """Against forged posts; posted back in the hidden field ``token``."""

    @property
    def title(self) -> str:
        return "Error: ask for data" if self.errors else "Ask for data"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSentView(PageView):
    """After sending. ``follow_href`` is the private address of the status page; ``recipients`` are custodians' names."""

    template: ClassVar[str] = "requests/sent.html"
    width: ClassVar[str] = "narrow"

    reference: str
    follow_href: str
    email: str
    recipients: tuple[str, ...]

    @property
    def title(self) -> str:
        return "Request sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """How a part travels. ``state``: queued, sent, acknowledged, failed, manual. ``channel`` in words ("e-mail")."""

    state: str
    channel: str
    at: str | None = None
    attempts: int = 0
    tried_again_at: str | None = None
    """When the next attempt is due, while there is one."""
    trouble: str | None = None
    """What went wrong last, in words for the applicant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """``what`` is a sentence in the past tense; ``who`` is a role or an organisation."""

    at: str
    what: str
    who: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionField:
    """``kind``: text, long, date, choice, person, tick, lines, conditions. ``options`` are (value, words)."""

    name: str
    label: str
    kind: str
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    is_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionForm:
    """A button with its form. ``is_open`` where the last post of it had mistakes."""

    command: str
    label: str
    explains: str
    fields: tuple[ActionField, ...] = ()
    is_grave: bool = False
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPart:
    """What one custodian decides. ``state`` is one of the sixteen of the access specification."""

    custodian_name: str
    custodian_slug: str | None = None
    state: str
    state_reason: str | None = None
    since: str | None = None
    next_step: str | None = None
    datasets: tuple[Link, ...] = ()
    delivery: DeliveryLine | None = None
    events: tuple[TimelineEvent, ...] = ()
    action: str = ""
    """Where the forms post to."""
    prefix: str = ""
    """Of the ids of its forms' fields: a page shows several parts."""
    version: int = 0
    asks: str | None = None
    """What the custodian wants to know, while it is the applicant's turn."""
    actions: tuple[ActionForm, ...] = ()
    portal: Link | None = None
    """The custodian's own form, with the name of the site that it is on."""
    exports: tuple[Link, ...] = ()
    turn: str | None = None
    """Whose turn it is, and for how many working days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStatusView(FormView):
    """The applicant's page, opened by the private link. ``request_status`` is the derived one (3.4 of the specification)."""

    template: ClassVar[str] = "requests/status.html"
    width: ClassVar[str] = "wide"

    reference: str
    project_title: str
    sent_at: str
    request_status: str
    purpose: str = ""
    public_benefit: str = ""
    applicant_name: str = ""
    organisation: str = ""
    parts: tuple[RequestPart, ...] = field(default=())
    csrf: str = ""

    @property
    def title(self) -> str:
        return f"Error: request {self.reference}" if self.errors else f"Request {self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeView(PageView):
    """The custodian's one-time page. Opening it changes nothing; the button posts to ``action``."""

    template: ClassVar[str] = "requests/acknowledge.html"
    width: ClassVar[str] = "narrow"

    action: str
    reference: str
    custodian_name: str
    project_title: str
    applicant_name: str
    organisation: str
    purpose: str
    sent_at: str
    public_benefit: str = ""
    datasets: tuple[Link, ...] = ()
    token: str = ""

    @property
    def title(self) -> str:
        return f"Acknowledge request {self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedView(PageView):
    """After the button, and whenever the link is opened again (``was_already``)."""

    template: ClassVar[str] = "requests/acknowledged.html"
    width: ClassVar[str] = "narrow"

    reference: str
    custodian_name: str
    at: str
    was_already: bool = False

    @property
    def title(self) -> str:
        return f"Request {self.reference} acknowledged"
