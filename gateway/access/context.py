"""What the machine must be told about a part and cannot look up: its custodian's choices, its answers, how the ethics opinion stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from gateway.access import guards
from gateway.access.linkage import unapproved
from gateway.access.participants import participants, without_training
from gateway.access.parts import PartState
from gateway.access.pathways.required import required_evidence
from gateway.access.policy import Policy, policy_of
from gateway.access.timetable import Running
from gateway.access.working_days import calendar_of
from gateway.models import Custodian, Request, RequestPart
from gateway.store import clocks, requests
from gateway.store.database import utc_now


def policy_for(session: Session, part: RequestPart) -> Policy:
    """The choices under which the part was made; later ones are for later parts."""
    return policy_of(clocks.policy_at(session, part.custodian_id, part.created_at))


def running(session: Session, part: RequestPart, custodian: Custodian | None, answers: Mapping[str, Any]) -> Running:
    return Running(
        policy=policy_for(session, part), calendar=calendar_of(custodian.nations if custodian else ()),
        lead_times=clocks.lead_times(session, part.dataset_refs), rec_opinion=_opinion_day(answers),
    )


def settings_of(session: Session, part: RequestPart, state: PartState) -> dict[str, Any]:
    """For the guards."""
    answers = requests.newest_answers(session, part.id)
    policy = policy_for(session, part)
    request = session.get_one(Request, part.request_id)
    is_opening = state.state == "approved"
    return {
        "lead": request.lead_subject, "linkage": unapproved(session, part) if is_opening else (),
        "untrained": without_training(participants(session, request, answers, today=utc_now().date())) if is_opening and policy.needs_training else (),
        **policy.facts(), "evidence": required_evidence(policy, answers), "channel": part.channel, "answers": answers,
        "ethics_status": ethics_status(answers, state),
    }


def ethics_status(answers: Mapping[str, Any], state: PartState) -> str:
    """*favourable* and *unfavourable* were confirmed by the custodian; *claimed* is what the applicant says."""
    opinions = {name: document for name, document in state.documents.items() if document.get("type") == "REC" and state.evidence[name] != "refused"}
    confirmed = [document.get("opinion") for name, document in opinions.items() if state.evidence[name] == "verified"]
    if confirmed:
        return "unfavourable" if "unfavourable" in confirmed else "favourable"
    if "REC" in state.awaited or answers.get("project.ethics_status") == "pending":
        return "pending"
    return "claimed" if opinions or answers.get("project.ethics_status") in ("given", "opinion given") else "none"


def _opinion_day(answers: Mapping[str, Any]) -> date | None:
    stated = answers.get("project.ethics_dates")
    first = stated.get("from") if isinstance(stated, Mapping) else stated
    return guards.day(first)
