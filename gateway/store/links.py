"""Records of different sources that are one dataset (S12): found by shared identifiers, proposed by title, judged by people."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import and_, or_, select, union
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import Alias, Link, Record
from gateway.store import webhooks
from gateway.store.alike import Alike
from gateway.store.records import VISIBLE, touch_index

OVERUSED: Final = 3
"""So many records of one source under one identifier mean that it identifies none of them."""
AT_ONCE: Final = 5_000
"""Identifiers in one statement, and titles that are kept in memory to be compared with all others."""
GLOBAL: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|10\.\d{4,9}/\S+|https?://[^/\s]+/\S+|urn:\S+:\S+", re.ASCII | re.IGNORECASE)
"""UUID (a PID of the HDR UK Gateway), DOI, IRI: identifiers that mean the same everywhere."""
T = TypeVar("T")
log = structlog.get_logger(__name__)


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
    told = [value for value in values if GLOBAL.fullmatch(value)]
    spelt = sorted({value.lower() for value in told}.union(told))
    other = Record.source_id != source_id, Record.state.in_(VISIBLE)
    found: list[tuple[str, Record]] = []
    for part in _parts(spelt):
        by_id = select(Record.local_id, Record).where(Record.local_id.in_(part), *other)
        by_alias = select(Alias.value, Record).join(Record, Record.id == Alias.record_id).where(Alias.value.in_(part), *other)
        found += [(value, record) for query in (by_id, by_alias) for value, record in session.execute(query)]
    return found


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many as a statement takes."""
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


Pairs = dict[tuple[int, int], dict[str, Any]]
"""Two records, the older one first, and what speaks for their being one dataset."""


@dataclass(frozen=True, slots=True)
class Found:
    """``overused`` are identifiers that stand for so many records of the source that they identify none."""

    linked: Pairs
    proposed: Pairs
    overused: dict[str, int]


def find(session: Session, source_id: int) -> Found:
    """What links the source's records with those of others, and what only its title speaks for."""
    mine = identifiers(session, source_id)
    linked: Pairs = {}
    shared = {value: held for value, held in mine.items() if len(held) < OVERUSED}
    spoilt: dict[int, dict[str, int]] = {}
    for value, other in elsewhere(session, source_id, shared):
        if other.source_id not in spoilt:
            spoilt[other.source_id] = overused(session, other.source_id)
        if value.lower() not in spoilt[other.source_id]:
            for record_id in shared[value.lower()]:
                linked.setdefault(_pair(record_id, other.id), {"identifier": value})
    return Found(linked, _alike(session, source_id), {value: len(held) for value, held in mine.items() if len(held) >= OVERUSED})


def save(session: Session, found: Found, *, now: datetime) -> int:
    """Returns how many are new. A pair that is linked, proposed or rejected already stays as it is."""
    return _save(session, found.linked, "linked", now) + _save(session, found.proposed, "proposed", now)


def _pair(one: int, other: int) -> tuple[int, int]:
    return (min(one, other), max(one, other))


def _save(session: Session, found: Pairs, state: str, now: datetime) -> int:
    return sum(_save_part(session, {pair: found[pair] for pair in part}, state, now) for part in _parts(sorted(found)))


def _save_part(session: Session, found: Pairs, state: str, now: datetime) -> int:
    firsts = {first for first, _ in found}
    known = {(row.record_a, row.record_b): row for row in session.scalars(select(Link).where(Link.record_a.in_(firsts)))}
    new, accepted = [pair for pair in found if pair not in known], []
    for pair, evidence in found.items():
        if pair not in known:
            session.add(Link(record_a=pair[0], record_b=pair[1], state=state, evidence=evidence, created_at=now))
        elif known[pair].state == "proposed" and state == "linked" and known[pair].decided_at is None:
            known[pair].state, known[pair].evidence = state, evidence
            accepted.append(pair)
    session.flush()
    if state == "proposed":
        webhooks.announce_proposals(session, new, now=now)
    else:
        _touch(session, [*new, *accepted], now=now)
    return len(new)


def _touch(session: Session, pairs: Sequence[tuple[int, int]], *, now: datetime) -> None:
    """Search shows as one what is linked: the index must see both again."""
    for part in _parts(sorted({number for pair in pairs for number in pair})):
        for record in session.scalars(select(Record).where(Record.id.in_(part), Record.state.in_(VISIBLE)).order_by(Record.id)):
            touch_index(session, record, now=now)


def _alike(session: Session, source_id: int) -> Pairs:
    """Pairs of records of one custodian, from two sources, whose titles have nearly the same words."""
    custodian_ids = select(Record.custodian_id).where(Record.source_id == source_id, Record.custodian_id.is_not(None)).distinct()
    found: Pairs = {}
    for custodian_id in session.scalars(custodian_ids.order_by(Record.custodian_id)).all():
        of_custodian = Record.custodian_id == custodian_id, Record.state.in_(VISIBLE), Record.title.is_not(None)
        titled = select(Record.id, Record.title).where(*of_custodian).order_by(Record.id)
        mine = [(number, title or "") for number, title in session.execute(titled.where(Record.source_id == source_id))]
        for part in _parts(mine):
            alike = Alike(part)
            for number, title in session.execute(titled.where(Record.source_id != source_id).execution_options(yield_per=AT_ONCE)):
                alike.meet(number, title or "")
            found |= {_pair(one, other): {"title": title} for one, other, title in alike.pairs()}
            if alike.left_out:
                log.warning("links.too_many_alike", source_id=source_id, custodian_id=custodian_id, left_out=alike.left_out)
    return found


def of_record(session: Session, record_id: int, *states: str) -> list[Linked]:
    wanted = or_(Link.record_a == record_id, Link.record_b == record_id), Link.state.in_(states)
    joined = or_(and_(Link.record_a == record_id, Record.id == Link.record_b), and_(Link.record_b == record_id, Record.id == Link.record_a))
    query = select(Link, Record).join(Record, joined).where(*wanted, Record.state.in_(VISIBLE)).order_by(Link.id)
    return [Linked(*row) for row in session.execute(query)]


def listing(session: Session, *, state: str, after: int = 0, limit: int = 25) -> list[Link]:
    return list(session.scalars(select(Link).where(Link.state == state, Link.id > after).order_by(Link.id).limit(limit)))


def decide(session: Session, link_id: int, *, state: str, by: str, now: datetime) -> Link:
    """*linked* or *rejected*; no harvest changes a decision."""
    row = session.get(Link, link_id)
    if row is None:
        raise NotFound(f"There is no link {link_id}.", hint="gateway link list shows them.")
    row.state, row.decided_by, row.decided_at = state, by, now
    session.flush()
    _touch(session, [(row.record_a, row.record_b)], now=now)
    return row


def records_of(session: Session, rows: Sequence[Link]) -> dict[int, Record]:
    wanted = {number for row in rows for number in (row.record_a, row.record_b)}
    return {record.id: record for record in session.scalars(select(Record).where(Record.id.in_(wanted)))}
