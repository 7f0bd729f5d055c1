"""The job ``clocks``: carries out what the clocks of all parts call for. May run twice, and in several workers at once: each part is
worked out anew under its lock, and what was done is marked in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.orm import Session

from gateway.access import notices
from gateway.access.clock_words import sentence
from gateway.access.commands import Command, perform_in
from gateway.access.context import running
from gateway.access.machine import fold
from gateway.access.parts import Event
from gateway.access.recipients import recipients
from gateway.access.reminders import Due, Lapse, Reminder, Sent, due
from gateway.errors import GatewayError
from gateway.store import Store, clocks, requests
from gateway.store.clocks import Ticking
from gateway.store.rhythm import CLOCKS
from gateway.store.sealing import Sealer

log = structlog.get_logger(__name__)
AT_ONCE: Final = 200


def keep_time(store: Store, sealer: Sealer, *, now: datetime) -> dict[str, int]:
    """How many reminders (with escalations) and lapses there were. One part that fails does not keep the others waiting."""
    with store.transaction() as tx:
        CLOCKS.note_time(tx.session, now=now)
    with store.reading() as session:
        ids = clocks.ticking_parts(session)
    tally = {"reminders": 0, "lapses": 0}
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        for part_id in _called(store, some, now):
            for one in _tried(store, sealer, part_id, now):
                tally["lapses" if isinstance(one, Lapse) else "reminders"] += 1
    if any(tally.values()):
        log.info("clocks.done", **tally)
    return tally


def _called(store: Store, ids: Sequence[int], now: datetime) -> list[int]:
    """Those for which something is due."""
    with store.reading() as session:
        histories, done = requests.histories_of(session, ids), clocks.done(session, ids)
        return [
            row.part.id for row in clocks.ticking(session, ids) if _due(session, row, histories[row.part.id], done[row.part.id], now)
        ]


def _due(session: Session, row: Ticking, history: Sequence[Event], done: Sent, now: datetime) -> tuple[Due, ...]:
    told = running(session, row.part, row.custodian, row.answers)
    return due(history, done, part=row.part.public_id, running=told, now=now)


def _tried(store: Store, sealer: Sealer, part_id: int, now: datetime) -> tuple[Due, ...]:
    try:
        with store.transaction() as tx:
            return tuple(_carry_out(tx.session, sealer, part_id, now))
    except GatewayError as error:
        log.warning("clocks.refused", part_id=part_id, why=error.message)
    except Exception:
        log.exception("clocks.failed", part_id=part_id)
    return ()


def _carry_out(session: Session, sealer: Sealer, part_id: int, now: datetime) -> Iterator[Due]:
    part = requests.part_for_update(session, part_id)
    (row,) = clocks.ticking(session, [part_id])
    for one in _due(session, row, requests.history(session, part_id), clocks.done(session, [part_id])[part_id], now):
        clocks.mark(session, one.key, part_id, now=now)
        if isinstance(one, Lapse):
            perform_in(session, sealer, part, Command(name=one.command, role="system", actor="clock", payload=one.payload), now)
        else:
            _tell(session, sealer, row, one, now)
        yield one


def _tell(session: Session, sealer: Sealer, row: Ticking, one: Reminder, now: datetime) -> None:
    state = fold(requests.history(session, row.part.id))
    told: set[str] = set()
    for audience in one.to:
        for to in recipients(session, row, state, audience):
            if to.address not in told:
                told.add(to.address)
                letter = notices.reminder(
                    sealer, reference=row.request.reference, key=f"{one.key}.{to.label}", sentence=sentence(one), path=to.path,
                    to_address=to.address, now=now,
                )
                session.add(letter)
