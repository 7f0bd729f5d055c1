"""Adding a source and changing one: the kinds, and the form that is made from what a kind asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.addresses import source_path
from frontend.views.forms import FormView
from frontend.views.layout import PageView


@dataclass(frozen=True, slots=True)
class KindCard:
    """A kind that may be added."""

    name: str
    about: str
    needs: str
    href: str
    help_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKindsView(PageView):
    """Which kind of source is to be added. ``custodian_name`` is None where it is chosen on the next page."""

    template: ClassVar[str] = "sources/kinds.html"

    kinds: tuple[KindCard, ...]
    custodian_name: str | None = None
    back: tuple[str, str] = ("Sources", "/sources")
    """Words and address of the page before."""

    @property
    def title(self) -> str:
        return "Add a source"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionField:
    """``form`` is text, number, tick, choice, lines, pairs or secret; ``choices`` are (value, words)."""

    name: str
    label: str
    hint: str = ""
    form: str = "text"
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFormView(FormView):
    """Posted to ``action``. ``options`` are asked openly, ``further`` have a default that suits most and stand folded, ``policy``
    is what only the gateway's administrators choose. ``custodians`` are (slug, name) to choose from; without any it is settled."""

    template: ClassVar[str] = "sources/form.html"
    width: ClassVar[str] = "wide"

    action: str
    csrf: str
    kind: str
    needs: str
    help_href: str
    options: tuple[OptionField, ...] = ()
    further: tuple[OptionField, ...] = ()
    policy: tuple[OptionField, ...] = ()
    custodians: tuple[tuple[str, str], ...] = ()
    custodian_name: str | None = None
    weekdays: tuple[tuple[str, str], ...] = ()
    source_slug: str | None = None
    """Of the source that is changed."""
    source_name: str = ""
    has_secret: bool = False
    """One is kept, and never shown."""
    is_elsewhere: bool = False
    """Where it is read is settled by the gateway's administrators."""
    back: tuple[str, str] = ("Sources", "/sources")

    @property
    def heading(self) -> str:
        return "Settings of the source" if self.source_slug else "Add a source"

    @property
    def source_href(self) -> str:
        return source_path(self.source_slug or "")

    @property
    def has_folded_error(self) -> bool:
        folded = {field.name for field in self.further}
        return any(error.field in folded for error in self.errors)
