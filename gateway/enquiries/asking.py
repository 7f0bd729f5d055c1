"""From a form to the custodians' desks. Nothing leaves before the address is confirmed; one desk out of reach does not keep the others waiting."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gateway.access.recipients import officers
from gateway.access.references import new_reference
from gateway.enquiries import letters
from gateway.enquiries.form import Question
from gateway.errors import NotFound, Unprocessable
from gateway.limits import Limiter
from gateway.models import Custodian, Enquiry, EnquiryThread
from gateway.store import Store, accounts, custodians, enquiries, requests
from gateway.store.sealing import Sealer, new_token, token_digest

PREFIX = "QU-"
MAX_DATASETS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """``follow_path`` is the private page; None while the address waits to be confirmed."""

    reference: str
    follow_path: str | None


def ask(
    store: Store, sealer: Sealer, limits: Limiter, question: Question, *, dataset_refs: Sequence[str], custodian_slugs: Sequence[str] = (), network: str,
    is_confirmed: bool, now: datetime,
) -> Sent:
    """Keep the question, and send it at once where the address is that of a signed-in account (``is_confirmed``).

    What is not listed is asked of the gateway's staff, whatever else is named. Raises :class:`Unprocessable` for nobody to ask, :class:`TooMany`.
    """
    is_for_staff = question.kind == enquiries.UNLISTED
    refs = () if is_for_staff else tuple(dict.fromkeys(dataset_refs))[:MAX_DATASETS]
    slugs = () if is_for_staff else tuple(dict.fromkeys(custodian_slugs))
    follow, confirm = new_token(), new_token()
    with store.transaction() as tx:
        known = requests.visible_datasets(tx.session, refs)
        asked = [custodians.by_slug(tx.session, slug).id for slug in slugs]
        if not known and not asked and not is_for_staff:
            raise Unprocessable("Nobody is asked yet.", fields={"datasets": "Choose at least one dataset, or open this form from a custodian’s page."})
        enquiry = Enquiry(
            reference=new_reference(PREFIX), kind=question.kind, name=question.name, address=question.address, answers=dict(question.answers),
            dataset_refs=[ref for ref in refs if ref in known], custodian_ids=asked, follow_token_sha256=token_digest(follow),
            sealed_follow_token=sealer.seal(follow), confirm_token_sha256=token_digest(confirm), created_at=now, updated_at=now,
        )
        tx.session.add(enquiry)
        tx.session.flush()
        limits.take("question", address=accounts.address_key(question.address), network=network, now=now)
        if is_confirmed:
            _send(tx.session, sealer, enquiry, now)
            return Sent(reference=enquiry.reference, follow_path=follow_path(follow))
        tx.session.add(letters.confirm(sealer, enquiry, path=f"/questions/confirm/{confirm}", now=now))
    return Sent(reference=enquiry.reference, follow_path=None)


def follow_path(token: str) -> str:
    return f"/questions/{token}"


def path_of(sealer: Sealer, enquiry: Enquiry) -> str:
    """The enquirer's private page."""
    return follow_path(sealer.open(enquiry.sealed_follow_token))


def waiting(store: Store, token: str) -> Enquiry:
    """The question that a confirmation link is for. Changes nothing. Raises :class:`NotFound`."""
    with store.reading() as session:
        return _waiting(session, token)


def confirm(store: Store, sealer: Sealer, token: str, *, now: datetime) -> str:
    """Send the question; returns the private page's path. A second press leads there again. Raises :class:`NotFound`."""
    with store.transaction() as tx:
        enquiry = enquiries.enquiry_for_update(tx.session, _waiting(tx.session, token).id)
        if enquiry.confirmed_at is None:
            _send(tx.session, sealer, enquiry, now)
        return path_of(sealer, enquiry)


def _waiting(session: Session, token: str) -> Enquiry:
    found = enquiries.by_confirm_token(session, token_digest(token))
    if found is None:
        raise NotFound("This link does not work any more.", hint="It works for 24 hours. Ask your question again.")
    return found


def _send(session: Session, sealer: Sealer, enquiry: Enquiry, now: datetime) -> None:
    enquiry.confirmed_at = enquiry.updated_at = now
    known = requests.visible_datasets(session, enquiry.dataset_refs)
    desks: dict[int | None, list[str]] = {custodian_id: [] for custodian_id in enquiry.custodian_ids}
    for ref in enquiry.dataset_refs:
        custodian = known[ref].custodian if ref in known else None
        desks.setdefault(custodian.id if custodian else None, []).append(ref)
    if enquiry.kind == enquiries.UNLISTED:
        desks[None] = []
    held = custodians.by_ids(session, {one for one in desks if one is not None})
    for custodian_id, refs in desks.items():
        open_thread(session, sealer, enquiry, held.get(custodian_id or 0), refs=refs, now=now)
    session.add(letters.receipt(sealer, enquiry, path=path_of(sealer, enquiry), desks=len(desks), now=now))


