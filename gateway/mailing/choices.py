"""What a person chose about mail, and the address that ends a topic with one post (RFC 8058)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.mailing.topics import HOWS, TOPICS, How
from gateway.store import Store, mail
from gateway.store.sealing import Sealer

PATH: Final = "/unsubscribe/"


def unsubscribe_path(sealer: Sealer, subject: str, topic: str) -> str:
    return PATH + sealer.seal(json.dumps({"subject": subject, "topic": topic}))


def opened(sealer: Sealer, token: str) -> tuple[str, str]:
    """Whose and which topic. Raises :class:`NotFound`."""
    try:
        held = json.loads(sealer.open(token))
        return held["subject"], held["topic"]
    except (Conflict, ValueError, KeyError):
        raise NotFound("This address does not work.", hint="Choose what comes by mail on your account page.") from None


def unsubscribe(store: Store, sealer: Sealer, token: str, *, now: datetime) -> str:
    """The topic about which no mail comes any more."""
    subject, topic = opened(sealer, token)
    with store.transaction() as tx:
        mail.choose(tx.session, subject, {topic: "never"}, now=now)
    return topic


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
