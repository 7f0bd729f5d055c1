"""The letter about a saved search: titles, and why each is there. Its first paragraph is the notice in the account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from frontend import words
from frontend.custodian_text import excerpt
from gateway.access.notices import Body, message
from gateway.mailing.choices import unsubscribe_path
from gateway.models import Message, SavedSearch
from gateway.store.saved_searches import Counts, News
from gateway.store.sealing import Sealer

LISTED: Final = 20
TITLE_AT_MOST: Final = 150
CLOSING: Final = "You receive this because you saved this search."
TOPIC: Final = "searches"


def letter(
    sealer: Sealer, search: SavedSearch, *, to_address: str, asked: str, news: Sequence[News], reasons: Mapping[str, str], counts: Counts,
    since: datetime, now: datetime,
) -> Message:
    """``asked`` is the search in words; ``news`` are the first of what ``counts`` counts, and ``reasons`` say by dataset why they are there."""
    lines = [f"- {excerpt(one.title, TITLE_AT_MOST)}\n  {_why(one, reasons)}" for one in news[:LISTED]]
    left = counts.new + counts.changed - len(lines)
    more = [f"and {left:,} more"] if left > 0 else []
    text = "\n\n".join((f"“{search.name}”: {told(counts)} since {words.day(since.isoformat())}.", asked, "\n".join([*lines, *more])))
    path = f"/account/searches/{search.public_id}"
    stop = unsubscribe_path(sealer, search.subject, TOPIC, search=search.public_id)
    return message(
        sealer, key=f"search.{search.public_id}.{search.looked_at.isoformat()}", to_address=to_address, subject="News of a saved search",
        body=Body(text=text, path=path, closing=CLOSING, stop_path=stop), now=now, topic=TOPIC,
    )


def told(counts: Counts) -> str:
    """``3 new, 1 changed``."""
    parts = ((counts.new, "new"), (counts.changed, "changed"))
    return ", ".join(f"{count:,} {word}" for count, word in parts if count)


def kind_of(one: News) -> str:
    if one.kind == "changed":
        return "Changed"
    return "New in the catalogue" if one.is_new_in_catalogue else "Now fits the search"


def _why(one: News, reasons: Mapping[str, str]) -> str:
    """``New in the catalogue: matched in title, 2 columns (smoker, smoking_status)``."""
    return f"{kind_of(one)}: {reasons.get(one.ref) or 'it fits the filters'}"
