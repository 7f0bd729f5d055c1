"""``/account/export.json`` and ``/account/export.zip``: what is held of a person, for that person."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from gateway.access.own_export import write_requests
from gateway.accounts import security
from gateway.accounts.oidc import linking
from gateway.accounts.people import Person
from gateway.accounts.profile import certificates
from gateway.accounts.profile.seen import own_card
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.pages.limited import by_account
from gateway.pages.profile import exported as exported_profile
from gateway.pages.signed_in import SignedIn, fresh_factor
from gateway.searches import keeping
from gateway.store.database import utc_now
from gateway.wiring import Services

router = APIRouter(prefix="/account")
ALLOWED = [fresh_factor(Sensitive.EXPORT, if_any=True), by_account("export")]
AT_ONCE = 1 << 20


@router.get("/export.json", dependencies=ALLOWED)
def export(services: Serving, person: SignedIn) -> Response:
    """Everything that the account's tables hold about the person, save what only proves who they are."""
    return Response(_account(services, person), 200, _as("my-account.json"), "application/json")


@router.get("/export.zip", dependencies=ALLOWED)
def export_all(services: Serving, person: SignedIn) -> Response:
    """The same, with the certificates of the profile, and the person's requests and their files."""
    held = TemporaryFile()  # noqa: SIM115  closed when the last piece is sent
    with ZipFile(held, "w") as archive:
        archive.writestr("account.json", _account(services, person))
        _put_certificates(archive, services, person)
        write_requests(archive, services.store, services.uploads, person)
    held.seek(0)
    return StreamingResponse(_pieces(held), 200, _as("my-account.zip"), "application/zip")


def _put_certificates(archive: ZipFile, services: Services, person: Person) -> None:
    """Those of the profile, in a folder of their own; harmful ones are left out."""
    found = certificates.of_person(services.store, person)
    for number, row in found.items():
        if row.state != "refused":
            file = certificates.opened(services.uploads, found, number)
            archive.writestr(f"certificates/{file.ascii_name}", file.body, ZIP_DEFLATED)


def _pieces(held: IO[bytes]) -> Iterator[bytes]:
    with held:
        while piece := held.read(AT_ONCE):
            yield piece


def _as(name: str) -> dict[str, str]:
    return {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}


def _account(services: Services, person: Person) -> bytes:
    now = utc_now()
    held = {
        "subject": person.subject, "name": person.name, "address": person.address, "organisation": person.organisation,
        "roles": [one.words for one in person.held], "second_factor": person.has_second_factor,
        "sessions": [
            {"browser": row.browser, "since": row.created_at, "last_used": row.seen_at}
            for row in security.open_sessions(services.store, person, now=now)
        ],
        "profile": exported_profile(own_card(services.store, person, today=now.date()), certificates.of_person(services.store, person)),
        "saved_searches": keeping.exported(services.store, services.catalogue, person.subject),
        "identities": [
            {"provider": one.provider_name, "issuer": one.issuer, "subject": one.subject, "label": one.label, "level": one.level,
             "since": one.linked_at, "last_used": one.last_used_at}
            for one in linking.of_person(services.store, person)
        ],
    }
    return orjson.dumps(held, option=orjson.OPT_INDENT_2)
