"""A person's profile: what they say about themselves once, how far each item is to be believed, and what a custodian sees of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import FormView
from frontend.views.layout import Link, PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFile:
    """``href`` opens it; None where it is harmful. ``told`` says what the scanner found."""

    name: str
    size_bytes: int
    href: str | None
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateForm:
    """Posted to ``action`` with ``file`` and csrf; removed by a post to ``action``/remove."""

    action: str
    accepted: str
    most_megabytes: int
    file: CertificateFile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileLine:
    """``level`` is stated, documented, verified or ended; ``verified`` says by whom and until when. ``facts`` are label and text."""

    name: str
    level: str
    verified: str | None
    facts: tuple[tuple[str, str], ...]
    evidence: str | None = None
    href: str | None = None
    """Where the person changes it, or the custodian verifies it."""
    remove: str | None = None
    certificate: CertificateFile | None = None
    """For the owner alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileGroup:
    """``add`` is None where another item cannot be added; ``why`` says what an empty group costs."""

    title: str
    why: str
    lines: tuple[ProfileLine, ...]
    add: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView(PageView):
    template: ClassVar[str] = "accounts/profile.html"
    width: ClassVar[str] = "narrow"

    name: str
    address: str
    groups: tuple[ProfileGroup, ...]
    identities: tuple[str, ...] = ()
    """Who else knows the person, in sentences."""
    sanctions: tuple[str, ...] = ()
    csrf: str
    takes_visas: bool = False

    @property
    def title(self) -> str:
        return "Your profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileCardView(PageView):
    """What a custodian sees: the person's own preview, or the page beside a request. ``back`` leads to where it was opened."""

    template: ClassVar[str] = "accounts/profile-card.html"
    width: ClassVar[str] = "narrow"

    name: str
    address: str
    groups: tuple[ProfileGroup, ...]
    identities: tuple[str, ...]
    back: Link
    is_preview: bool
    sanctions: tuple[str, ...] = ()
    sanction_href: str | None = None

    @property
    def title(self) -> str:
        return "What a custodian sees of you" if self.is_preview else f"Profile of {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileField:
    key: str
    label: str
    hint: str
    kind: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileItemView(FormView):
    """Fields: those of the group, csrf."""

    template: ClassVar[str] = "accounts/profile-item.html"

    fields: tuple[ProfileField, ...]
    action: str
    heading_words: str
    csrf: str
    loses_verification: bool = False
    certificate: CertificateForm | None = None
    """Of an item that takes one and is kept already."""

    @property
    def heading(self) -> str:
        return self.heading_words


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyItemView(FormView):
    """Fields: until, csrf."""

    template: ClassVar[str] = "workspace/verify-item.html"

    line: ProfileLine
    person: str
    custodian: str
    action: str
    back: Link
    csrf: str

    @property
    def heading(self) -> str:
        return f"Verify: {self.line.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SanctionView(FormView):
    """Fields: reason, begins_on, ends_on, csrf."""

    template: ClassVar[str] = "workspace/sanction.html"

    person: str
    reasons: tuple[tuple[str, str], ...]
    action: str
    back: Link
    csrf: str

    @property
    def heading(self) -> str:
        return f"Enter a sanction against {self.person}"


@dataclass(frozen=True, slots=True)
class VisaLine:
    """What became of a visa."""

    kind: str
    taken: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisasView(PageView):
    """``issuers`` whose visas count; ``lines`` are what became of those pasted just now; ``gives_out``: there is a key for our own."""

    template: ClassVar[str] = "accounts/visas.html"
    width: ClassVar[str] = "narrow"

    csrf: str
    issuers: tuple[str, ...]
    gives_out: bool
    is_read: bool = False
    lines: tuple[VisaLine, ...] = ()

    @property
    def title(self) -> str:
        return "Visas"
