"""``/audit``: read and verify, for auditors and privacy officers; a custodian's team administrators read its own stream.

``/audit/heads`` is for everybody.
"""

from __future__ import annotations

from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from frontend.views.audit import AuditHeadsView, AuditLine, AuditView, SignedDay
from frontend.views.layout import Link
from frontend.words import counted
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.api.asking import Serving
from gateway.audit.actions import words
from gateway.audit.heads import told
from gateway.audit.verify import Verified, verify
from gateway.errors import NotFound
from gateway.models import AuditRow
from gateway.pages.showing import layout, show
from gateway.pages.signed_in import MEMBERS, FromOwnForm, SignedIn
from gateway.store import accounts, audit
from gateway.store.audit import Entry
from gateway.wiring import Services

router = APIRouter()
AT_ONCE: Final = 100
DAYS: Final = 366
Before = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@router.get("/audit/heads")
def heads_page(request: Request, services: Serving) -> Response:
    with services.store.reading() as session:
        rows = audit.recent_heads(session, limit=DAYS)
    days = tuple(
        SignedDay(row.day, len(row.document["heads"]), sum(one["sequence"] for one in row.document["heads"].values()), row.key_id, row.signature)
        for row in rows
    )
    return show(request, AuditHeadsView(layout=layout(request, services), days=days, public_key=services.audit_signer.public_key))


@router.get("/audit/heads.json")
def heads_json(services: Serving) -> Response:
    with services.store.reading() as session:
        days = [told(row) for row in audit.recent_heads(session, limit=DAYS)]
    body = orjson.dumps({"public_key": services.audit_signer.public_key, "days": days}, option=orjson.OPT_INDENT_2)
    return Response(body, 200, {"Cache-Control": "public, no-cache"}, "application/json")


@router.get("/audit")
@router.get("/audit/{stream:path}")
def stream_page(request: Request, services: Serving, person: SignedIn, stream: str = audit.GATEWAY, before: Before = None) -> Response:
    person.require(Action.AUDIT)
    return show(request, _view(request, services, person, stream, f"/audit/{stream}", before=before), store=False)


@router.post("/audit/{stream:path}")
def verify_stream(request: Request, services: Serving, person: FromOwnForm, stream: str) -> Response:
    person.require(Action.AUDIT)
    return _verified(request, services, person, stream, f"/audit/{stream}")


@router.get("/w/{custodian}/audit", dependencies=MEMBERS)
def own_page(request: Request, services: Serving, person: SignedIn, custodian: str, before: Before = None) -> Response:
    _require_own(person, custodian)
    return show(request, _view(request, services, person, audit.organisation(custodian), f"/w/{custodian}/audit", before=before), store=False)


@router.post("/w/{custodian}/audit", dependencies=MEMBERS)
def verify_own(request: Request, services: Serving, person: FromOwnForm, custodian: str) -> Response:
    _require_own(person, custodian)
    return _verified(request, services, person, audit.organisation(custodian), f"/w/{custodian}/audit")


def _require_own(person: Person, custodian: str) -> None:
    """Its team administrators, and who reads every stream. The gateway's administrator reads none."""
    is_own = any(one.role == "team_admin" and one.custodian == custodian for one in person.held) and person.may(Action.MEMBERS, custodian=custodian)
    if not is_own and not person.may(Action.AUDIT):
        raise NotFound("There is nothing at this address.")


def _verified(request: Request, services: Services, person: Person, stream: str, path: str) -> Response:
    found = verify(services.store, services.audit_signer, stream=stream)
    with services.store.transaction() as tx:
        outcome = "wrong" if found.wrong else "right"
        audit.note(tx.session, Entry(stream=audit.GATEWAY, action="audit.verified", object=f"stream/{stream}", outcome=outcome))
    return show(request, _view(request, services, person, stream, path, found=found), store=False)


def _view(
    request: Request, services: Services, person: Person, stream: str, path: str, *, before: int | None = None, found: Verified | None = None
) -> AuditView:
    with services.store.reading() as session:
        known = [name for name, _ in audit.streams(session)]
        if stream not in (*known, audit.GATEWAY, audit.SECURITY) and path.startswith("/audit/"):
            raise NotFound("There is no such stream.", hint="The audit page lists all of them.")
        rows = audit.rows(session, stream, before=before, limit=AT_ONCE)
        names = accounts.names(session, [row.actor for row in rows])
    links = tuple(Link(name, f"/audit/{name}") for name in known) if path.startswith("/audit/") else ()
    older = f"{path}?before={rows[-1].sequence}" if len(rows) == AT_ONCE and rows[-1].sequence > 1 else None
    return AuditView(
        layout=layout(request, services, is_indexable=False), name=stream, action=path, csrf=person.csrf, streams=links, older=older,
        lines=tuple(_line(row, names) for row in rows), verified=_sentences(found), is_wrong=bool(found and found.wrong),
    )


def _line(row: AuditRow, names: dict[str, str]) -> AuditLine:
    return AuditLine(
        sequence=row.sequence, at=row.at.isoformat(), who=names.get(row.actor, row.actor), role=row.role, what=words(row.action),
        object=row.object, outcome=row.outcome,
    )


def _sentences(found: Verified | None) -> tuple[str, ...]:
    if found is None:
        return ()
    if found.wrong:
        return tuple(f"Something was changed. {one.sentence}" for one in found.wrong)
    return (f"Every row is as it was written: {counted(found.rows, 'row')}, {counted(found.days, 'signed day')}.",)
