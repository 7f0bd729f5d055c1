"""The data use register: what is public about a part, worked out anew from its snapshot and its events, so that the entry cannot
disagree with the decision. The fields and their order are those of the Alliance's data use register standard, version 2."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.access.bank.telling import in_words, name_in
from gateway.access.bank.whole import BANK
from gateway.access.machine import fold
from gateway.access.parts import Event, PartState
from gateway.access.policy import DEFAULT
from gateway.access.telling import EVIDENCE

HEADINGS: Final[tuple[str, ...]] = (
    "Lead applicant organisation name", "Organisation ID", "Organisation sector", "Applicant names", "Applicant ID", "Funders/Sponsors",
    "DEA accredited researcher?", "Sub-licence arrangements (if any)?", "Project ID", "Project title", "Lay summary", "Public benefit statement",
    "Request category type", "Technical summary", "Other approval committees", "Project start date", "Project end date", "Latest approval date",
    "Dataset(s) name", "Data sensitivity level", "Legal basis for provision of data under Article 6", "Lawful conditions for provision of data under Article 9",
    "Common Law Duty of Confidentiality", "National data opt-out applied?", "Request frequency",
    "For linked datasets, specify how the linkage will take place",
    "For linked datasets, specify how any new assets created will be managed and archived",
    "Description of the confidential data being used", "Release/Access date", "Access type", "How has data been processed to enhance privacy?",
    "Link to research outputs",
)
"""Of the 32 fields, in the standard's order."""
REPORT_DUE: Final = "Report due"
MINIMUM: Final = (0, 9, 10, 11, 17, 18, 29)
"""Places in ``HEADINGS`` of the seven fields that no entry may lack."""
APPROVALS: Final = frozenset({"part.approved", "conditions.met", "outcome.recorded"})
PUBLIC: Final = frozenset({"active", "ended", "revoked"})
"""States in which the entry is public; an approval that was never taken up stays unpublished."""
NO_COMMITTEE: Final = frozenset({"sponsor", "DPIA"})
"""Kinds of evidence that are no approval of another body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Named:
    """A collaborator who agreed to be named, with the ORCID iD of their profile, if they have one."""

    name: str
    orcid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """``values`` are the 32 fields under their headings, empty where the form did not ask. ``status``: draft, active, suspended, ended, revoked.

    People's names and ORCID iDs stand there only where ``outputs.register_names`` says yes: the lead's, and those of the others who agreed.
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
    "outputs.named": "Links to research outputs changed",
}


def entry(
    *, reference: str, document: Mapping[str, Any], events: Iterable[Event], report_days: int = DEFAULT.report_days, named: Sequence[Named] = (),
    accreditation: str = "Unknown",
) -> Entry | None:
    """The entry of a part; None while nothing was approved. ``document`` is the snapshot that was decided on; ``report_days`` after the end
    of access the report is due. ``named`` are the collaborators who agreed to be named; whom the answers name did not. ``accreditation`` is
    what the lead's profile shows (gateway/access/accreditation.py)."""
    history = list(events)
    approved = approval(history)
    if approved is None:
        return None
    state = fold(history)
    opened = next((event for event in history if event.event == "access.activated"), None)
    values = {
        **_values(reference, document, approved, opened, named), "DEA accredited researcher?": accreditation,
        "Other approval committees": ", ".join(_committees(state)), REPORT_DUE: _report_due(state, report_days),
    }
    ended = next((event for event in reversed(history) if event.event in ("access.ended", "access.revoked")), None)
    return Entry(
        status=_status(state), values=values, dataset_refs=tuple(one["ref"] for one in document["datasets"]),
        approved_at=approved.at, opened_at=opened.at if opened else None, ended_at=ended.at if ended else None,
        history=tuple(HistoryLine(at=event.at, what=HISTORY[event.event]) for event in history if event.event in HISTORY),
    )


def _report_due(state: PartState, days: int) -> str:
    """The day, once access has ended and until the report is there."""
    is_awaited = state.state == "ended" and state.reported_at is None and state.since is not None
    return (state.since + timedelta(days=days)).date().isoformat() if is_awaited and state.since else ""


def approval(history: Sequence[Event]) -> Event | None:
    """The newest; without one there is no entry."""
    return next((event for event in reversed(history) if event.event in APPROVALS and _approves(event)), None)


def _approves(event: Event) -> bool:
    return event.event != "outcome.recorded" or event.payload.get("outcome") == "approved"


