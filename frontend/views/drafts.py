"""A request while it is written: its tasks, one topic a page, its datasets, the check before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from frontend.views.basket import BasketGroup
from frontend.views.forms import FormView, WithErrors
from frontend.views.layout import Link, PageView
from frontend.views.requests import AdvicePanel


@dataclass(frozen=True, slots=True)
class Remark:
    """What a custodian says beside a question."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """``kind``: text, email, date, choice, yes_no, country. ``options`` are (value, words)."""

    name: str
    label: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file that is attached. ``state``: waiting, clean, refused, unavailable; ``told`` says what that means here."""

    id: str
    name: str
    size_bytes: int
    state: str
    told: str
    href: str | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionField:
    """One question. The element's id is ``q-`` and the key; its fields are named by the key.

    ``kind``: line, long, lines, choice, multi, date, period, row, rows, tick, datasets, files. ``text`` is what stands in a single field,
    ``texts`` the chosen values, ``row`` and ``rows`` the cells by name. ``doubt`` says what seems to identify a patient; the text may stay for a reason.
    ``theirs`` is what somebody else saved meanwhile, None where nobody did. ``only`` are the custodians that ask it, where not all do.
    """

    key: str
    kind: str
    label: str
    help: str = ""
    text: str = ""
    texts: tuple[str, ...] = ()
    row: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Mapping[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    columns: tuple[FieldColumn, ...] = ()
    none_words: str = ""
    is_none: bool = False
    words: int | None = None
    word_count: int = 0
    is_required: bool = True
    error: str = ""
    doubt: str = ""
    kept: str = ""
    theirs: str | None = None
    only: tuple[str, ...] = ()
    why: tuple[Remark, ...] = ()
    guidance: tuple[Remark, ...] = ()
    files: tuple[FileRow, ...] = ()
    is_from_profile: bool = False
    is_asked_again: bool = False
    reads: Link | None = None

    @property
    def id(self) -> str:
        return f"q-{self.key}"

    @property
    def shown_rows(self) -> tuple[Mapping[str, str], ...]:
        """With an empty one to fill in."""
        return (*self.rows, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicView(WithErrors):
    """One page of the form, posted to ``action`` with ``csrf`` and ``version``. ``notice`` says what happened to what was typed before."""

    template: ClassVar[str] = "requests/topic.html"
    width: ClassVar[str] = "narrow"

    reference: str
    project: str
    heading: str
    action: str
    csrf: str
    version: int
    fields: tuple[QuestionField, ...]
    notice: str = ""
    is_conflict: bool = False

    @property
    def status(self) -> int:
        return 409 if self.is_conflict else 422 if self.errors else 200

    @property
    def title(self) -> str:
        return f"Error: {self.heading}" if self.errors else self.heading

    @property
    def list_href(self) -> str:
        return f"/requests/{self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesView(WithErrors):
    """The files of one question. One is posted to ``action`` as ``file``, with ``csrf``; one is taken away by its id, to ``remove_action``."""

    template: ClassVar[str] = "requests/files.html"
    width: ClassVar[str] = "narrow"

    reference: str
    project: str
    heading: str
    help: str
    action: str
    csrf: str
    back: Link
    files: tuple[FileRow, ...]
    is_single: bool
    accepted: str
    most_megabytes: int
    own_form: Link | None = None
    """A custodian's own form, to be filled in and attached here."""

    @property
    def remove_action(self) -> str:
        return f"{self.action}/remove"

    @property
    def title(self) -> str:
        return f"Error: {self.heading}" if self.errors else self.heading


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """``is_done`` where nothing that is required is missing."""

    words: str
    href: str
    answered: int
    asked: int
    minutes: int
    is_done: bool
    is_asked_again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPartRow:
    """What one custodian will receive. ``missing`` counts the answers that it still requires; ``is_new_form`` where it asks otherwise by now."""

    part: str
    name: str
    datasets: tuple[str, ...]
    route: str
    state: str
    missing: int
    questions: int
    is_new_form: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskListView(PageView):
    """``groups`` are headings with their rows. ``example_action`` is where the demonstration fills in example answers, None elsewhere."""

    template: ClassVar[str] = "requests/tasks.html"

    reference: str
    project: str
    groups: tuple[tuple[str, tuple[TaskRow, ...]], ...]
    parts: tuple[DraftPartRow, ...]
    csrf: str
    minutes: int
    status_href: str | None = None
    example_action: str | None = None
    is_led: bool = True
    """By who reads; collaborators write answers alone."""

    @property
    def title(self) -> str:
        return f"Request {self.reference}"

    @property
    def has_draft(self) -> bool:
        return any(part.state == "draft" for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """``href`` leads to the question on its page."""

    key: str
    label: str
    text: str
    href: str
    error: str = ""
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAnswersView(WithErrors):
    """Everything that was answered, before it is sent. ``chosen`` are the parts that are ticked."""

    template: ClassVar[str] = "requests/check.html"

    reference: str
    project: str
    action: str
    csrf: str
    topics: tuple[tuple[str, tuple[CheckLine, ...]], ...]
    parts: tuple[DraftPartRow, ...]
    chosen: tuple[str, ...]
    status_href: str | None = None
    advice: tuple[AdvicePanel, ...] = ()
    promised: frozenset[str] = frozenset()
    discloses: bool = False
    linked: frozenset[str] = frozenset()
    """Parts that are needed together."""

    @property
    def title(self) -> str:
        return "Error: check your answers" if self.errors else "Check your answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseDatasetsView(WithErrors):
    """Which datasets are asked for: before a request is begun (posted to ``/requests``), and while it is written.

    ``drafts`` are requests that were begun before.
    """

    template: ClassVar[str] = "requests/datasets.html"
    width: ClassVar[str] = "narrow"

    groups: tuple[BasketGroup, ...]
    chosen: tuple[str, ...]
    action: str
    csrf: str
    reference: str | None = None
    drafts: tuple[Link, ...] = ()

    @property
    def heading(self) -> str:
        return "Datasets you ask for" if self.reference else "Ask for data"

    @property
    def title(self) -> str:
        return f"Error: {self.heading}" if self.errors else self.heading


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDraftView(FormView):
    """``recipients`` are those whose parts were sent and stay."""

    template: ClassVar[str] = "requests/delete.html"

    reference: str
    project: str
    action: str
    csrf: str
    recipients: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        return "Delete this draft"
