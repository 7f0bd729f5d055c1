"""The data use register: what is public about a part, worked out anew from its snapshot and its events, so that the entry cannot
disagree with the decision. The fields and their order are those of the Alliance's data use register standard, version 2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.access.machine import fold
from gateway.access.parts import Event, PartState

HEADINGS: Final[tuple[str, ...]] = (
    "Lead applicant organisation name", "Organisation ID", "Organisation sector", "Applicant names", "Applicant ID", "Funders/Sponsors",
    "DEA accredited researcher?", "Sub-licence arrangements (if any)?", "Project ID", "Project title", "Lay summary", "Public benefit statement",
    "Request category type", "Technical summary", "Other approval committees", "Project start date", "Project end date", "Latest approval date",
    "Dataset(s) name", "Data sensitivity level", "Legal basis for provision of data under Article 6", "Lawful conditions for provision of data under Article 9",
    "Common Law Duty of Confidentiality", "National data opt-out applied?", "Request frequency",
    "For linked datasets, specify how the linkage will take place", "How new data assets created from this linkage will be managed",
    "Description of the confidential data being used", "Release/Access date", "Access type", "How has data been processed to enhance privacy?",
    "Link to research outputs",
)
"""Of the 32 fields, in the standard's order."""
MINIMUM: Final = (0, 9, 10, 11, 17, 18, 29)
"""Places in ``HEADINGS`` of the seven fields that no entry may lack."""
APPROVALS: Final = frozenset({"part.approved", "conditions.met", "outcome.recorded"})
PUBLIC: Final = frozenset({"active", "ended", "revoked"})
"""States in which the entry is public; an approval that was never taken up stays unpublished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    at: datetime
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """``values`` are the 32 fields under their headings, empty where the form did not ask. ``status``: draft, active, suspended, ended, revoked.

    People's names appear nowhere: the form does not ask for their consent to it yet.
    """

    status: str
    values: Mapping[str, str]
    dataset_refs: tuple[str, ...]
    approved_at: datetime
    opened_at: datetime | None
    ended_at: datetime | None
    history: tuple[HistoryLine, ...]

    @property
    def is_public(self) -> bool:
        return self.opened_at is not None

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields of the minimum set that are empty."""
        return tuple(HEADINGS[place] for place in MINIMUM if not self.values[HEADINGS[place]])


HISTORY: Final[Mapping[str, str]] = {
    "part.approved": "Approved", "part.approved_conditionally": "Approved with conditions", "conditions.met": "Conditions met",
    "outcome.recorded": "Decision recorded", "access.activated": "Access opened", "access.suspended": "Access suspended",
    "access.resumed": "Access resumed", "access.ended": "Access ended", "access.revoked": "Access stopped by the custodian",
}


def entry(*, reference: str, document: Mapping[str, Any], events: Iterable[Event]) -> Entry | None:
    """The entry of a part; None while nothing was approved. ``document`` is the snapshot that was decided on."""
    history = list(events)
    approved = next((event for event in reversed(history) if event.event in APPROVALS and _approves(event)), None)
    if approved is None:
        return None
    state = fold(history)
    opened = next((event for event in history if event.event == "access.activated"), None)
    ended = next((event for event in reversed(history) if event.event in ("access.ended", "access.revoked")), None)
    return Entry(
        status=_status(state), values=_values(reference, document, approved, opened), dataset_refs=tuple(one["ref"] for one in document["datasets"]),
        approved_at=approved.at, opened_at=opened.at if opened else None, ended_at=ended.at if ended else None,
        history=tuple(HistoryLine(at=event.at, what=HISTORY[event.event]) for event in history if event.event in HISTORY),
    )


def _approves(event: Event) -> bool:
    return event.event != "outcome.recorded" or event.payload.get("outcome") == "approved"


def _status(state: PartState) -> str:
    if state.state == "active":
        return "suspended" if state.is_suspended else "active"
    return state.state if state.state in PUBLIC else "draft"


def _values(reference: str, document: Mapping[str, Any], approved: Event, opened: Event | None) -> dict[str, str]:
    answers = document["answers"]
    known = {
        "Lead applicant organisation name": answers.get("people.lead.organisation"),
        "Project ID": reference,
        "Project title": answers.get("project.title"),
        "Lay summary": answers.get("project.lay_summary"),
        "Public benefit statement": answers.get("project.public_benefit"),
        "Latest approval date": approved.at.date().isoformat(),
        "Dataset(s) name": ", ".join(_quoted(one["title"] or one["ref"]) for one in document["datasets"]),
        "Release/Access date": opened.payload["access_starts"] if opened else None,
        "Project end date": opened.payload["access_ends"] if opened else None,
        "Access type": opened.payload["access_mode"] if opened else approved.payload.get("access_mode"),
    }
    return {heading: str(known.get(heading) or "") for heading in HEADINGS}


def _quoted(title: str) -> str:
    """Lists are parted by commas; a title that holds one stands in quotation marks."""
    doubled = title.replace('"', '""')
    return f'"{doubled}"' if "," in title else title
