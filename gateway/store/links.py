"""Records of different sources that are one dataset (S12): found by shared identifiers, proposed by title, judged by people."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, or_, select, union
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import Alias, Link, Record, Source, Version
from gateway.store import webhooks
from gateway.store.records import VISIBLE

OVERUSED: Final = 3
"""So many records of one source under one identifier mean that it identifies none of them."""
ALIKE: Final = 0.9
COMPARED_AT_MOST: Final = 2_000
GLOBAL: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|10\.\d{4,9}/\S+|https?://[^/\s]+/\S+|urn:\S+:\S+", re.ASCII | re.IGNORECASE)
"""UUID (a PID of the HDR UK Gateway), DOI, IRI: identifiers that mean the same everywhere."""
WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Linked:
    """A link as seen from one of its records."""

    link: Link
    other: Record


def identifiers(session: Session, source_id: int) -> dict[str, set[int]]:
    """Global identifiers of a source's visible records -> the records known by each. Former identifiers count too."""
    own = Record.source_id == source_id, Record.state.in_(VISIBLE)
    query = union(
        select(Record.local_id, Record.id).where(*own), select(Record.pid, Record.id).where(*own),
        select(Alias.value, Record.id).join(Record, Record.id == Alias.record_id).where(*own),
    )
    found: dict[str, set[int]] = defaultdict(set)
    for value, record_id in session.execute(query):
        if GLOBAL.fullmatch(value):
            found[value.lower()].add(record_id)
    return found


def overused(session: Session, source_id: int) -> dict[str, int]:
    """Identifiers that three or more records of the source share: a finding, not a link."""
    return {value: len(held) for value, held in identifiers(session, source_id).items() if len(held) >= OVERUSED}


def elsewhere(session: Session, source_id: int, values: Iterable[str]) -> list[tuple[str, Record]]:
    """Visible records of other sources that are known by one of these global identifiers."""
    wanted = {value.lower() for value in values if GLOBAL.fullmatch(value)}
    spelt = {*wanted, *(value for value in values if GLOBAL.fullmatch(value))}
    other = Record.source_id != source_id, Record.state.in_(VISIBLE)
    by_alias = select(Alias.value, Record).join(Record, Record.id == Alias.record_id).where(Alias.value.in_(spelt), *other)
    by_id = select(Record.local_id, Record).where(Record.local_id.in_(spelt), *other)
    return [(value, record) for query in (by_id, by_alias) for value, record in session.execute(query)] if spelt else []


def link(session: Session, source_id: int, *, now: datetime) -> int:
    """Link the source's records with those of others, and propose what only its title speaks for; returns how many are new.

    A pair that is linked, proposed or rejected already stays as it is.
    """
    mine = identifiers(session, source_id)
    found: dict[tuple[int, int], dict[str, Any]] = {}
    shared = {value: held for value, held in mine.items() if len(held) < OVERUSED}
    spoilt: dict[int, dict[str, int]] = {}
    for value, other in elsewhere(session, source_id, shared):
        spoilt.setdefault(other.source_id, overused(session, other.source_id))
        if value.lower() not in spoilt[other.source_id]:
            for record_id in shared[value.lower()]:
                found.setdefault(_pair(record_id, other.id), {"identifier": value})
    new = _save(session, found, "linked", now)
    return new + _save(session, _alike(session, source_id), "proposed", now)


def _pair(one: int, other: int) -> tuple[int, int]:
    return (min(one, other), max(one, other))


def _save(session: Session, found: dict[tuple[int, int], dict[str, Any]], state: str, now: datetime) -> int:
    if not found:
        return 0
    firsts = {first for first, _ in found}
    known = {(row.record_a, row.record_b): row for row in session.scalars(select(Link).where(Link.record_a.in_(firsts)))}
    new = [pair for pair in found if pair not in known]
    for pair, evidence in found.items():
        if pair not in known:
            session.add(Link(record_a=pair[0], record_b=pair[1], state=state, evidence=evidence, created_at=now))
        elif known[pair].state == "proposed" and state == "linked" and known[pair].decided_at is None:
            known[pair].state, known[pair].evidence = state, evidence
    session.flush()
    if state == "proposed":
        webhooks.announce_proposals(session, new, now=now)
    return len(new)


def _alike(session: Session, source_id: int) -> dict[tuple[int, int], dict[str, Any]]:
    """Pairs of records of one custodian, from two sources, whose titles have nearly the same words."""
    custodian_ids = select(Record.custodian_id).where(Record.source_id == source_id, Record.custodian_id.is_not(None)).distinct()
    wanted = Record.state.in_(VISIBLE), Record.custodian_id.in_(custodian_ids), Record.title.is_not(None)
    rows = session.execute(select(Record.id, Record.source_id, Record.custodian_id, Record.title).where(*wanted).limit(COMPARED_AT_MOST)).all()
    words = {record_id: frozenset(WORD.findall((title or "").casefold())) for record_id, _, _, title in rows}
    mine = [row for row in rows if row[1] == source_id]
    others = [row for row in rows if row[1] != source_id]
    return {
        _pair(one[0], other[0]): {"title": other[3]}
        for one in mine for other in others
        if one[2] == other[2] and _likeness(words[one[0]], words[other[0]]) >= ALIKE
    }


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def of_record(session: Session, record_id: int, *states: str) -> list[Linked]:
    wanted = or_(Link.record_a == record_id, Link.record_b == record_id), Link.state.in_(states)
    joined = or_(and_(Link.record_a == record_id, Record.id == Link.record_b), and_(Link.record_b == record_id, Record.id == Link.record_a))
    query = select(Link, Record).join(Record, joined).where(*wanted, Record.state.in_(VISIBLE)).order_by(Link.id)
    return [Linked(*row) for row in session.execute(query)]


def group(session: Session, record: Record) -> list[Record]:
    """All records that are this dataset, the one to show first at the front: pushed by its custodian, then fetched from it,
    then from a feed of many custodians; then by score, then by age."""
    found, waiting = {record.id: record}, [record]
    while waiting:
        for one in of_record(session, waiting.pop().id, "linked"):
            if one.other.id not in found:
                found[one.other.id] = one.other
                waiting.append(one.other)
    about = (
        select(Record.id, Source.kind, Source.custodian_id, Version.quality).join(Source, Source.id == Record.source_id)
        .join(Version, Version.id == Record.current_version_id).where(Record.id.in_(found))
    )
    rank = {
        number: (0 if kind == "push" else 1 if custodian_id is not None else 2, -(quality or 0), number)
        for number, kind, custodian_id, quality in session.execute(about)
    }
    return sorted(found.values(), key=lambda one: rank.get(one.id, (3, 0, one.id)))


def listing(session: Session, *, state: str, after: int = 0, limit: int = 25) -> list[Link]:
    return list(session.scalars(select(Link).where(Link.state == state, Link.id > after).order_by(Link.id).limit(limit)))


def decide(session: Session, link_id: int, *, state: str, by: str, now: datetime) -> Link:
    """*linked* or *rejected*; no harvest changes a decision."""
    row = session.get(Link, link_id)
    if row is None:
        raise NotFound(f"There is no link {link_id}.", hint="gateway link list shows them.")
    row.state, row.decided_by, row.decided_at = state, by, now
    return row


def records_of(session: Session, rows: Sequence[Link]) -> dict[int, Record]:
    wanted = {number for row in rows for number in (row.record_a, row.record_b)}
    return {record.id: record for record in session.scalars(select(Record).where(Record.id.in_(wanted)))}
