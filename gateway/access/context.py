"""What the machine must be told about a part and cannot look up: its custodian's choices, its answers, how the ethics opinion stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from gateway.access import guards
from gateway.access.bank.asking import asked_of, missing
from gateway.access.keeping_out import barred
from gateway.access.linkage import unapproved
from gateway.access.machine import offers
from gateway.access.part_forms import form_of
from gateway.access.participants import participants, without_training
from gateway.access.parts import Facts, PartState, Role
from gateway.access.pathways.keeping import pathway_at
from gateway.access.pathways.required import required_evidence
from gateway.access.policy import Policy, policy_of
from gateway.access.raised_flags import reviewed_for
from gateway.access.timetable import Running
from gateway.access.working_days import calendar_of
from gateway.models import Custodian, FormTemplate, Request, RequestPart, Route
from gateway.store import clocks, requests
from gateway.store.database import utc_now


def policy_for(session: Session, part: RequestPart) -> Policy:
    """The choices under which the part was made, and its pathway as it was then; later ones are for later parts."""
    chosen = policy_of(clocks.policy_at(session, part.custodian_id, part.created_at))
    return replace(chosen, followed=pathway_at(session, chosen.pathway, part.created_at))


def running(session: Session, part: RequestPart, custodian: Custodian | None, answers: Mapping[str, Any]) -> Running:
    return Running(
        policy=policy_for(session, part), calendar=calendar_of(custodian.nations if custodian else ()),
        lead_times=clocks.lead_times(session, part.dataset_refs), rec_opinion=_opinion_day(answers),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """``commands`` could be given now, with the right words, in the order of the table; ``hindered`` are those that the stage would allow, and
    what stands in the way of each."""

    commands: tuple[str, ...]
    hindered: Mapping[str, str]


def possible(session: Session, part: RequestPart, state: PartState, *, roles: Iterable[Role], actor: str, now: datetime) -> Possible:
    """For somebody with these roles."""
    people, settings = barred(session, part), settings_of(session, part, state)
    found: dict[str, str | None] = {}
    for role in roles:
        for command, problem in offers(state, Facts(role=role, actor=actor, at=now, people=people, settings=settings)).items():
            if problem is None or command not in found:
                found[command] = problem
    return Possible(
        commands=tuple(command for command, problem in found.items() if problem is None),
        hindered={command: problem for command, problem in found.items() if problem is not None},
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
        **_of_the_form(session, part, state, request, answers), **_of_the_route(session, part, state),
        **policy.facts(), "evidence": required_evidence(policy, answers), "reviewed_for": reviewed_for(policy, answers), "channel": part.channel, "answers": answers,
        "ethics_status": ethics_status(answers, state),
    }


def _of_the_form(session: Session, part: RequestPart, state: PartState, request: Request, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What the part was asked, and lacks. Nothing for requests from before the question bank."""
    if state.state not in ("screening", "in_review", "approved_conditionally") or request.bank_version is None:
        return {}
    template = session.get(FormTemplate, part.form_id) if part.form_id else None
    form = form_of(template, session.get(Custodian, part.custodian_id) if part.custodian_id else None)
    lacking = (form.question(one.key) for one in missing(form, answers))
    return {"asked": frozenset({*asked_of(form, answers), *answers}), "unanswered": tuple(dict.fromkeys(one.label for one in lacking if one is not None))}


def _of_the_route(session: Session, part: RequestPart, state: PartState) -> dict[str, Any]:
    route = session.get(Route, part.route_id) if part.route_id and state.state == "redirected" else None
    return {"reference_format": (route.settings or {}).get("reference_format") if route is not None else None}


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
