"""Questions to custodians: the form, its confirmation, the enquirer's page, and the page of one custodian's desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import FormView
from frontend.views.layout import Link, PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedField:
    """``rows`` 0 is a single line."""

    name: str
    label: str
    rows: int
    is_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionFormView(FormView):
    """``datasets`` are (ref, title, custodian's name); ``custodians`` (slug, name) are asked without a dataset. ``due`` is the day by which the
    gateway's staff confirm a question that is for them."""

    template: ClassVar[str] = "questions/form.html"

    kind: str
    fields: tuple[AskedField, ...]
    other_kind_href: str
    datasets: tuple[tuple[str, str, str], ...] = ()
    custodians: tuple[tuple[str, str], ...] = ()
    sent_to: str = ""
    """The address that a confirmation went to, once it did."""
    due: str = ""
    is_known: bool = False
    """The person is signed in: name and address are those of the account."""
    csrf: str = ""

    @property
    def heading(self) -> str:
        if self.sent_to:
            return "Confirm your address"
        return "Ask for data that is not listed" if self.kind == "unlisted" else "Ask a question"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmQuestionView(PageView):
    template: ClassVar[str] = "questions/confirm.html"
    width: ClassVar[str] = "narrow"

    action: str
    reference: str
    answers: tuple[tuple[str, str], ...]

    @property
    def title(self) -> str:
        return "Send your question"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadLine:
    """A message. ``who`` in words."""

    who: str
    text: str
    at: str
    by_mail: bool = False
    is_from_desk: bool = False
    """Written by a custodian or the gateway's staff, not by the enquirer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPanel:
    """One custodian's thread on a page. The forms post to ``action``; there are none where it is empty. ``whom`` is written to."""

    heading: str
    state: str
    since: str
    explains: str
    lines: tuple[ThreadLine, ...]
    datasets: tuple[Link, ...] = ()
    action: str = ""
    whom: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView(FormView):
    """The enquirer's page. ``answers`` are what was asked; the errors belong to the thread named ``open_thread``."""

    template: ClassVar[str] = "questions/question.html"
    width: ClassVar[str] = "wide"

    reference: str
    sent_at: str
    answers: tuple[tuple[str, str], ...]
    threads: tuple[ThreadPanel, ...]
    is_just_sent: bool = False
    convert_action: str = ""
    """Where its signed-in asker turns it into a draft request; empty for everybody else."""
    csrf: str = ""

    @property
    def heading(self) -> str:
        return f"Question {self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianChoice:
    """A custodian that a question may be passed on to, with the number of its datasets."""

    slug: str
    name: str
    datasets: int
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView(FormView):
    """What a custodian's desk, or the gateway's staff, sees of one thread. ``closings`` are (reason, words). ``choices`` are those found by
    ``find`` and those chosen, where the question can be passed on; ``not_shown`` others were found."""

    template: ClassVar[str] = "questions/desk.html"
    width: ClassVar[str] = "wide"

    reference: str
    asker: str
    answers: tuple[tuple[str, str], ...]
    thread: ThreadPanel
    back: Link | None = None
    csrf: str = ""
    can_acknowledge: bool = False
    can_forward: bool = False
    can_pass_on: bool = False
    find: str = ""
    choices: tuple[CustodianChoice, ...] = ()
    not_shown: int = 0
    closings: tuple[tuple[str, str], ...] = ()

    @property
    def heading(self) -> str:
        return f"Question {self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    href: str
    reference: str
    asker: str
    excerpt: str
    state: str
    since: str
    explains: str
    is_unlisted: bool = False
    """It asks for data that no dataset here holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionInboxView(PageView):
    """``columns_wanted``: datasets whose column list was asked for in the last twelve months, and how often."""

    template: ClassVar[str] = "workspace/questions.html"

    custodian_name: str
    inbox_href: str
    rows: tuple[QuestionRow, ...]
    columns_wanted: tuple[tuple[Link, int], ...] = ()

    @property
    def title(self) -> str:
        return f"Questions to {self.custodian_name}"
