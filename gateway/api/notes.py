"""``/datasets/{ref}/notes``: curators' notes beside a record."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from gateway.api.asking import Serving, key_with
from gateway.api.problems import problem_responses
from gateway.api.shapes.datasets import NoteList, NoteShape
from gateway.errors import NotFound
from gateway.models import Note, Record
from gateway.store import notes, records
from gateway.web.answers import json_answer
from gateway.web.auth import Credential

router = APIRouter(prefix="/datasets/{ref}/notes", tags=["Datasets"])
Ref = Annotated[str, Path(description="The dataset's short identifier.", examples=["mfrggzdfmz"])]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The note's number.")]
Curator = Annotated[Credential, Depends(key_with("curate"))]


class NewNote(BaseModel):
    text: str = Field(min_length=1, max_length=5_000, pattern=r"\S", examples=["The contact moved; asked on 3 May."])


@router.get("", summary="Notes beside a dataset", response_model=None, dependencies=[Depends(key_with("curate"))],
            responses={200: {"model": NoteList}, **problem_responses(401, 403, 404)})
def listing(request: Request, services: Serving, ref: Ref) -> Response:
    """Oldest first. No harvest touches them, and the public does not see them."""
    with services.store.reading() as session:
        found = [_shape(one) for one in notes.of_record(session, _record(session, ref).id)]
    return json_answer(request, {"items": found})


@router.post("", summary="Write a note beside a dataset", status_code=201, response_model=None,
             responses={201: {"model": NoteShape}, **problem_responses(401, 403, 404, 422)})
def add(request: Request, services: Serving, curator: Curator, ref: Ref, wanted: Annotated[NewNote, Body()]) -> Response:
    with services.store.transaction() as tx:
        record = _record(tx.session, ref)
        note = _shape(notes.add(tx.session, record.ref, text=wanted.text.strip(), by=curator.name, now=services.clock()))
    return json_answer(request, note, status=201, headers={"Location": f"/api/v1/datasets/{ref}/notes"})


@router.delete("/{number}", summary="Withdraw a note", status_code=204, response_model=None, dependencies=[Depends(key_with("curate"))],
               responses=problem_responses(401, 403, 404))
def withdraw(services: Serving, ref: Ref, number: Number) -> Response:
    with services.store.transaction() as tx:
        notes.withdraw_of(tx.session, _record(tx.session, ref).id, number, now=services.clock())
    return Response(status_code=204)


def _record(session: Session, ref: str) -> Record:
    found = records.by_ref(session, ref)
    if found is None:
        raise NotFound(f"There is no dataset {ref!r}.", hint="Notes stand beside records of any state, under their short identifier.")
    return found


def _shape(note: Note) -> dict[str, Any]:
    return {"id": note.id, "text": note.text, "by": note.by, "at": note.at}
