"""A custodian's webhooks, and what was sent to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.layout import PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookMessageRow:
    """``state``: queued, sent, failed. ``at``: when it was sent, else made."""

    id: str
    event: str
    state: str
    attempts: int
    at: str
    trouble: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRow:
    id: str
    url: str
    is_active: bool
    trouble: str | None
    last_success: str | None
    messages: tuple[WebhookMessageRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookLogView(PageView):
    """``base`` is the page's own path, below which messages are sent again."""

    template: ClassVar[str] = "workspace/webhooks.html"
    width: ClassVar[str] = "wide"

    custodian_name: str
    base: str
    keys_href: str
    csrf: str
    webhooks: tuple[WebhookRow, ...]

    @property
    def title(self) -> str:
        return f"Webhooks of {self.custodian_name}"
