"""What an administrator may do about a request, and a part of one read in an emergency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from frontend.views.forms import FormView
from frontend.views.layout import Link, PageView
from frontend.views.requests import Answer, TimelineEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyPartRow:
    """``state`` in words. ``open_until`` where the reader opened it."""

    part: str
    custodian_name: str | None
    state: str
    open_until: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyView(FormView):
    """``reference`` is what was looked up; ``parts`` are empty where nothing was found. Fields of handing over: email, evidence.
    ``unlisted_wanted``: how many asked for data that is not listed in the last twelve months, by state of the question."""

    template: ClassVar[str] = "admin/requests.html"

    csrf: str
    reference: str
    parts: tuple[EmergencyPartRow, ...] = ()
    done: str = ""
    unlisted_wanted: Mapping[str, int] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        return "A request in an emergency"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyPartView(PageView):
    """For reading alone. ``people`` are names and addresses."""

    template: ClassVar[str] = "admin/part.html"
    width: ClassVar[str] = "wide"

    reference: str
    custodian_name: str
    project_title: str
    state: str
    until: str
    reason: str
    people: tuple[tuple[str, str], ...]
    datasets: tuple[Link, ...]
    answers: tuple[Answer, ...]
    events: tuple[TimelineEvent, ...]

    @property
    def title(self) -> str:
        return f"Request {self.reference}, opened in an emergency"