def open_thread(session: Session, sealer: Sealer, enquiry: Enquiry, custodian: Custodian | None, *, refs: list[str], now: datetime) -> None:
    """The question as the custodian has it from now on, at the desk that it has."""
    channel, target = desk_of(session, custodian, now)
    thread = EnquiryThread(
        public_id=secrets.token_hex(12), enquiry_id=enquiry.id, custodian_id=custodian.id if custodian else None, channel=channel, target=target,
        dataset_refs=refs, state="new" if channel == "triage" else "with_custodian", created_at=now, since=now,
    )
    session.add(thread)
    session.flush()
    hand_over(session, sealer, enquiry, thread, custodian, now=now)


def hand_over(session: Session, sealer: Sealer, enquiry: Enquiry, thread: EnquiryThread, custodian: Custodian | None, *, now: datetime) -> None:
    """Tell the thread's desk. What waits in triage because its custodian has no desk waits on the triage page."""
    is_unlisted = enquiry.kind == enquiries.UNLISTED
    if thread.channel == "mailbox":
        _send_to_mailbox(session, sealer, enquiry, thread, now)
    elif thread.channel == "workspace" and custodian is not None:
        what = "A researcher looks for data that you may hold" if is_unlisted else "A researcher asks about your data"
        tell_handlers(session, sealer, enquiry, thread, custodian.slug, what=what, now=now)
    elif is_unlisted and custodian is None:
        tell_staff(session, sealer, enquiry, thread, what="A researcher looks for data that is not listed", now=now)


def _send_to_mailbox(session: Session, sealer: Sealer, enquiry: Enquiry, thread: EnquiryThread, now: datetime) -> None:
    token = new_token()
    thread.desk_token_sha256, thread.letter_key = token_digest(token), f"question.desk.{secrets.token_hex(12)}"
    titles = requests.known_titles(session, thread.dataset_refs)
    letter = letters.to_mailbox(
        session, sealer, enquiry, thread, titles=[titles.get(ref, ref) for ref in thread.dataset_refs], path=f"/questions/desk/{token}", now=now
    )
    session.add(letter)


def send_to_mailbox_again(session: Session, sealer: Sealer, enquiry: Enquiry, thread: EnquiryThread, *, now: datetime) -> None:
    """The enquirer wrote again: with a new private page; the earlier one stops working."""
    token = new_token()
    thread.desk_token_sha256 = token_digest(token)
    session.add(letters.to_desk(session, sealer, enquiry, thread, path=f"/questions/desk/{token}", now=now))


def tell_handlers(session: Session, sealer: Sealer, enquiry: Enquiry, thread: EnquiryThread, slug: str, *, what: str, now: datetime) -> None:
    for one in accounts.team(session, slug):
        if one.account.address and any(held.role == "handler" for held in one.held):
            key = f"question.{secrets.token_hex(12)}"
            path = f"/w/{slug}/questions/{thread.public_id}"
            session.add(letters.to_handler(sealer, enquiry, address=one.account.address, path=path, key=key, what=what, now=now))


def tell_staff(session: Session, sealer: Sealer, enquiry: Enquiry, thread: EnquiryThread, *, what: str, now: datetime) -> None:
    """The triage officers; the gateway's administrators, who cannot read it, where there are none."""
    for one in officers(session):
        path = f"{one.path}/questions/{thread.public_id}" if one.is_officer else one.path
        session.add(letters.to_staff(sealer, enquiry, address=one.address, path=path, what=what, may_read=one.is_officer, now=now))


def desk_of(session: Session, custodian: Custodian | None, now: datetime) -> tuple[str, str | None]:
    """The custodian's own people where there are any, else its confirmed mailbox, else the gateway's staff."""
    if custodian is None:
        return "triage", None
    if accounts.count_holding(session, "handler", custodian.id):
        return "workspace", None
    route = requests.usable_routes(session, [custodian.id], now=now).get(custodian.id)
    return ("mailbox", route.target) if route is not None and route.channel == "mailbox" else ("triage", None)
