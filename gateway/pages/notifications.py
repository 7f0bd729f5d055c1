"""``/account/notifications``: the list of notices, what of it comes by mail, and the address that ends a topic with one post."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.views.forms import FieldError
from frontend.views.notifications import NoticeLine, NotificationsView, OneButtonView, TopicChoice
from gateway.accounts import letters
from gateway.accounts.people import Person
from gateway.accounts.sessions import require_form_token
from gateway.api.asking import Serving
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.mailing import choices
from gateway.mailing.topics import HOWS, TOPICS
from gateway.models import MailStanding, Message
from gateway.pages.acting import typed_in
from gateway.pages.showing import layout, mistakes, show, show_private
from gateway.pages.signed_in import FromOwnForm, SignedIn
from gateway.store import mail
from gateway.store.database import utc_now
from gateway.wiring import Services

router = APIRouter()
SHOWN: Final = 100
LINK_WORKS_FOR: Final = timedelta(hours=24)
BECAME: Final = {
    "pending": "mail is on its way", "sending": "mail is on its way", "accepted": "sent by mail", "soft_bounced": "your mailbox did not take the mail",
    "bounced": "your mailbox refused the mail", "complained": "marked as unwanted by your mailbox", "failed": "the mail could not be sent",
    "suppressed": "not sent by mail",
}


@router.get("/account/notifications")
def notifications(request: Request, services: Serving, person: SignedIn) -> Response:
    return show(request, _view(request, services, person), store=False)


@router.post("/account/notifications")
async def save(request: Request, services: Serving, person: SignedIn) -> Response:
    async with request.form(max_fields=20, max_files=0) as posted:
        return await run_in_threadpool(_save, request, services, person, typed_in(posted))


def _save(request: Request, services: Services, person: Person, posted: dict[str, str]) -> Response:
    require_form_token(person, posted.get("csrf", ""))
    try:
        choices.choose(services.store, person.subject, posted, now=utc_now())
    except Unprocessable as error:
        return show(request, _view(request, services, person, errors=mistakes(error)), store=False)
    return show(request, _view(request, services, person, done="Your choice was saved. It holds for notices from now on."), store=False)


@router.post("/account/notifications/confirm")
def send_link(request: Request, services: Serving, person: FromOwnForm) -> Response:
    now = utc_now()
    token = services.sealer.seal(json.dumps({"subject": person.subject, "address": person.address, "at": now.isoformat()}))
    with services.store.transaction() as tx:
        tx.session.add(letters.try_again(services.sealer, to=person.address, path=f"/account/notifications/confirm/{token}", now=now))
    services.jobs.enqueue("deliver")
    return show(request, _view(request, services, person, done="We sent a link to your address. Open it within 24 hours."), store=False)


@router.get("/account/notifications/confirm/{token}")
def confirm_form(request: Request, services: Serving, person: SignedIn, token: str) -> Response:
    _require_own(services, person, token, utc_now())
    view = OneButtonView(
        layout=layout(request, services), heading="Your mailbox works", sentence="You opened a link that we mailed to you, so mail reaches you again.",
        button="Send me mail again", action=f"/account/notifications/confirm/{token}", csrf=person.csrf,
    )
    return show_private(request, view)


@router.post("/account/notifications/confirm/{token}")
def confirm(request: Request, services: Serving, person: FromOwnForm, token: str) -> Response:
    _require_own(services, person, token, utc_now())
    with services.store.transaction() as tx:
        mail.is_confirmed_again(tx.session, services.channels.addresses.of(person.address))
    return show(request, _view(request, services, person, done="Mail comes to you again."), store=False)


@router.get(choices.PATH + "{token}")
def unsubscribe_form(request: Request, services: Serving, token: str) -> Response:
    ending = choices.opened(services.sealer, token)
    view = OneButtonView(
        layout=layout(request, services), heading="Stop this mail", button="Stop this mail", action=choices.PATH + token,
        sentence=f"No mail will come about: {ending.words}. {_what_stays(ending)}",
    )
    return show_private(request, view)


@router.post(choices.PATH + "{token}")
def unsubscribe(request: Request, services: Serving, token: str) -> Response:
    """From the page's button, or from a mail program that posts ``List-Unsubscribe=One-Click``; either way nobody needs to sign in."""
    ending = choices.unsubscribe(services.store, services.sealer, token, now=utc_now())
    sentence = f"No mail comes any more about: {ending.words}. {_what_stays(ending)}"
    return show_private(request, OneButtonView(layout=layout(request, services), heading="The mail is stopped", sentence=sentence))


def _what_stays(ending: choices.Ending) -> str:
    return "The search stays in your account, where you can switch it on again." if ending.search else "The notices stay in your account."


def _require_own(services: Services, person: Person, token: str, now: datetime) -> None:
    try:
        held = json.loads(services.sealer.open(token))
        is_good = (held["subject"], held["address"]) == (person.subject, person.address) and now - datetime.fromisoformat(held["at"]) < LINK_WORKS_FOR
    except (Conflict, ValueError, KeyError):
        is_good = False
    if not is_good:
        raise NotFound("This link does not work any more.", hint="Ask for a new one on your page of notices.")


def _view(
    request: Request, services: Services, person: Person, *, done: str = "", errors: tuple[FieldError, ...] = ()
) -> NotificationsView:
    with services.store.reading() as session:
        rows = mail.notices_of(session, person.subject, limit=SHOWN)
        chosen = mail.choices(session, person.subject)
        standing = mail.standing(session, services.channels.addresses.of(person.address))
    topics = tuple(
        TopicChoice(name, topic.words, topic.explains, tuple((how, words, chosen.get(name, "at_once") == how) for how, words in HOWS.items()) if topic.is_optional else ())
        for name, topic in TOPICS.items()
    )
    return NotificationsView(
        layout=layout(request, services, is_indexable=False), csrf=person.csrf, notices=tuple(_line(row) for row in rows), topics=topics, done=done,
        errors=errors, trouble=_trouble(standing), can_confirm=standing is not None and standing.complained_at is None,
    )


def _line(row: Message) -> NoticeLine:
    waits = f"mail waits for the next {'daily' if row.digest == 'daily' else 'weekly'} message" if row.digest and row.state == "pending" else None
    return NoticeLine(row.created_at.isoformat(), row.line or "", row.link, waits or BECAME[row.state])


def _trouble(standing: MailStanding | None) -> str:
    if standing is None:
        return ""
    if standing.bounced_at is not None:
        return "Your mailbox refused our mail, so we send nothing there but what concerns the safety of your account."
    if standing.complained_at is not None:
        return "Our mail was marked as unwanted, so optional mail has stopped."
    return "Your mailbox did not take our mail several times, so optional mail has stopped." if standing.soft_bounces >= mail.SOFT_BOUNCES else ""
