"""Looking after a source that is there: pause it, give it another schedule, name who is told about it."""

from __future__ import annotations

import re
from datetime import datetime

from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.models import Source
from gateway.sources.schedule import BY_HAND, check, next_due
from gateway.store import Store, contacts, dry_runs, sources, webhooks

MAIL_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")


def pause(store: Store, slug: str) -> Source:
    """No run of it starts on schedule until it is resumed; one that goes on ends as it would."""
    with store.transaction() as tx:
        source = sources.by_slug(tx.session, slug)
        _require_tried(source)
        source.state = "paused"
    return source


def resume(store: Store, slug: str, *, now: datetime) -> Source:
    """Also switches a source on that waits for a person. That one is due at once, unless it only runs by hand."""
    with store.transaction() as tx:
        source = sources.by_slug(tx.session, slug)
        if source.state == "unconfirmed" and dry_runs.has_succeeded(tx.session, source):
            source.next_due_at = now if source.schedule != BY_HAND else None
        else:
            _require_tried(source)
            source.next_due_at = next_due(source.schedule, source.timezone, source_slug=slug, after=now)
        source.state = "active"
    return source


def _require_tried(source: Source) -> None:
    """Raises :class:`Conflict` for a source that does not run on its schedule for another reason."""
    if source.state not in ("active", "paused"):
        raise Conflict(
            f"{source.slug} does not run on its schedule yet: it is {source.state}.", hint=f"Try it first: gateway source dry-run {source.slug}"
        )


def reschedule(store: Store, slug: str, schedule: str, *, timezone: str | None, now: datetime) -> Source:
    """Raises :class:`Unprocessable` for a schedule or time zone that makes no sense."""
    with store.transaction() as tx:
        source = sources.by_slug(tx.session, slug)
        check(schedule, timezone or source.timezone)
        source.schedule, source.timezone = schedule, timezone or source.timezone
        source.next_due_at = next_due(schedule, source.timezone, source_slug=slug, after=now)
    return source


def set_contact(store: Store, slug: str, address: str, *, digest: str) -> None:
    """Tell this mail address of failures, and of other runs as ``digest`` says. Raises :class:`Unprocessable`."""
    if not MAIL_ADDRESS.fullmatch(address):
        raise Unprocessable(f"{address!r} is not a mail address.", hint="For example data@example.org.", fields={"address": "Enter a mail address, such as data@example.org."})
    _check_digest(digest)
    with store.transaction() as tx:
        contacts.put(tx.session, sources.by_slug(tx.session, slug), address, digest=digest)


def set_webhook_contact(store: Store, slug: str, public_id: str, *, digest: str) -> None:
    """As :func:`set_contact`, by a webhook that the source's custodian has. Raises :class:`NotFound` for any other."""
    _check_digest(digest)
    with store.transaction() as tx:
        source = sources.by_slug(tx.session, slug)
        if source.custodian_id is None:
            raise Unprocessable("Webhooks belong to a custodian, and this source has none.", hint="Name a mail address instead.")
        endpoint = webhooks.require(tx.session, public_id, custodian_id=source.custodian_id)
        contacts.put(tx.session, source, endpoint.public_id, digest=digest, endpoint_id=endpoint.id)


def _check_digest(digest: str) -> None:
    if digest not in contacts.DIGESTS:
        raise Unprocessable(f"{digest!r} is no choice.", hint=f"Choose {', '.join(contacts.DIGESTS)}.", fields={"digest": "Choose one of the list."})


def drop_contact(store: Store, slug: str, address: str) -> None:
    with store.transaction() as tx:
        if not contacts.drop(tx.session, sources.by_slug(tx.session, slug), address):
            raise NotFound(f"{address} is not named for {slug}.", hint=f"gateway source show {slug} lists who is.")
