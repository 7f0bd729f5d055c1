"""Asking for data: the form, what was sent, where it stands, and the custodian's acknowledgement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from frontend.views.forms import FormView, WithErrors
from frontend.views.layout import Link, PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredFile:
    """``href`` opens it, None where it may not be opened: ``told`` says why."""

    name: str
    size_bytes: int
    href: str | None
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``topic`` is the heading under which the form asks it."""

    question: str
    answer: str
    before: str | None = None
    """What it said when the request was sent before, where that differs."""
    topic: str = ""
    files: tuple[AnsweredFile, ...] = ()
    """Attached files, shown instead of the answer's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSentView(PageView):
    """After sending. ``follow_href`` is the status page; ``recipients`` are custodians' names."""

    template: ClassVar[str] = "requests/sent.html"
    width: ClassVar[str] = "narrow"

    reference: str
    follow_href: str
    email: str
    recipients: tuple[str, ...]
    draft_href: str | None = None
    """Where the parts are that are not sent yet."""

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
class EvidenceLine:
    """An approval of another body. ``state``: awaited, verified, refused, expected (missing, and marked so), missing."""

    kind: str
    state: str
    reference: str | None = None
    issuer: str | None = None
    issued: str | None = None
    expires: str | None = None
    opinion: str | None = None
    file: AnsweredFile | None = None
    """The paper that shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceLine:
    """What a condition of use means for a request. ``verdict``: compatible, conflict, needs_human, undertaking."""

    condition: str
    verdict: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvicePanel:
    """The advice on one part before it is sent. ``promises`` are (value, words) to tick; ``digest`` says what was shown."""

    part: str
    custodian: str
    digest: str
    lines: tuple[AdviceLine, ...]
    promises: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()
    """What stands out in the answers, and what it calls for; sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionField:
    """``kind``: text, long, date, choice, person, tick, lines, links, conditions, awaited, evidence, questions, file. ``options`` are (value, words)."""

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

    @property
    def takes_file(self) -> bool:
        return any(field.kind == "file" for field in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRow:
    """An agreement that was issued, to be read at ``href``. ``standing`` is one of ``frontend.words.AGREEMENT_STATES``."""

    title: str
    name: str
    size_bytes: int
    sha256: str
    issued_at: str
    standing: str
    href: str


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
    evidence: tuple[EvidenceLine, ...] = ()
    advice: tuple[AdviceLine, ...] = ()
    deadlines: tuple[str, ...] = ()
    """What is due when, the nearest first."""
    asks: str | None = None
    """What the custodian wants to know, while it is the applicant's turn."""
    answer_again: tuple[Link, ...] = ()
    """The questions that the custodian wants to be answered anew, each on its page."""
    edit_href: str | None = None
    """Where answers can be changed while it is the applicant's turn; None at the private address, which shows alone."""
    actions: tuple[ActionForm, ...] = ()
    portal: Link | None = None
    """The custodian's own form, with the name of the site that it is on."""
    exports: tuple[Link, ...] = ()
    agreements: tuple[AgreementRow, ...] = ()
    """The newest first."""
    use_href: str | None = None
    """Of the entry in the public register."""
    outputs: tuple[str, ...] | None = None
    """Links to what came of the data; None while nothing can have."""
    turn: str | None = None
    """Whose turn it is, and for how many working days."""
    waits_for: tuple[str, ...] = ()
    """What it is needed together with and is not approved yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStatusView(FormView):
    """The applicant's page, opened by the private link. ``request_status`` is the derived one (3.4 of the specification)."""

    template: ClassVar[str] = "requests/status.html"
    width: ClassVar[str] = "wide"

    reference: str
    project_title: str
    sent_at: str
    request_status: str
    answers: tuple[Answer, ...] = ()
    draft_href: str | None = None
    """Where the parts are that are not sent yet."""
    parts: tuple[RequestPart, ...] = field(default=())
    csrf: str = ""
    events: tuple[TimelineEvent, ...] = ()
    """What concerns the whole request."""
    people_href: str | None = None
    """Who is on the request; None at the private address."""

    @property
    def title(self) -> str:
        return f"Error: request {self.reference}" if self.errors else f"Request {self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxCodeView(WithErrors):
    """Before a mailbox's page: a code is sent (post to ``action``/code) and typed (``action``/open). ``is_sent`` once this browser asked."""

    template: ClassVar[str] = "requests/code.html"
    width: ClassVar[str] = "narrow"

    action: str
    reference: str
    is_sent: bool

    @property
    def title(self) -> str:
        return f"{'Error: r' if self.errors else 'R'}equest {self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeView(WithErrors):
    """The page of a mailbox or a system. Opening it changes nothing; the button posts to ``action``, a message to ``action``/message."""

    template: ClassVar[str] = "requests/acknowledge.html"
    width: ClassVar[str] = "narrow"

    action: str
    reference: str
    custodian_name: str
    project_title: str
    applicant_name: str
    organisation: str
    answers: tuple[Answer, ...]
    sent_at: str
    datasets: tuple[Link, ...] = ()
    evidence: tuple[EvidenceLine, ...] = ()
    acknowledged_at: str | None = None
    can_write: bool = False
    done: str = ""

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
