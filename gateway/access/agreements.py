"""Agreements as documents: issued from a text, a file or the custodian's template; kept with their hash; read by both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from gateway.access.carrying_files import new_file_id
from gateway.access.commands import Command, perform_in
from gateway.access.files import Download
from gateway.access.parts import PartState, Role
from gateway.errors import NotFound, Unprocessable
from gateway.models import Agreement, AgreementTemplate
from gateway.store import Store, agreements, custodians, requests
from gateway.store.files import Files
from gateway.store.sealing import Sealer
from gateway.store.vault import Vault
from gateway.uploads.checking import CheckedFile, check, refused
from gateway.uploads.keeping import Uploads
from gateway.uploads.names import download_name
from gateway.uploads.scanning import WHILE_SOMEBODY_WAITS

TEXT: Final = "text/plain; charset=utf-8"
LONGEST_TEXT: Final = 200_000
LONGEST_TITLE: Final = 200
PLACES: Final[Mapping[str, str]] = {
    "{reference}": "reference of the request", "{project}": "title of the project", "{applicant}": "the applicant's organisation",
    "{signatory}": "who signs for the applicant", "{custodian}": "your name", "{datasets}": "titles of the datasets", "{until}": "last day of the approval",
}
"""What stands in the text of a template for what the request says."""
Standing = Literal["unsigned", "by_applicant", "by_custodian", "in_force", "replaced", "over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What is to be signed, before it is issued."""

    title: str
    name: str
    media_type: str
    body: bytes
    template_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementLine:
    """One that was issued. ``standing``: *replaced* by a later one, *over* with the access."""

    id: str
    title: str
    name: str
    size_bytes: int
    sha256: str
    issued_at: datetime
    standing: Standing


def issue(
    store: Store, sealer: Sealer, vault: Vault, public_id: str, paper: Paper, *, role: Role, actor: str, expected_version: int | None, now: datetime
) -> PartState:
    """In the same transaction as its event, which names the document and its hash. Raises as ``gateway.access.commands.perform``."""
    sha256, place = hashlib.sha256(paper.body).hexdigest(), vault.put(paper.body)
    try:
        with store.transaction() as tx:
            part = requests.locked_by_public_id(tx.session, public_id)
            document = {"id": new_file_id(), "name": paper.name, "media_type": paper.media_type, "size_bytes": len(paper.body), "sha256": sha256}
            payload = {"agreement": paper.title, "document": document, "template_version": paper.template_version}
            command = Command(name="issue_agreement", role=role, actor=actor, payload=payload, expected_version=expected_version)
            state = perform_in(tx.session, sealer, part, command, now)
            agreements.add(tx.session, Agreement(
                public_id=document["id"], part_id=part.id, title=paper.title, name=paper.name, media_type=paper.media_type, size_bytes=len(paper.body),
                sha256=sha256, storage_name=place[0], sealed_key=place[1], template_version=paper.template_version, issued_by=actor, issued_at=now,
            ))
            return state
    except Exception:
        vault.remove(place[0])
        raise


def lines(rows: Sequence[Agreement], state: PartState) -> tuple[AgreementLine, ...]:
    """Those of a part, the newest first."""
    return tuple(
        AgreementLine(
            id=row.public_id, title=row.title, name=row.name, size_bytes=row.size_bytes, sha256=row.sha256, issued_at=row.issued_at, standing=_standing(row, state),
        )
        for row in reversed(rows)
    )


def _standing(row: Agreement, state: PartState) -> Standing:
    if row.public_id != state.agreement_document:
        return "replaced"
    if state.state not in ("approved", "active"):
        return "over"
    if state.has_agreement:
        return "in_force"
    sides: Mapping[str, Standing] = {"applicant": "by_applicant", "custodian": "by_custodian"}
    return next((sides[side] for side in state.signed), "unsigned")


def open_agreement(store: Store, vault: Vault, part: str, document: str) -> Download:
    """Whether the reader may read the part is for the caller to say. Raises :class:`NotFound` for one of another part."""
    with store.reading() as session:
        found = requests.part_by_public_id(session, part)
        row = agreements.in_part(session, found.part.id, document) if found is not None else None
    if found is None or row is None:
        raise NotFound("There is no such agreement.", hint="The request's page lists its agreements.")
    return Download(download_name(found.request.reference, row.public_id, row.name), row.name, row.media_type, vault.get(row.storage_name, row.sealed_key))


def written(title: str, text: str) -> Paper:
    """A text that somebody typed. Raises :class:`Unprocessable` naming the field."""
    faults = _title_faults(title)
    if not text.strip() or len(text) > LONGEST_TEXT:
        faults["text"] = f"Write the agreement, in at most {LONGEST_TEXT:,} characters."
    if faults:
        raise Unprocessable("The agreement was not issued.", fields=faults)
    return Paper(title=title.strip(), name="agreement.txt", media_type=TEXT, body=text.replace("\r\n", "\n").encode())


def from_file(kept: Uploads, title: str, name: str, body: bytes) -> Paper:
    """Raises :class:`Unprocessable` naming the fields: for a file that is no document, or that the scanner does not let through."""
    if faults := _title_faults(title):
        raise Unprocessable("The agreement was not issued.", fields=faults)
    checked = document(kept, name, body)
    return Paper(title=title.strip(), name=checked.name, media_type=checked.media_type, body=checked.body)


def document(kept: Uploads, name: str, body: bytes) -> CheckedFile:
    """Raises :class:`Unprocessable` (field ``file``)."""
    checked = check(name, body)
    if not checked.is_document:
        raise refused("Offer it as PDF, DOCX or ODT.")
    state = kept.judged(checked.body, seconds=WHILE_SOMEBODY_WAITS)
    if not kept.rules.allow(state):
        raise refused(kept.rules.words(state))
    return checked


def from_template(row: AgreementTemplate, files: Files, told: Mapping[str, str]) -> Paper:
    """``told`` fills the places of a text; a file is taken as it is."""
    body = files.get(row.sha256)
    if row.media_type == TEXT:
        text = body.decode()
        for place in PLACES:
            text = text.replace(place, told[place])
        body = text.encode()
    return Paper(title=f"{row.title}, version {row.version}", name=row.name, media_type=row.media_type, body=body, template_version=row.version)


def publish_template(store: Store, files: Files, custodian: str, paper: Paper, *, actor: str, now: datetime) -> int:
    """Its version, which never changes."""
    sha256 = files.put(paper.body)
    with store.transaction() as tx:
        custodian_id = custodians.by_slug(tx.session, custodian).id
        row = AgreementTemplate(
            custodian_id=custodian_id, version=agreements.next_version(tx.session, custodian_id), title=paper.title, name=paper.name,
            media_type=paper.media_type, sha256=sha256, published_by=actor, published_at=now,
        )
        agreements.add_template(tx.session, row)
        return row.version


def _title_faults(title: str) -> dict[str, str]:
    return {} if title.strip() and len(title) <= LONGEST_TITLE else {"title": f"Name the agreement, in at most {LONGEST_TITLE} characters."}
