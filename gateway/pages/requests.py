"""A request that was sent: the applicant's page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.addresses import dataset_path
from frontend.views.layout import Link
from frontend.views.requests import (
    Answer,
    AnsweredFile,
    DeliveryLine,
    EvidenceLine,
    RequestPart,
    RequestStatusView,
    TimelineEvent,
)
from frontend.words import ROUTES
from gateway.access.actions import APPLICANT_ACTIONS, action, offered, payload
from gateway.access.agreements import open_agreement
from gateway.access.answer_lines import AnswerLine
from gateway.access.bank.asking import asked_together
from gateway.access.commands import Command, answer, perform
from gateway.access.evidence_files import add_evidence
from gateway.access.exports import KINDS, export
from gateway.access.guards import signatory
from gateway.access.linkage import NOTES
from gateway.access.links import follow_path
from gateway.access.outputs import name_outputs
from gateway.access.redacting import redact
from gateway.access.references import is_reference
from gateway.access.status import DatasetLine, DeliveryStatus, PartStatus, RequestStatus, status
from gateway.access.telling import TimelineEntry
from gateway.access.transitions import ROWS
from gateway.api.asking import Serving
from gateway.errors import Conflict, NotAllowed, NotFound, Unprocessable
from gateway.pages.acting import Refused, action_form, field_errors, field_id, typed_in, typed_values
from gateway.pages.advice import advice_lines
from gateway.pages.agreement_rows import agreement_rows
from gateway.pages.answered_files import answered_files
from gateway.pages.drafts import task_list
from gateway.pages.evidence import evidence_lines
from gateway.pages.limited import by_token
from gateway.pages.sent_files import SentFile, sent_file
from gateway.pages.showing import PRIVATE_ADDRESS, layout, see_other, show_private
from gateway.pages.signed_in import signed_in
from gateway.pages.turns import turn_words
from gateway.store.database import utc_now
from gateway.web.answers import attached
from gateway.wiring import Services

router = APIRouter()
WITHDRAWN: Final = " (withdrawn from the catalogue since)"
HAS_OUTPUTS: Final = frozenset({"active", "ended"})
"""States in which something may have come of the data."""
NEXT_STEPS: Final = {
    "triage": "The gateway's staff look for the right desk and pass the request on.",
    "queued": "We deliver it and show here when that has succeeded.",
    "sent": "The custodian confirms that it has arrived.",
    "acknowledged": "The custodian decides, and writes to you.",
    "manual": "The gateway's staff deliver it by hand.",
}


@router.get("/requests/{token}")
def follow(request: Request, services: Serving, token: str) -> Response:
    """The private page; or, at a reference, what is still to be written, for who leads it."""
    if is_reference(token):
        return task_list(request, services, signed_in(request, services), token)
    return show_private(request, status_view(request, services, status(services.store, token), base=follow_path(token)))


@router.post("/requests/{token}/parts/{part}", dependencies=[by_token("message")])
async def act(request: Request, services: Serving, token: str, part: str) -> Response:
    """The applicant presses a button of one part; the private address is what gives the right to it."""
    async with request.form(max_fields=50, max_files=1) as posted:
        return await run_in_threadpool(_act, request, services, token, part, typed_in(posted), await sent_file(posted))


@router.get("/requests/{token}/parts/{part}/export.{kind}", dependencies=[by_token("export")])
def export_part(services: Serving, token: str, part: str, kind: str) -> Response:
    return exported(status(services.store, token), part, kind)


@router.get("/requests/{token}/parts/{part}/agreements/{document}")
def agreement(services: Serving, token: str, part: str, document: str) -> Response:
    return own_agreement(services, status(services.store, token), part, document)


def _act(request: Request, services: Services, token: str, part: str, posted: dict[str, str], file: SentFile) -> Response:
    base = follow_path(token)
    if file[0]:
        services.limits.take("attach", account=token, now=utc_now())
    refused = act_on_own(services, status(services.store, token), part, posted, actor="lead", file=file)
    if refused is None:
        return see_other(base)
    return show_private(request, status_view(request, services, status(services.store, token), base=base, refused=refused))


def act_on_own(services: Services, found: RequestStatus, part: str, posted: dict[str, str], *, actor: str, file: SentFile) -> Refused | None:
    """What somebody of the applicant's side did to one part of their request; None where it was done. Raises :class:`NotFound` for
    another's part, :class:`NotAllowed` for what is the lead's."""
    own = next((one for one in found.parts if one.part == part), None)
    if own is None:
        raise NotFound("There is no such part of this request.")
    wanted = action(APPLICANT_ACTIONS, posted.get("command", ""))
    if found.role not in ROWS[wanted.command].roles:
        raise NotAllowed("Whoever leads the request does this.", hint="Ask the lead.")
    version = posted.get("version", "")
    expected = int(version) if version.isdigit() else None
    try:
        command = Command(name=wanted.command, role=found.role, actor=actor, payload=payload(wanted, posted, state=own.folded), expected_version=expected)
        _carry_out(services, own, command, file)
    except (Unprocessable, Conflict) as error:
        return Refused(part, wanted, posted, error, had_file=bool(file[0]))
    services.jobs.enqueue("deliver")
    return None


def _carry_out(services: Services, own: PartStatus, command: Command, file: SentFile) -> None:
    store, sealer, values, expected, now = services.store, services.sealer, command.payload, command.expected_version, utc_now()
    if command.name == "start_amendment":
        raise Conflict("This needs your account.", hint="Sign in and open the request there.")
    if command.name == "resubmit":
        answer(store, sealer, own.part, reply=values["reply"], expected_version=expected, rules=services.uploads.rules, now=now)
    elif command.name == "name_outputs":
        name_outputs(store, sealer, own.part, written=values.get("outputs", ""), role="lead", actor=command.actor, expected_version=expected, now=now)
    elif command.name == "redact":
        redact(store, sealer, own.part, what=values["what"], reason=values["reason"], role="lead", actor=command.actor, expected_version=expected, now=now)
    elif command.name == "add_evidence":
        add_evidence(store, sealer, services.uploads, own.part, command, name=file[0], body=file[1], now=now)
    else:
        if command.name == "sign_agreement":
            signed = {"side": "applicant", "signatory": signatory(own.document["answers"]), "sha256": own.folded.agreement_sha256}
            command = replace(command, payload={**signed, **values})
        perform(store, sealer, own.part, command, now=now)


def own_agreement(services: Services, found: RequestStatus, part: str, document: str) -> Response:
    """Raises :class:`NotFound` for another's part."""
    if all(one.part != part for one in found.parts):
        raise NotFound("There is no such agreement.", hint="The request's page lists its agreements.")
    answer = attached(open_agreement(services.store, services.uploads.vault, part, document))
    answer.headers.update(PRIVATE_ADDRESS)
    return answer


