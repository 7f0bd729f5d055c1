"""What a person chose about mail, and the address that ends a topic with one post (RFC 8058)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.mailing.topics import HOWS, TOPICS, How
from gateway.store import Store, mail, saved_searches
from gateway.store.sealing import Sealer

PATH: Final = "/unsubscribe/"


@dataclass(frozen=True, slots=True)
class Ending:
    """What an address ends: letters about a topic, or with ``search`` (its public id) about one saved search alone."""

    subject: str
    topic: str
    search: str | None = None

    @property
    def words(self) -> str:
        return "this saved search" if self.search else TOPICS[self.topic].words


def unsubscribe_path(sealer: Sealer, subject: str, topic: str, *, search: str | None = None) -> str:
    named = {"search": search} if search else {}
    return PATH + sealer.seal(json.dumps({"subject": subject, "topic": topic, **named}))


def opened(sealer: Sealer, token: str) -> Ending:
    """Raises :class:`NotFound`."""
    try:
        held = json.loads(sealer.open(token))
        return Ending(held["subject"], held["topic"], held.get("search"))
    except (Conflict, ValueError, KeyError):
        raise NotFound("This address does not work.", hint="Choose what comes by mail on your account page.") from None


def unsubscribe(store: Store, sealer: Sealer, token: str, *, now: datetime) -> Ending:
    """What no mail comes about any more. May be repeated, also after the search was removed."""
    ending = opened(sealer, token)
    with store.transaction() as tx:
        if ending.search is None:
            mail.choose(tx.session, ending.subject, {ending.topic: "never"}, now=now)
        else:
            saved_searches.switch_off(tx.session, ending.subject, ending.search)
    return ending


def choose(store: Store, subject: str, posted: Mapping[str, str], *, now: datetime) -> None:
    """Raises :class:`Unprocessable` naming the topic."""
    chosen: dict[str, How] = {}
    for name in (name for name, topic in TOPICS.items() if topic.is_optional):
        found = next((how for how in HOWS if how == posted.get(name)), None)
        if found is None:
            raise Unprocessable("Your choice was not saved.", fields={name: "Choose when it comes."})
        chosen[name] = found
    with store.transaction() as tx:
        mail.choose(tx.session, subject, chosen, now=now)
