"""``/w/{custodian}/requests/{part}/applicant``: the applicant's profile beside a request, and what the custodian does about it there.

``?who=`` names somebody else who is on the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from frontend.views.forms import FieldError
from frontend.views.layout import Link
from frontend.views.profiles import ProfileCardView, SanctionView, VerifyItemView
from gateway.access.workspace import PartDetail, detail, require_reader
from gateway.accounts.people import Person
from gateway.accounts.profile import seen
from gateway.accounts.profile.groups import SANCTION_REASONS
from gateway.accounts.roles import Action
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.errors import NotFound, Unprocessable
from gateway.pages.profile import groups_of, identity_sentences, line_of, sanction_sentences
from gateway.pages.showing import layout, mistakes, see_other, show
from gateway.pages.sign_in import Text
from gateway.pages.signed_in import FromOwnForm, SignedIn, fresh_factor
from gateway.store.database import utc_now
from gateway.wiring import Services

router = APIRouter(prefix="/w/{custodian}/requests/{part}/applicant")


@dataclass(frozen=True, slots=True)
class Beside:
    """Somebody who is on a request: ``subject`` None where no account leads it."""

    part: PartDetail
    subject: str | None

    @property
    def custodian(self) -> str:
        return self.part.custodian

    @property
    def base(self) -> str:
        return f"/w/{self.part.custodian}/requests/{self.part.part}/applicant"

    @property
    def href(self) -> str:
        return f"{self.base}{self.query}"

    @property
    def query(self) -> str:
        """For addresses about the same person."""
        return "" if self.subject == self.part.lead_subject else f"?who={self.subject}"


def found_person(request: Request, services: Serving, person: SignedIn, custodian: str, part: str) -> Beside:
    """A dependency: raises :class:`NotFound` for others than the custodian's people, and for somebody who is not on the request."""
    require_reader(person, custodian)
    found = detail(services.store, person, custodian, part)
    wanted = request.query_params.get("who") or found.lead_subject
    if wanted is not None and wanted not in {one.subject for one in found.people}:
        raise NotFound("There is nobody like that on this request.")
    return Beside(found, wanted)


Found = Annotated[Beside, Depends(found_person)]


@router.get("")
def applicant(request: Request, services: Serving, person: SignedIn, found: Found) -> Response:
    card = seen.card(services.store, found.subject, custodian=found.custodian, today=utc_now().date())
    may_sanction = person.may(Action.DECIDE_PARTS, custodian=found.custodian)
    view = ProfileCardView(
        layout=layout(request, services, is_indexable=False), name=card.name, address=card.address if person.may(Action.READ_ALL_PARTS, custodian=found.custodian) else "", is_preview=False,
        groups=groups_of(card.items, verify_at=f"{found.base}/items/{{}}{found.query}"), identities=identity_sentences(card.identities),
        sanctions=sanction_sentences(card), sanction_href=f"{found.base}/sanction{found.query}" if may_sanction else None,
        back=Link(f"Request {found.part.reference}", f"/w/{found.custodian}/requests/{found.part.part}"),
    )
    return show(request, view, store=False)


@router.get("/items/{item_id}")
def verify_form(request: Request, services: Serving, person: SignedIn, found: Found, item_id: int) -> Response:
    return show(request, _verify_view(request, services, person, found, item_id), store=False)


@router.post("/items/{item_id}")
def verify(request: Request, services: Serving, person: FromOwnForm, found: Found, item_id: int, until: Text = "") -> Response:
    person.require(Action.HANDLE_PARTS, custodian=found.custodian)
    try:
        seen.verify_item(
            services.store, found.subject, item_id, custodian_name=found.part.custodian_name, until=until, now=utc_now()
        )
    except Unprocessable as error:
        return show(request, _verify_view(request, services, person, found, item_id, until, mistakes(error)), store=False)
    return see_other(found.href)


@router.get("/sanction")
def sanction_form(request: Request, services: Serving, person: SignedIn, found: Found) -> Response:
    person.require(Action.DECIDE_PARTS, custodian=found.custodian)
    return show(request, _sanction_view(request, services, person, found, {"begins_on": utc_now().date().isoformat()}), store=False)


@router.post("/sanction", dependencies=[fresh_factor(Sensitive.DECIDE)])
def sanction(
    request: Request, services: Serving, person: FromOwnForm, found: Found, reason: Text = "", begins_on: Text = "", ends_on: Text = ""
) -> Response:
    person.require(Action.DECIDE_PARTS, custodian=found.custodian)
    typed = {"reason": reason, "begins_on": begins_on, "ends_on": ends_on}
    try:
        seen.sanction(services.store, found.subject, typed, custodian=found.custodian, by=person, now=utc_now())
    except Unprocessable as error:
        return show(request, _sanction_view(request, services, person, found, typed, mistakes(error)), store=False)
    return see_other(found.href)


def _verify_view(
    request: Request, services: Services, person: Person, found: Beside, item_id: int, until: str = "", errors: tuple[FieldError, ...] = ()
) -> VerifyItemView:
    item = seen.item(services.store, found.subject, item_id, today=utc_now().date())
    return VerifyItemView(
        layout=layout(request, services, is_indexable=False), line=line_of(item), person="The applicant", custodian=found.part.custodian_name,
        action=f"{found.base}/items/{item_id}{found.query}", back=Link("Profile", found.href), csrf=person.csrf, values={"until": until}, errors=errors,
    )


def _sanction_view(
    request: Request, services: Services, person: Person, found: Beside, typed: dict[str, str], errors: tuple[FieldError, ...] = ()
) -> SanctionView:
    card = seen.card(services.store, found.subject, custodian=found.custodian, today=utc_now().date())
    return SanctionView(
        layout=layout(request, services, is_indexable=False), person=card.name, reasons=tuple(SANCTION_REASONS.items()),
        action=f"{found.base}/sanction{found.query}", back=Link("Profile", found.href), csrf=person.csrf, values=typed, errors=errors,
    )