def exported(found: RequestStatus, part: str, kind: str) -> Response:
    """One part as a file. Raises :class:`NotFound` for another's part, or a kind that is not written."""
    own = next((one for one in found.parts if one.part == part), None)
    file = export(own.document, own.form, kind) if own is not None else None
    if file is None:
        raise NotFound("There is no such file.", hint=f"Kinds: {', '.join(KINDS)}.")
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{file.name}"', **PRIVATE_ADDRESS}
    return Response(file.body, 200, headers, file.media_type)


def status_view(
    request: Request, services: Services, found: RequestStatus, *, base: str, csrf: str = "", refused: Refused | None = None, is_signed_in: bool = False
) -> RequestStatusView:
    """``base`` is the page's own path, below which the forms post. Answers are changed by who is signed in alone."""
    edit = f"/requests/{found.reference}" if is_signed_in and found.is_of_bank else None
    attached = {one.id: one for part in found.parts for one in part.files}
    rules, opened = services.uploads.rules, f"{edit}/files" if edit else None
    files = answered_files(attached.values(), rules, base=opened)
    return RequestStatusView(
        layout=layout(request, services, is_indexable=False), reference=found.reference, project_title=found.title,
        sent_at=found.sent_at.isoformat(), request_status=found.status, answers=shown_answers(found.lines, files), csrf=csrf, errors=field_errors(refused),
        values={**_named_links(found), **typed_values(refused)}, draft_href=edit if found.has_draft else None,
        parts=tuple(
            _part(part, f"{base}/parts/{part.part}", refused, edit, evidence_lines(part.folded, part.missing, part.papers, rules, base=opened))
            for part in found.parts
        ),
        people_href=f"{base}/people" if edit else None, events=tuple(timeline_event(entry) for entry in found.timeline if entry.event in NOTES),
    )


