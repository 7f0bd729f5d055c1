"""The form that belongs to a part, and publishing a custodian's next one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.access.bank.forms import (
    CustodianForm,
    FormDocument,
    Template,
    check,
    described,
    plain_form,
    read_document,
    stored_form,
)
from gateway.errors import NotFound, Unprocessable
from gateway.models import Custodian, FormTemplate
from gateway.store import Store, custodians, drafts

NOBODY = "The gateway’s staff"


def form_of(template: FormTemplate | None, custodian: Custodian | None) -> CustodianForm:
    slug, name = (custodian.slug, custodian.name) if custodian is not None else ("", NOBODY)
    if template is None:
        return plain_form(slug, name)
    return stored_form(template.document, custodian=slug, name=name, version=template.version)


def newest_form(store: Store, custodian: str) -> CustodianForm:
    """What the custodian asks in requests that are begun now. Raises :class:`NotFound`."""
    with store.reading() as session:
        row = custodians.by_slug(session, custodian)
        return form_of(drafts.newest_forms(session, [row.id]).get(row.id), row)


def published_forms(store: Store, custodian: str) -> tuple[tuple[int, datetime], ...]:
    """Versions and when they were published, the newest first. Raises :class:`NotFound`."""
    with store.reading() as session:
        row = custodians.by_slug(session, custodian)
        return tuple((one.version, one.published_at) for one in drafts.forms_of(session, row.id))


def template_of(store: Store, custodian: str, version: int) -> Template:
    """The custodian's own form, as that version had it. Raises :class:`NotFound`."""
    with store.reading() as session:
        row = custodians.by_slug(session, custodian)
        found = next((one for one in drafts.forms_of(session, row.id) if one.version == version), None)
    form = form_of(found, row) if found is not None else None
    if form is None or form.document.template is None:
        raise NotFound("There is no such form.", hint="The request's page shows where to get it.")
    return form.document.template


def publish(store: Store, custodian: str, values: Mapping[str, Any], *, actor: str, now: datetime, seen_version: int | None = None) -> CustodianForm:
    """The next version of the custodian's form; drafts that are under way keep theirs. One that changes nothing makes no version.

    Raises :class:`NotFound`, and :class:`Unprocessable` whose ``fields`` say where it breaks which rule, or that somebody
    published after ``seen_version``.
    """
    document = read_document(values)
    with store.transaction() as tx:
        row = custodians.by_slug(tx.session, custodian)
        require_sound(document, custodian=row.slug)
        newest = drafts.newest_forms(tx.session, [row.id]).get(row.id)
        version = newest.version if newest is not None else 0
        if seen_version is not None and seen_version != version:
            raise Unprocessable(f"Somebody published version {version} meanwhile.", hint="Look at it, then send your changes again.")
        if newest is None or FormDocument.model_validate(newest.document) != document:
            newest = FormTemplate(
                custodian_id=row.id, version=version + 1, document=document.model_dump(mode="json"), published_by=actor, published_at=now,
            )
            drafts.add_form(tx.session, newest)
        return form_of(newest, row)


def require_sound(document: FormDocument, *, custodian: str) -> None:
    """Raises :class:`Unprocessable` with every fault at once."""
    faults = described(check(document, custodian=custodian))
    if faults:
        raise Unprocessable("The form cannot be published yet.", hint="Mend these, then publish it again.", fields=faults)
