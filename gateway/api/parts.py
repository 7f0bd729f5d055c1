"""``/parts``: a custodian's own system reads the requests that were sent to it, and says what it decided. Its key carries
``parts:read`` or ``parts:act``; parts of others do not exist for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.agreements import issue, open_agreement, written
from gateway.access.commands import Command, perform
from gateway.access.evidence_files import told
from gateway.access.opening_files import open_for_integration
from gateway.access.workspace import STAGES, PartDetail, integration_detail, integration_inbox
from gateway.api.asking import Serving, own_key
from gateway.api.command_payloads import checked
from gateway.api.idempotency import IdempotencyKey, body_digest, once
from gateway.api.paging import page
from gateway.api.problems import problem_responses
from gateway.api.shapes.parts import PartAnswer, PartPage
from gateway.web.answers import attached, json_answer
from gateway.web.auth import Credential
from gateway.wiring import Services

router = APIRouter(prefix="/parts", tags=["Requests"])
Reader = Annotated[Credential, Depends(own_key("parts:read"))]
Actor = Annotated[Credential, Depends(own_key("parts:act"))]
PartId = Annotated[str, Path(description="The part's id, as in the webhook.", pattern="^[0-9a-f]{24}$")]
FileId = Annotated[str, Path(description="The file's id, as in `files` and `evidence`.", pattern="^[0-9a-f]{24}$")]
Stage = Annotated[Literal["new", "checking", "applicant", "review", "granting", "active", "done"] | None, Query(description="Only these.")]
PRIVATE = {"Cache-Control": "no-store"}


class CommandBody(BaseModel):
    """``payload`` is what the command needs; a refusal says what is missing, and names what the command has no field for."""

    model_config = ConfigDict(extra="forbid")
    command: str = Field(max_length=50, examples=["acknowledge"])
    version: int | None = Field(None, description="The part's version that you saw; another one is refused.", examples=[2])
    payload: dict[str, Any] = Field(default_factory=dict, examples=[{"delivery": "msg_7f3a"}])


@router.get("", summary="Requests to you", response_model=None, responses={200: {"model": PartPage}, **problem_responses(401, 403, 404, 422)})
def listing(request: Request, services: Serving, who: Reader, stage: Stage = None) -> Response:
    """Those that changed last come first. Answers are with each one."""
    items = [
        {
            "part": line.part, "reference": line.reference, "title": line.title, "state": line.state, "since": line.since,
            "sent_at": line.sent_at, "datasets": line.datasets, "kept_out": line.kept_out,
        }
        for line in integration_inbox(services.store, _own(who), who.owner) if stage is None or line.state in STAGES[stage]
    ]
    return json_answer(request, page(request, items, next_position=None), headers=PRIVATE)


@router.get("/{part}", summary="One request to you", response_model=None, responses={200: {"model": PartAnswer}, **problem_responses(401, 403, 404, 422)})
def one(request: Request, services: Serving, who: Reader, part: PartId) -> Response:
    """Answers and datasets as they were sent last, what happened, and which commands your system could give now."""
    return json_answer(request, _shape(integration_detail(services.store, _own(who), part, who.owner)), headers=PRIVATE)


@router.get("/{part}/files/{file}", summary="A file of a request", response_class=Response,
            responses={200: {"content": {"application/octet-stream": {}}}, **problem_responses(401, 403, 404, 409, 422)})
def part_file(services: Serving, who: Reader, part: PartId, file: FileId) -> Response:
    """The bytes, as the snapshot's `sha256` has them. 409 where the gateway's scanner found something harmful since, or has not looked yet."""
    return attached(open_for_integration(services.store, services.uploads, _own(who), part=part, file=file, owner=who.owner))


@router.get("/{part}/agreements/{document}", summary="An agreement of a request", response_class=Response,
            responses={200: {"content": {"application/octet-stream": {}}}, **problem_responses(401, 403, 404, 422)})
def part_agreement(services: Serving, who: Reader, part: PartId, document: FileId) -> Response:
    """The bytes that both sides sign, as `sha256` has them."""
    found = integration_detail(services.store, _own(who), part, who.owner)
    return attached(open_agreement(services.store, services.uploads.vault, found.part, document))


@router.post("/{part}/commands", summary="Say what you did with a request", response_model=None,
             responses={200: {"model": PartAnswer}, **problem_responses(401, 403, 404, 409, 422)})
def command(
    request: Request, services: Serving, who: Actor, part: PartId, wanted: Annotated[CommandBody, Body()], key: IdempotencyKey = None,
) -> Response:
    """Decisions (`approve`, `approve_conditionally`, `reject`, `record_outcome`) name who decided in your system and when: `decided_by`,
    `decided_at`. Whatever the request's stage does not allow is refused with 409 and what would be allowed."""
    digest = body_digest(wanted.model_dump_json().encode())
    return once(request, services, who, key, digest, lambda: _command(request, services, who, part, wanted))


def _command(request: Request, services: Services, who: Credential, part: str, wanted: CommandBody) -> Response:
    custodian = _own(who)
    integration_detail(services.store, custodian, part, who.owner)
    payload = checked(wanted.command, wanted.payload)
    if wanted.command == "issue_agreement" and payload.get("text"):
        paper = written(payload.get("agreement", ""), payload["text"])
        issue(
            services.store, services.sealer, services.uploads.vault, part, paper, role="integration", actor=f"key:{who.key_id}",
            expected_version=wanted.version, now=services.clock(),
        )
    else:
        given = _given(who, wanted, payload)
        perform(services.store, services.sealer, part, given, now=services.clock())
    services.jobs.enqueue("deliver")
    return json_answer(request, _shape(integration_detail(services.store, custodian, part, who.owner)), headers=PRIVATE)


def _given(who: Credential, wanted: CommandBody, payload: dict[str, Any]) -> Command:
    return Command(
        name=wanted.command, role="integration", actor=f"key:{who.key_id}", payload=payload, expected_version=wanted.version,
    )


def shape_for(services: Services, custodian_id: int, part: str) -> dict[str, Any]:
    """One request to a custodian. Raises :class:`NotFound` for a part of another."""
    return _shape(integration_detail(services.store, custodian_id, part))


def _own(who: Credential) -> int:
    assert who.custodian_id is not None, "own_key lets in keys of custodians alone"
    return who.custodian_id


def _shape(found: PartDetail) -> dict[str, Any]:
    state = found.state
    return {
        "part": found.part, "reference": found.reference, "title": found.title, "state": state.state, "version": state.version, "since": state.since,
        "answers": found.answers, "files": [asdict(one) for one in found.files], "evidence": told(state, found.papers),
        "datasets": [{"ref": line.ref, "title": line.title, "version": line.version} for line in found.datasets],
        "others": [name for name, _ in found.others], "conditions": state.conditions, "access_ends": state.access_ends,
        "agreements": [asdict(one) for one in found.agreements],
        "history": [{"at": entry.at, "what": entry.sentence, "who": entry.who, "detail": entry.detail} for entry in found.timeline],
        "allowed": list(found.possible),
    }
