"""What every channel is given, what it answers, and how it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

Occasion = Literal["submitted", "resubmitted", "updated"]


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """``read`` opens it, which most channels never need."""

    name: str
    media_type: str
    read: Callable[[], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingPart:
    """One delivery. ``message_id`` is the same at every attempt; ``document`` is the snapshot the custodian decides on. ``occasion``: sent
    for the first time, sent back with answers to what the custodian asked, or changed because of another custodian.

    ``link`` is the full private address of the acknowledgement page. ``secret`` is open only here.
    """

    message_id: str
    occasion: Occasion = "submitted"
    target: str
    reference: str
    part: str
    custodian_slug: str
    custodian_name: str
    document: Mapping[str, Any]
    snapshot_sha256: str
    link: str
    secret: str | None = field(repr=False)
    former_secret: str | None = field(default=None, repr=False)
    """Signs as well for a day after a rotation."""
    created_at: datetime
    attempted_at: datetime
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of the route, where its channel has any."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The answers in words, by key of the question bank."""
    files: Mapping[str, tuple[OutgoingFile, ...]] = field(default_factory=dict)
    """Attached files by key of the question, for channels that send them; others say where they can be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that the other side took the message: what is kept of its answer."""

    facts: Mapping[str, Any]


class DeliveryError(Exception):
    """The text is for the applicant's page: plain words, no address, no secret."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class DeliveryDeferred(DeliveryError):
    """It may succeed later. ``retry_after_seconds`` is what the other side asked for."""

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class DeliveryFailed(DeliveryError):
    """It will not succeed by itself: the other side refused for good, or the route cannot be used."""


class DeliveryUnfit(DeliveryFailed):
    """The other side will not take this part, whatever is tried; others may go there."""


class Channel(Protocol):
    def deliver(self, part: OutgoingPart) -> Receipt:
        """Hand the part over. Raises :class:`DeliveryDeferred` or :class:`DeliveryFailed`, nothing else."""
        ...