def _status(state: PartState) -> str:
    if state.state == "active":
        return "suspended" if state.is_suspended else "active"
    return state.state if state.state in PUBLIC else "draft"


def _committees(state: PartState) -> Iterator[str]:
    """The bodies whose approval the custodian confirmed, each with its reference."""
    for name, document in state.documents.items():
        kind = str(document.get("type"))
        if state.evidence[name] == "verified" and kind in EVIDENCE and kind not in NO_COMMITTEE:
            body = document.get("issuer") or ("" if kind == "other" else EVIDENCE[kind])
            yield _quoted(" ".join(part for part in (body, document.get("reference")) if part))


def _values(reference: str, document: Mapping[str, Any], approved: Event, opened: Event | None, named: Sequence[Named]) -> dict[str, str]:
    answers = document["answers"]
    known = {
        **_answered(answers),
        "Lead applicant organisation name": name_in(answers.get("people.lead.organisation")),
        "Organisation ID": _identifier(answers.get("people.lead.organisation")),
        "Applicant names": ", ".join(_people(answers, named)),
        "Applicant ID": _orcids(answers, named),
        "Funders/Sponsors": ", ".join(_payers(answers)),
        "Project ID": _registered(answers) or reference,
        "Latest approval date": approved.at.date().isoformat(),
        "Dataset(s) name": ", ".join(_quoted(one["title"] or one["ref"]) for one in document["datasets"]),
        "Release/Access date": opened.payload["access_starts"] if opened else None,
        "Project end date": answers.get("project.end") or (opened.payload["access_ends"] if opened else None),
        "How has data been processed to enhance privacy?": opened.payload.get("privacy_measures") if opened else None,
        "Access type": (opened or approved).payload.get("access_mode") or answers.get("data.access_mode"),
    }
    own = {"Commercial involvement": _yes_no(answers.get("project.commercial")), "Countries": _listed(answers.get("settings.countries"))}
    return {**{heading: str(known.get(heading) or "") for heading in HEADINGS}, **own}


def _yes_no(answer: Any) -> str:
    return {"yes": "Yes", "no": "No", True: "Yes", False: "No"}.get(answer, "") if isinstance(answer, str | bool) else ""


def _listed(answer: Any) -> str:
    return ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer or "")


def _answered(answers: Mapping[str, Any]) -> dict[str, str]:
    """Fields that are one answer of the bank."""
    return {
        question.register_field: in_words(question, answers[key], dates=str).replace("\n", ", ")
        for key, question in BANK.items() if question.register_field and key in answers
    }


def _identifier(organisation: Any) -> str | None:
    return organisation.get("id") if isinstance(organisation, Mapping) else None


def _is_named(answers: Mapping[str, Any]) -> bool:
    """Whether the lead agreed to be named."""
    return answers.get("outputs.register_names") == "yes"


def _people(answers: Mapping[str, Any], named: Sequence[Named]) -> list[str]:
    if not _is_named(answers):
        return []
    return [_quoted(name) for name in (answers["people.lead.name"], *(one.name for one in named))]


def _orcids(answers: Mapping[str, Any], named: Sequence[Named]) -> str:
    """In the order of the names, an empty place for whoever has none."""
    found = [answers.get("people.lead.orcid") or "", *(one.orcid for one in named)] if _is_named(answers) else []
    return ", ".join(found) if any(found) else ""


def links(written: str) -> list[str]:
    """The web addresses in a text or a cell."""
    return [one for one in re.split(r"[\s,;]+", written) if re.fullmatch(r"https?://[^\s<>\"']{3,2000}", one)]


def _payers(answers: Mapping[str, Any]) -> list[str]:
    rows = [*answers.get("project.funders", ()), *([answers["project.sponsor"]] if "project.sponsor" in answers else [])]
    return list(dict.fromkeys(_quoted(name_in(row)) for row in rows))


def _registered(answers: Mapping[str, Any]) -> str | None:
    """The IRAS number, where there is one."""
    return next((row["id"] for row in answers.get("project.ids", ()) if "iras" in row["kind"].casefold()), None)


def _quoted(title: str) -> str:
    """Lists are parted by commas; a title that holds one, or begins with a quotation mark, stands in quotation marks."""
    doubled = title.replace('"', '""')
    return f'"{doubled}"' if "," in title or title.startswith('"') else title
