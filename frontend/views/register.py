"""The register of a custodian as its people keep it: entries and drafts, a file tried first, one entry with what can be done to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import FormView
from frontend.views.layout import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """``until`` is the end of an embargo that runs."""

    href: str
    title: str
    organisation: str
    state: str
    approved_at: str
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRegisterView(FormView):
    """``sectors`` are (spelling, listed sector): how files are understood."""

    template: ClassVar[str] = "workspace/register.html"
    width: ClassVar[str] = "wide"

    custodian_name: str
    inbox_href: str
    action: str
    csrf: str
    rows: tuple[EntryRow, ...]
    sectors: tuple[tuple[str, str], ...]
    export_href: str
    done: str = ""

    @property
    def heading(self) -> str:
        return f"Register of {self.custodian_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRow:
    row: int
    column: str
    sentence: str
    written: str
    is_error: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTrialView(FormView):
    """What an import of a file would do. ``counts`` are (words, number); ``sectors`` are those of this file."""

    template: ClassVar[str] = "workspace/register_trial.html"
    width: ClassVar[str] = "wide"

    back: Link
    action: str
    csrf: str
    sha256: str
    name: str
    encoding: str
    counts: tuple[tuple[str, int], ...]
    can_import: bool
    has_names: bool
    faults: tuple[FaultRow, ...]
    faults_not_shown: int
    sectors: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]

    @property
    def heading(self) -> str:
        return "What this file would do"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDataset:
    """A dataset's name in a file, and the datasets it may mean: (ref, title). ``is_exact``: by identifier or title."""

    name: str
    is_exact: bool
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEntryView(FormView):
    """One entry. ``is_draft`` means a draft of an import, which can be published or taken away."""

    template: ClassVar[str] = "workspace/register_entry.html"
    width: ClassVar[str] = "wide"

    back: Link
    action: str
    csrf: str
    entry_title: str
    state: str
    is_draft: bool
    can_hold_back: bool
    public_href: str | None
    fields: tuple[tuple[str, str], ...]
    names: tuple[NamedDataset, ...] = ()
    embargo_until: str = ""
    embargo_reason: str = ""
    outputs: str = ""
    has_outputs: bool = True
    """Whether something may have come of it already."""
    version: int | None = None
    """Of the part that the entry follows."""

    @property
    def heading(self) -> str:
        return self.entry_title
