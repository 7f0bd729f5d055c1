"""What a custodian's list says of a record, against the record itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from schemas.rules.dates import day
from schemas.rules.rule import Flaw, Rule, Subject

TITLE_LIMIT: Final = 80  # of a list; longer titles can only be listed cut off
HINT: Final = "Let the list and the documents be written from the same data."


def _against_the_list(subject: Subject) -> Iterator[Flaw]:
    listed, record = subject.facts.listed, subject.record
    if listed is None:
        return
    if listed.identifier and listed.stated_ids and listed.identifier not in listed.stated_ids:
        yield Flaw("/identifier", f"The list calls this record {listed.identifier[:80]}, the record itself says otherwise.", HINT, record.identifier)
    if listed.version and record.version and listed.version.strip() != record.version.strip():
        yield Flaw("/version", f"The list says version {listed.version.strip()[:20]}, the record says {record.version[:20]}.", HINT, record.version)
    if listed.title and record.summary.title and not _is_same_title(listed.title, record.summary.title):
        yield Flaw("/summary/title", f"The list gives the title {listed.title[:80]!r}.", HINT, record.summary.title)
    if listed.modified and record.modified and not _is_same_time(listed.modified, record.modified):
        yield Flaw("/modified", f"The list says that the record was changed on {listed.modified[:40]}.", HINT, record.modified)


def _is_same_title(listed: str, stated: str) -> bool:
    """Blanks and case do not count; a title that was too long for the list may be cut off there."""
    short, whole = (" ".join(text.split()).casefold() for text in (listed, stated))
    cut = short.rstrip(".\u2026 ")
    return short == whole or (len(whole) > TITLE_LIMIT and len(short) > TITLE_LIMIT / 2 and whole.startswith(cut))


def _is_same_time(listed: str, stated: str) -> bool:
    """To the second where both have a time with an offset, else to the day. What is no date is compared with none."""
    first, second = _moment(listed), _moment(stated)
    if first is not None and second is not None:
        return abs(first - second) < dt.timedelta(seconds=1)
    days = day(listed), day(stated)
    return None in days or days[0] == days[1]


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text.strip()) if "T" in text.upper() else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo else None


RULES: Final = (Rule("DOC-06", "warning", _against_the_list, ("listed",)),)
