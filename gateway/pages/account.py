"""A person's own account: details, second step, recovery codes, open sign-ins, password, export, closing."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.views.accounts import (
    AccountView,
    CloseAccountView,
    ClosingRequest,
    CodeView,
    LinkedIdentity,
    OpenSession,
    OwnRequest,
    PasskeyLine,
    RecoveryCodesView,
    ScanView,
    SecurityView,
)
from frontend.views.forms import FieldError
from frontend.views.layout import Link
from gateway.access import drafts
from gateway.access.actions import AMENDMENTS
from gateway.access.drafts import begin_amendment
from gateway.access.leaving import left_behind
from gateway.access.status import RequestStatus, own_requests, own_status
from gateway.accounts import passkeys, security, sessions, sign_in
from gateway.accounts.factors import address_of, qr_code
from gateway.accounts.oidc import linking
from gateway.accounts.people import Person
from gateway.accounts.roles import ROLES, Action
from gateway.accounts.step_up import Sensitive
from gateway.accounts.tables import Identity, Passkey
from gateway.api.asking import Serving
from gateway.errors import NotSignedIn, Unprocessable
from gateway.pages.acting import typed_in
from gateway.pages.drafts import UNTITLED
from gateway.pages.limited import by_account
from gateway.pages.party import party, passkeys_here
from gateway.pages.requests import act_on_own, exported, own_agreement, status_view
from gateway.pages.sent_files import SentFile, sent_file
from gateway.pages.showing import layout, local_path, mistakes, see_other, show
from gateway.pages.sign_in import AFTER, Next, Secret, Text
from gateway.pages.signed_in import FromOwnForm, SignedIn, drop_session, fresh_factor, keep_session
from gateway.store import accounts
from gateway.store.database import utc_now
from gateway.wiring import Services

router = APIRouter(prefix="/account")
BROWSERS: Final = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS: Final = (
    ("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "a Mac"), ("Linux", "Linux"),
)
SESSION_KEY: Final = 16
"""So much of a session's hash names it among a person's own ten."""
Sure = Annotated[str, Form(max_length=10)]


@router.get("")
def account(request: Request, services: Serving, person: SignedIn) -> Response:
    return show(request, _account_view(request, services, person), store=False)


@router.post("")
def save(request: Request, services: Serving, person: FromOwnForm, name: Text = "", organisation: Text = "") -> Response:
    try:
        security.change_details(services.store, person, name=name, organisation=organisation)
    except Unprocessable as error:
        view = _account_view(request, services, person, values={"name": name, "organisation": organisation}, errors=mistakes(error))
        return show(request, view, store=False)
    return see_other("/account")


@router.get("/requests/{reference}")
def own_request(request: Request, services: Serving, person: SignedIn, reference: str) -> Response:
    found = own_status(services.store, reference, person)
    return show(request, status_view(request, services, found, base=f"/account/requests/{reference}", csrf=person.csrf, is_signed_in=True), store=False)


@router.post("/requests/{reference}/parts/{part}", dependencies=[by_account("message")])
async def act(request: Request, services: Serving, person: SignedIn, reference: str, part: str) -> Response:
    async with request.form(max_fields=50, max_files=1) as posted:
        return await run_in_threadpool(_act, request, services, person, reference, part, typed_in(posted), await sent_file(posted))


@router.get("/requests/{reference}/parts/{part}/export.{kind}", dependencies=[by_account("export")])
def export_part(services: Serving, person: SignedIn, reference: str, part: str, kind: str) -> Response:
    return exported(own_status(services.store, reference, person), part, kind)


@router.get("/requests/{reference}/parts/{part}/agreements/{document}")
def agreement(services: Serving, person: SignedIn, reference: str, part: str, document: str) -> Response:
    return own_agreement(services, own_status(services.store, reference, person), part, document)


@router.get("/security")
def security_page(request: Request, services: Serving, person: SignedIn) -> Response:
    return show(request, security_view(request, services, person, next_path=_next_of(request)), store=False)


@router.post("/security/password", dependencies=[fresh_factor(Sensitive.FACTORS, if_any=True)])
def change_password(
    request: Request, services: Serving, person: FromOwnForm, old: Secret = "", password: Secret = "",
) -> Response:
    try:
        token = security.change_password(services.store, services.sealer, person, old=old, new=password, now=utc_now())
    except Unprocessable as error:
        return show(request, security_view(request, services, person, errors=mistakes(error)), store=False)
    services.jobs.enqueue("deliver")
    return keep_session(services, see_other("/account/security"), token)


@router.post("/security/sessions")
def end_others(services: Serving, person: FromOwnForm) -> Response:
    security.end_other_sessions(services.store, person, now=utc_now())
    return see_other("/account/security")


@router.post("/security/sessions/{key}/end")
def end_one(services: Serving, person: FromOwnForm, key: str) -> Response:
    if security.end_session(services.store, person, key, now=utc_now()):
        return drop_session(services, see_other("/"))
    return see_other("/account/security")


@router.get("/security/app", dependencies=[fresh_factor(Sensitive.FACTORS, if_any=True)])
def app_form(request: Request, services: Serving, person: SignedIn) -> Response:
    return show(request, _scan_view(request, services, person, next_path=_next_of(request)), store=False)


@router.post("/security/app", dependencies=[fresh_factor(Sensitive.FACTORS, if_any=True)])
def enrol(request: Request, services: Serving, person: FromOwnForm, offer: Secret = "", code: Text = "", wanted: Next = "") -> Response:
    now, wanted = utc_now(), local_path(wanted, otherwise="")
    opened = security.opened_offer(services.sealer, offer, subject=person.subject, now=now)
    try:
        token, codes = security.enrol(services.store, services.sealer, person, offer=opened, code=code, now=now)
    except Unprocessable as error:
        return show(request, _scan_view(request, services, person, offer=opened, next_path=wanted, errors=mistakes(error)), store=False)
    services.jobs.enqueue("deliver")
    view = RecoveryCodesView(layout=layout(request, services, is_indexable=False), codes=codes, next_path=wanted)
    return keep_session(services, show(request, view, store=False), token)


@router.post("/security/app/remove", dependencies=[fresh_factor(Sensitive.FACTORS)])
def remove_app(services: Serving, person: FromOwnForm) -> Response:
    security.remove_factor(services.store, services.sealer, person, now=utc_now())
    services.jobs.enqueue("deliver")
    return see_other("/account/security")


@router.post("/security/codes", dependencies=[fresh_factor(Sensitive.FACTORS)])
def renew_codes(request: Request, services: Serving, person: FromOwnForm) -> Response:
    codes = security.renew_recovery_codes(services.store, services.sealer, person, now=utc_now())
    services.jobs.enqueue("deliver")
    return show(request, RecoveryCodesView(layout=layout(request, services, is_indexable=False), codes=codes), store=False)


@router.get("/again")
def again_form(request: Request, services: Serving, person: SignedIn) -> Response:
    wanted = local_path(request.query_params.get("next", AFTER), otherwise=AFTER)
    if not person.has_second_factor and not providers_again(services, person, wanted):
        return see_other(f"/account/security?{urlencode({'next': wanted})}")
    return show(request, again_view(request, services, person, wanted), store=False)


@router.post("/again")
def again(request: Request, services: Serving, person: FromOwnForm, code: Text = "", wanted: Next = AFTER) -> Response:
    """The second factor once more, for what needs it fresh."""
    now, wanted = utc_now(), local_path(wanted, otherwise=AFTER)
    with services.store.reading() as session:
        found = accounts.session_of(session, person.session_digest)
    if found is None:
        raise NotSignedIn("You were signed out meanwhile.")
    row, holder = found
    try:
        token = sign_in.with_code(services.store, services.sealer, services.limits, account=holder, session_row=row, code=code, now=now)
    except Unprocessable as error:
        return show(request, again_view(request, services, person, wanted, mistakes(error)), store=False)
    return keep_session(services, see_other(wanted), token)


@router.get("/close", dependencies=[fresh_factor(Sensitive.CLOSE, if_any=True)])
def close_form(request: Request, services: Serving, person: SignedIn) -> Response:
    return show(request, _close_view(request, services, person), store=False)


@router.post("/close", dependencies=[fresh_factor(Sensitive.CLOSE, if_any=True)])
def close(request: Request, services: Serving, person: FromOwnForm, sure: Sure = "") -> Response:
    if not sure:
        errors = (FieldError("sure", "Tick the box to delete your account."),)
        return show(request, _close_view(request, services, person, errors), store=False)
    begun = [one for one in drafts.begun(services.store, person) if one.is_led]
    security.close(services.store, services.sealer, person, now=utc_now())
    for one in begun:
        drafts.delete(services.store, services.sealer, person, one.reference, now=utc_now())
    services.jobs.enqueue("deliver")
    return drop_session(services, see_other("/sign-in?closed"))


def _close_view(request: Request, services: Services, person: Person, errors: tuple[FieldError, ...] = ()) -> CloseAccountView:
    return CloseAccountView(
        layout=layout(request, services, is_indexable=False), csrf=person.csrf, errors=errors,
        requests=tuple(
            ClosingRequest(one.title, f"/account/requests/{one.reference}", one.under_way, one.active) for one in left_behind(services.store, person)
        ),
    )


def _act(request: Request, services: Services, person: Person, reference: str, part: str, posted: dict[str, str], file: SentFile) -> Response:
    sessions.require_form_token(person, posted.get("csrf", ""))
    base = f"/account/requests/{reference}"
    found = own_status(services.store, reference, person)
    if posted.get("command") == "start_amendment" and posted.get("kind") in AMENDMENTS:
        return see_other(f"/requests/{begin_amendment(services.store, services.sealer, person, part, posted['kind'], now=utc_now())}")
    if file[0]:
        services.limits.take("attach", account=person.subject, now=utc_now())
    refused = act_on_own(services, found, part, posted, actor=person.subject, file=file)
    if refused is None:
        return see_other(base)
    found = own_status(services.store, reference, person)
    return show(request, status_view(request, services, found, base=base, csrf=person.csrf, refused=refused, is_signed_in=True), store=False)


def _account_view(
    request: Request, services: Services, person: Person, *, values: dict[str, str] | None = None, errors: tuple[FieldError, ...] = ()
) -> AccountView:
    waits = not person.has_second_factor and any(ROLES[one.role].needs_second_factor for one in person.held)
    return AccountView(
        layout=layout(request, services, is_indexable=False), address=person.address, roles=tuple(one.words for one in person.held),
        csrf=person.csrf, waits_for_factor=waits, errors=errors, workspaces=_workspaces(person),
        requests=tuple(_own_request(found) for found in own_requests(services.store, person)),
        drafts=tuple(Link(f"{found.answers.get('project.title') or UNTITLED} ({found.reference})", f"/requests/{found.reference}") for found in drafts.begun(services.store, person)),
        deleted=request.query_params.get("deleted", "")[:100], values=values or {"name": person.name, "organisation": person.organisation or ""},
    )


def _workspaces(person: Person) -> tuple[Link, ...]:
    places = {one.custodian: one.custodian_name or "" for one in person.held if one.custodian}
    found = [Link(f"Workspace of {name}", f"/w/{slug}") for slug, name in places.items()]
    found += [Link("Administration", "/admin")] if person.may(Action.ADMINISTER) else []
    found += [Link("What waits for us", "/triage")] if person.may(Action.TRIAGE) else []
    return (*found, Link("Audit", "/audit")) if person.may(Action.AUDIT) else tuple(found)


def _own_request(found: RequestStatus) -> OwnRequest:
    return OwnRequest(
        href=f"/account/requests/{found.reference}", title=found.title, reference=found.reference, state=found.status,
        sent_at=found.sent_at.isoformat(), turns=sum(part.state in ("returned", "approved_conditionally") for part in found.parts),
    )


def security_view(
    request: Request, services: Services, person: Person, *, next_path: str = "", values: dict[str, str] | None = None, errors: tuple[FieldError, ...] = ()
) -> SecurityView:
    rows = security.open_sessions(services.store, person, now=utc_now())
    with services.store.reading() as session:
        left = accounts.count_recovery_codes(session, person.account_id)
    held = linking.of_person(services.store, person)
    return SecurityView(
        layout=layout(request, services, is_indexable=False), has_app=person.has_app, codes_left=left, csrf=person.csrf,
        passkeys=tuple(_passkey(one) for one in passkeys.listed(services.store, person)), passkeys_here=passkeys_here(request, services),
        passkeys_at=party(services).origin, browser=_browser(request.headers.get("user-agent", "")), values=values or {}, errors=errors,
        next_path="" if person.has_second_factor else next_path,
        sessions=tuple(
            OpenSession(
                browser=_browser(row.browser or ""), since=row.created_at.isoformat(), seen=row.seen_at.isoformat(),
                is_this=row.digest == person.session_digest, key=row.digest[:SESSION_KEY],
            )
            for row in rows
        ),
        identities=tuple(_identity(one) for one in held), providers=tuple(
            Link(f"Add {one.name}", f"/account/identities/with/{one.slug}") for one in services.identity_providers.listed
            if one.issuer not in {known.issuer for known in held}
        ),
    )


def _passkey(one: Passkey) -> PasskeyLine:
    return PasskeyLine(
        number=one.id, name=one.name, since=one.created_at.isoformat(), used=one.last_used_at.isoformat() if one.last_used_at else None,
        is_blocked=one.blocked_at is not None,
    )


def _identity(row: Identity) -> LinkedIdentity:
    used = row.last_used_at.isoformat() if row.last_used_at else None
    return LinkedIdentity(row.provider_name, row.label, row.linked_at.isoformat(), used, f"/account/identities/{row.id}/remove")


def _scan_view(
    request: Request, services: Services, person: Person, *, offer: security.Offer | None = None, next_path: str = "", errors: tuple[FieldError, ...] = ()
) -> ScanView:
    offer = offer or security.offer_secret(services.sealer, subject=person.subject, now=utc_now())
    address = address_of(offer.secret, account=person.address, service=services.settings.service_name)
    return ScanView(
        layout=layout(request, services, is_indexable=False), action="/account/security/app", qr_code=qr_code(address), secret=offer.secret,
        offer=offer.sealed, csrf=person.csrf, next_path=next_path, errors=errors,
    )


def _next_of(request: Request) -> str:
    """What somebody wanted to do who lacks a second factor; empty where nothing sensible is named."""
    return local_path(request.query_params.get("next", ""), otherwise="")


def again_view(request: Request, services: Services, person: Person, wanted: str, errors: tuple[FieldError, ...] = ()) -> CodeView:
    return CodeView(
        layout=layout(request, services, is_indexable=False), action="/account/again", next_path=wanted, csrf=person.csrf, is_again=True, has_app=person.has_app,
        passkeys_here=passkeys_here(request, services), errors=errors, providers=providers_again(services, person, wanted),
        is_provider_only=not person.has_own_factor,
    )


def providers_again(services: Services, person: Person, wanted: str) -> tuple[Link, ...]:
    """Providers of this person that vouch for a second factor."""
    issuers = {one.issuer for one in linking.of_person(services.store, person)}
    return tuple(
        Link(f"Confirm with {one.name}", f"/account/again/with/{one.slug}?{urlencode({'next': wanted})}")
        for one in services.identity_providers.listed if one.gives_second_factor and one.issuer in issuers
    )


def _browser(user_agent: str) -> str:
    """``Firefox on Windows``: enough to know one's own. Names that others carry as well are looked for last."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "A browser")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), None)
    return f"{browser} on {system}" if system else browser
