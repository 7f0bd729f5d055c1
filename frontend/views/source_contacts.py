"""Who is told of a source's runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.addresses import source_path
from frontend.views.forms import FormView


@dataclass(frozen=True, slots=True)
class ContactRow:
    """``digest`` is never, problems, changes or always. ``webhook_url`` is set where ``address`` is the id of a webhook."""

    address: str
    digest: str
    webhook_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContactsView(FormView):
    """Fields: address or webhook, digest. ``webhooks`` are (id, address) of those that the custodian has."""

    template: ClassVar[str] = "sources/contacts.html"
    width: ClassVar[str] = "wide"

    source_name: str
    source_slug: str
    csrf: str
    contacts: tuple[ContactRow, ...] = ()
    webhooks: tuple[tuple[str, str], ...] = ()

    @property
    def heading(self) -> str:
        return "Who is told about its runs"

    @property
    def source_href(self) -> str:
        return source_path(self.source_slug)

    @property
    def base(self) -> str:
        return f"{self.source_href}/contacts"
