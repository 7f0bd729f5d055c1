"""The shapes of answers about webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from gateway.api.shapes.base import Paged, Shape


class WebhookShape(Shape):
    id: str
    url: str
    events: list[str]
    contact: str | None
    state: str = Field(description="active, or disabled after five days in which it took nothing", examples=["active"])
    sequence: int = Field(description="Number of the newest message.")
    failing_since: datetime | None
    last_error: str | None
    last_success_at: datetime | None
    created_at: datetime


class WebhookList(Shape):
    items: list[WebhookShape]


class WebhookWithSecret(WebhookShape):
    secret: str = Field(description="Shown only now.", examples=["whsec_…"])


class MessageShape(Shape):
    id: str
    event: str = Field(examples=["dataset.published"])
    sequence: int
    state: str = Field(description="queued, sent or failed")
    attempts: int
    due_at: datetime | None
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None
    data: dict[str, Any]


class MessagePage(Paged):
    items: list[MessageShape]
