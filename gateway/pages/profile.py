"""``/account/profile``: what a person says about themselves once, and what a custodian sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.views.forms import FieldError
from frontend.views.layout import Link
from frontend.views.profiles import (
    CertificateFile,
    CertificateForm,
    ProfileCardView,
    ProfileField,
    ProfileGroup,
    ProfileItemView,
    ProfileLine,
    ProfileView,
)
from gateway.accounts.people import Person
from gateway.accounts.profile import certificates, items
from gateway.accounts.profile.groups import GROUPS, SANCTION_REASONS, Group
from gateway.accounts.profile.items import Item
from gateway.accounts.profile.seen import Card, own_card
from gateway.accounts.sessions import require_form_token
from gateway.accounts.tables import Identity, Sanction
from gateway.api.asking import Serving
from gateway.errors import Unprocessable
from gateway.models import Upload
from gateway.pages.acting import typed_in
from gateway.pages.limited import by_account
from gateway.pages.sent_files import SentFile, sent_file
from gateway.pages.showing import layout, mistakes, see_other, show
from gateway.pages.signed_in import FromOwnForm, SignedIn
from gateway.store.database import utc_now
from gateway.uploads.checking import LARGEST_BYTES, refused
from gateway.uploads.kinds import ACCEPTED
from gateway.web.answers import attached
from gateway.wiring import Services

router = APIRouter(prefix="/account/profile")
HERE = "/account/profile"
CERTIFICATE_STATES: Final[Mapping[str, str]] = {
    "clean": "Scanned; nothing harmful was found.", "refused": "The virus scanner found something harmful in it. Remove it, and attach a sound one.",
    "waiting": "Not scanned for viruses yet.", "unavailable": "Not scanned for viruses yet.",
}


@router.get("")
def profile(request: Request, services: Serving, person: SignedIn) -> Response:
    found = own_card(services.store, person, today=utc_now().date())
    view = ProfileView(
        layout=layout(request, services, is_indexable=False), name=found.name, address=found.address, csrf=person.csrf,
        groups=groups_of(found.items, own=True, certified=certificates.of_person(services.store, person)), identities=identity_sentences(found.identities), sanctions=sanction_sentences(found),
        takes_visas=bool(services.settings.visa_issuers or services.settings.visa_key_file),
    )
    return show(request, view, store=False)


@router.get("/preview")
def preview(request: Request, services: Serving, person: SignedIn) -> Response:
    found = own_card(services.store, person, today=utc_now().date())
    view = ProfileCardView(
        layout=layout(request, services, is_indexable=False), name=found.name, address=found.address, groups=groups_of(found.items),
        identities=identity_sentences(found.identities), back=Link("Your profile", HERE), is_preview=True,
    )
    return show(request, view, store=False)


@router.get("/{group}/new")
def new_form(request: Request, services: Serving, person: SignedIn, group: str) -> Response:
    return show(request, _item_view(request, services, person, items.group(group)), store=False)


@router.post("/{group}/new")
async def add(request: Request, services: Serving, person: SignedIn, group: str) -> Response:
    async with request.form(max_fields=40, max_files=0) as posted:
        return await run_in_threadpool(_save, request, services, person, items.group(group), None, typed_in(posted))


@router.get("/items/{item_id}")
def item_form(request: Request, services: Serving, person: SignedIn, item_id: int) -> Response:
    found = items.own(services.store, person, item_id, today=utc_now().date())
    return show(request, _item_view(request, services, person, found.group, item=found, values=dict(found.facts)), store=False)


@router.post("/items/{item_id}")
async def change(request: Request, services: Serving, person: SignedIn, item_id: int) -> Response:
    async with request.form(max_fields=40, max_files=0) as posted:
        typed = typed_in(posted)
    found = await run_in_threadpool(items.own, services.store, person, item_id, today=utc_now().date())
    return await run_in_threadpool(_save, request, services, person, found.group, found, typed)


@router.get("/items/{item_id}/certificate")
def certificate(services: Serving, person: SignedIn, item_id: int) -> Response:
    return attached(certificates.opened(services.uploads, certificates.of_person(services.store, person), item_id))


@router.post("/items/{item_id}/certificate", dependencies=[by_account("attach")])
async def attach_certificate(request: Request, services: Serving, person: SignedIn, item_id: int) -> Response:
    async with request.form(max_fields=5, max_files=1) as posted:
        return await run_in_threadpool(_attach, request, services, person, item_id, typed_in(posted), await sent_file(posted))


@router.post("/items/{item_id}/certificate/remove")
def remove_certificate(services: Serving, person: FromOwnForm, item_id: int) -> Response:
    certificates.remove(services.store, person, item_id)
    return see_other(f"{HERE}/items/{item_id}")


@router.post("/items/{item_id}/remove")
def remove(services: Serving, person: FromOwnForm, item_id: int) -> Response:
    items.remove(services.store, person, item_id)
    return see_other(HERE)


def _attach(request: Request, services: Services, person: Person, item_id: int, typed: dict[str, str], file: SentFile) -> Response:
    require_form_token(person, typed.get("csrf", ""))
    found = items.own(services.store, person, item_id, today=utc_now().date())
    try:
        if not file[0]:
            raise refused("Choose a file first.")
        certificates.attach(services.store, services.uploads, person, item_id, name=file[0], body=file[1], now=utc_now())
    except Unprocessable as error:
        view = _item_view(request, services, person, found.group, item=found, values=dict(found.facts), errors=mistakes(error))
        return show(request, view, store=False)
    return see_other(HERE)


def _save(request: Request, services: Services, person: Person, kind: Group, item: Item | None, typed: dict[str, str]) -> Response:
    require_form_token(person, typed.get("csrf", ""))
    try:
        items.save(services.store, person, kind, typed, item_id=item.id if item else None, now=utc_now())
    except Unprocessable as error:
        view = _item_view(request, services, person, kind, item=item, values=typed, errors=mistakes(error))
        return show(request, view, store=False)
    return see_other(HERE)


def _item_view(
    request: Request, services: Services, person: Person, kind: Group, *, item: Item | None = None, values: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> ProfileItemView:
    return ProfileItemView(
        layout=layout(request, services, is_indexable=False), heading_words=f"Change {kind.one}" if item else f"Add {kind.one}",
        action=f"{HERE}/items/{item.id}" if item else f"{HERE}/{kind.key}/new", csrf=person.csrf, values=values or {}, errors=errors,
        loses_verification=item is not None and item.level == "verified",
        certificate=_certificate_form(services, person, item) if item is not None and kind.key in certificates.CERTIFIED else None,
        fields=tuple(
            ProfileField(
                key=field.key, label=field.label if field.is_required else f"{field.label} (optional)", kind=field.kind, choices=field.choices,
                hint=field.hint or ("As year, month and day: 2027-12-31." if field.kind == "date" else ""),
            )
            for field in kind.fields
        ),
    )


def _certificate_form(services: Services, person: Person, item: Item) -> CertificateForm:
    row, action = certificates.of_person(services.store, person).get(item.id), f"{HERE}/items/{item.id}/certificate"
    return CertificateForm(
        action=action, accepted=ACCEPTED, most_megabytes=LARGEST_BYTES // 2**20, file=certificate_of(row, item.id) if row is not None else None,
    )


def certificate_of(row: Upload, item_id: int) -> CertificateFile:
    """As its owner sees it."""
    href = f"{HERE}/items/{item_id}/certificate" if row.state != "refused" else None
    return CertificateFile(name=row.name, size_bytes=row.size_bytes, href=href, told=CERTIFICATE_STATES[row.state])


def groups_of(
    found: tuple[Item, ...], *, own: bool = False, verify_at: str | None = None, certified: Mapping[int, Upload] = MappingProxyType({})
) -> tuple[ProfileGroup, ...]:
    """``own``: with links to change, and what is ``certified`` by a file; ``verify_at``: where a custodian verifies an item, with ``{}`` for its number."""
    shown = []
    for kind in GROUPS.values():
        lines = tuple(
            replace(line_of(item, own=own, verify_at=verify_at), certificate=certificate_of(certified[item.id], item.id) if item.id in certified else None)
            for item in found if item.group is kind
        )
        is_open = own and not (kind.is_single and lines)
        add = Link(f"Add {kind.one}", f"{HERE}/{kind.key}/new") if is_open else None
        shown.append(ProfileGroup(title=kind.title, why=kind.why, lines=lines, add=add))
    return tuple(shown)


def line_of(item: Item, *, own: bool = False, verify_at: str | None = None) -> ProfileLine:
    change = f"{HERE}/items/{item.id}"
    facts = tuple((field.label, item.facts[field.key]) for field in item.group.fields if field.key in item.facts and field.kind != "evidence")
    return ProfileLine(
        name=item.name, level="ended" if item.has_ended else item.level, verified=_verified(item), facts=facts, evidence=item.facts.get("evidence"),
        href=change if own else verify_at.format(item.id) if verify_at else None, remove=f"{change}/remove" if own else None,
    )


def _verified(item: Item) -> str | None:
    if item.verified_at is None:
        return None
    until = f", until {item.verified_until:%-d %B %Y}" if item.verified_until else ""
    return f"Verified by {item.verified_by} on {item.verified_at:%-d %B %Y}{until}."


def identity_sentences(rows: tuple[Identity, ...]) -> tuple[str, ...]:
    """Identity proofing: who else knows the person, how well, and since when."""
    return tuple(
        f"{row.provider_name}{f', level {row.level}' if row.level else ''}, since {row.linked_at:%-d %B %Y}" for row in rows
    )


def sanction_sentences(found: Card) -> tuple[str, ...]:
    return tuple(_sanction(row, name) for row, name in found.sanctions)


def _sanction(row: Sanction, custodian: str) -> str:
    until = f" until {row.ends_on:%-d %B %Y}" if row.ends_on else ""
    return f"Sanction of {custodian} from {row.begins_on:%-d %B %Y}{until}: {SANCTION_REASONS.get(row.reason, row.reason)}."


def exported(found: Card, certified: Mapping[int, Upload]) -> dict[str, Any]:
    """For the person's own export."""
    return {
        "items": [
            {"group": item.group.key, "facts": dict(item.facts), "level": item.level, "verified_by": item.verified_by, "verified_at": item.verified_at,
             "verified_until": item.verified_until, "certificate": certified[item.id].name if item.id in certified else None}
            for item in found.items
        ],
        "sanctions": [
            {"custodian": name, "reason": row.reason, "from": row.begins_on, "until": row.ends_on} for row, name in found.sanctions
        ],
    }
