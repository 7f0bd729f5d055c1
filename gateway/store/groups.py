"""Records of several sources that are one dataset (S12), by the links that stand: which they are, and which is shown first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.models import Custodian, Link, Record, Source, Version
from gateway.store.records import VISIBLE, aliases

AT_ONCE: Final = 5_000
"""Records in one statement."""
Members = tuple[int, ...]
"""Visible records that are one dataset, the one to show first at the front."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a search document holds of another record of its dataset. ``known_as`` are all its identifiers."""

    ref: str
    slug: str | None
    title: str
    custodian_name: str | None
    known_as: tuple[str, ...]


def groups(session: Session, record_ids: Collection[int]) -> dict[int, Members]:
    """By record; those that are alone are left out. First comes what its custodian pushed, then what was fetched from it, then a feed of
    many custodians; then the higher score, then the older record."""
    linked = {number: found for number, found in _neighbours(session, record_ids).items() if found}
    whole = {number: component for component in _components(linked) for number in component}
    rank = _ranks(session, whole)
    return {number: tuple(sorted(whole[number], key=lambda one: rank[one])) for number in record_ids if number in whole}


def group(session: Session, record: Record) -> list[Record]:
    """All records that are this dataset, the one to show first at the front."""
    numbers = groups(session, [record.id]).get(record.id, (record.id,))
    held = {one.id: one for one in session.scalars(select(Record).where(Record.id.in_(numbers)))}
    return [held[number] for number in numbers]


def mates(session: Session, record_ids: Collection[int]) -> set[int]:
    """Visible records that are one dataset with any of these, or were until that one went: their place among them may have changed."""
    return set(_neighbours(session, record_ids)).difference(record_ids)


def change(session: Session, record_id: int) -> None:
    """Give the record a new change number, so that what the index is told of it now is newer than what it was told before."""
    session.execute(update(Record).where(Record.id == record_id).values(change_number=Record.change_number + 1))


def described(session: Session, record_ids: Collection[int]) -> dict[int, Described]:
    query = select(Record, Custodian.name).outerjoin(Custodian, Custodian.id == Record.custodian_id)
    rows = [row for part in _parts(record_ids) for row in session.execute(query.where(Record.id.in_(part)))]
    known = aliases(session, [record.id for record, _ in rows]) if rows else {}
    return {
        record.id: Described(record.ref, record.slug, record.title or record.local_id, name, tuple(dict.fromkeys((record.ref, record.pid, record.local_id, *known.get(record.id, ())))))
        for record, name in rows
    }  # fmt: skip


def _neighbours(session: Session, record_ids: Iterable[int]) -> dict[int, set[int]]:
    """Of every visible record that links lead to from these, and of these themselves where they are visible: the visible ones it is linked with."""
    found: dict[int, set[int]] = {}
    new = set(record_ids)
    while new:
        found |= {number: set() for number in new}
        for one, other in _links(session, new):
            found[one].add(other)
        new = {other for number in new for other in found[number]} - set(found)
    shown = set(_visible(session, found)) if any(found.values()) else set()
    return {number: others & shown for number, others in found.items() if number in shown}


def _links(session: Session, record_ids: Collection[int]) -> Iterable[tuple[int, int]]:
    """From these to visible records."""
    for part in _parts(record_ids):
        for mine, other in ((Link.record_a, Link.record_b), (Link.record_b, Link.record_a)):
            query = select(mine, other).join(Record, Record.id == other).where(mine.in_(part), Link.state == "linked", Record.state.in_(VISIBLE))
            yield from ((one, another) for one, another in session.execute(query))


def _visible(session: Session, record_ids: Collection[int]) -> Iterable[int]:
    for part in _parts(record_ids):
        yield from session.scalars(select(Record.id).where(Record.id.in_(part), Record.state.in_(VISIBLE)))


def _components(linked: Mapping[int, set[int]]) -> Iterable[set[int]]:
    left = set(linked)
    while left:
        component, waiting = set[int](), [left.pop()]
        while waiting:
            number = waiting.pop()
            component.add(number)
            waiting += linked[number] - component
        left -= component
        yield component


def _ranks(session: Session, record_ids: Collection[int]) -> dict[int, tuple[int, float, int]]:
    query = (
        select(Record.id, Source.kind, Source.custodian_id, Version.quality).join(Source, Source.id == Record.source_id)
        .outerjoin(Version, Version.id == Record.current_version_id)
    )  # fmt: skip
    return {
        number: (0 if kind == "push" else 1 if custodian_id is not None else 2, -(quality or 0), number)
        for part in _parts(record_ids)
        for number, kind, custodian_id, quality in session.execute(query.where(Record.id.in_(part)))
    }


def _parts(record_ids: Iterable[int]) -> Iterable[list[int]]:
    wanted = sorted(record_ids)
    return (wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE))