def _named_links(found: RequestStatus) -> dict[str, str]:
    """By the ids of the fields in which they are changed."""
    return {field_id(part.part, "name_outputs", "outputs"): "\n".join(part.outputs) for part in found.parts}


def shown_answers(lines: Iterable[AnswerLine], files: Mapping[str, tuple[AnsweredFile, ...]]) -> tuple[Answer, ...]:
    """``files`` as :func:`gateway.pages.answered_files.answered_files` gives them."""
    return tuple(Answer(question=line.label, answer=line.text, topic=line.topic, files=files.get(line.key, ())) for line in lines)


def _part(part: PartStatus, post_to: str, refused: Refused | None, edit: str | None, evidence: tuple[EvidenceLine, ...]) -> RequestPart:
    is_returned = part.state == "returned"
    return RequestPart(
        custodian_name=part.custodian_name or "Custodian not known", custodian_slug=part.custodian_slug, state=part.state,
        state_reason=part.explanation, since=_iso(part.since), turn=turn_words(part.turn, side="applicant", usual=part.usual_days), deadlines=part.deadlines, advice=advice_lines(part.advice), next_step=_next_step(part), datasets=dataset_links(part.datasets),
        delivery=delivery_line(part.delivery) if part.delivery else None, events=tuple(timeline_event(entry) for entry in part.timeline),
        action=post_to, prefix=f"{part.part}-", version=part.folded.version, asks=_asked(part), edit_href=edit if is_returned else None,
        answer_again=_answer_again(part, edit) if is_returned and edit else (),
        evidence=evidence, agreements=agreement_rows(part.agreements, post_to), use_href=f"/uses/{part.use}" if part.use else None,
        outputs=part.outputs if part.outputs or part.state in HAS_OUTPUTS else None,
        actions=tuple(
            action_form(one, removable=part.removable, is_open=refused is not None and (refused.part, refused.action) == (part.part, one))
            for one in offered(APPLICANT_ACTIONS, part.folded, part.possible, part.policy) if edit or one.command != "start_amendment"
        ),
        portal=Link(urlsplit(part.portal).hostname or part.portal, part.portal) if part.portal and part.state == "redirected" else None,
        waits_for=part.unapproved, exports=tuple(Link(kind.upper(), f"{post_to}/export.{kind}") for kind in KINDS),
    )


def _asked(part: PartStatus) -> str | None:
    if part.state != "returned":
        return None
    return next((entry.detail for entry in reversed(part.timeline) if entry.event == "part.returned"), None)


def _answer_again(part: PartStatus, edit: str) -> tuple[Link, ...]:
    labels = {line.key: line.label for line in part.lines}
    topics = {asked.key: topic.slug for topic in asked_together([part.form], part.document["answers"]) for asked in topic.asked}
    return tuple(Link(labels.get(key, key), f"{edit}/{topics[key]}#q-{key}") for key in part.folded.questions if key in topics)


def _next_step(part: PartStatus) -> str | None:
    if part.state != "submitted":
        return None
    return NEXT_STEPS.get(part.delivery.state if part.delivery else "triage")


def delivery_line(delivery: DeliveryStatus) -> DeliveryLine:
    return DeliveryLine(
        state=delivery.state, channel=ROUTES[delivery.channel], at=_iso(delivery.sent_at), attempts=delivery.attempts,
        tried_again_at=_iso(delivery.next_try) if delivery.attempts else None, trouble=delivery.last_error,
    )


def timeline_event(entry: TimelineEntry) -> TimelineEvent:
    return TimelineEvent(at=entry.at.isoformat(), what=entry.sentence, who=entry.who, detail=entry.detail)


def dataset_links(datasets: Sequence[DatasetLine]) -> tuple[Link, ...]:
    return tuple(Link(f"{dataset.title or dataset.ref}{WITHDRAWN if dataset.is_withdrawn else ''}", dataset_path(dataset.ref)) for dataset in datasets)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
