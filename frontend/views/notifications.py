"""Notices, and what of them comes by mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import FormView
from frontend.views.layout import PageView


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """``mail`` says what became of the message."""

    at: str
    text: str
    href: str | None
    mail: str


@dataclass(frozen=True, slots=True)
class TopicChoice:
    """``options`` is empty where there is nothing to choose; else values, words and which is chosen."""

    name: str
    words: str
    explains: str
    options: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsView(FormView):
    """``trouble`` says why mail does not reach the person; ``can_confirm`` that a new link may be asked for."""

    template: ClassVar[str] = "accounts/notifications.html"

    csrf: str
    notices: tuple[NoticeLine, ...]
    topics: tuple[TopicChoice, ...]
    done: str = ""
    trouble: str = ""
    can_confirm: bool = False

    @property
    def heading(self) -> str:
        return "Notices"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneButtonView(PageView):
    """A link was opened, which changes nothing; the button does. Without ``action`` it is done."""

    template: ClassVar[str] = "accounts/one-button.html"
    width: ClassVar[str] = "narrow"

    heading: str
    sentence: str
    button: str = ""
    action: str | None = None
    csrf: str = ""

    @property
    def title(self) -> str:
        return self.heading
