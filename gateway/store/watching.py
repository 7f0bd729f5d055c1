"""Notes in the audit what a flush changes in watched tables (gateway/audit/watching.py), whoever changed it and how."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Delete, Table, Update, event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session

from gateway.acting import acting
from gateway.audit.actions import COMMAND
from gateway.audit.watching import WATCHED, Watch
from gateway.models import Custodian, PathwayVersion, RequestEvent, RequestPart
from gateway.store import audit
from gateway.store.audit import GATEWAY, SECURITY, Entry

ACCOUNT_STATES: Final = {"suspended": "account.suspended", "closed": "account.closed", "active": "account.resumed"}


def _noted(session: Session, _context: object) -> None:
    """Listens to every flush, while the session still knows what was new, changed and gone."""
    for row in session.new:
        if isinstance(row, RequestEvent):
            _note_event(session, row)
        else:
            _note(session, row, _created(row))
    for row in session.dirty:
        _note(session, row, _changed(row))
    for row in session.deleted:
        watch = WATCHED.get(row.__tablename__)
        _note(session, row, watch.removed if watch else None)


def _noted_in_bulk(state: ORMExecuteState) -> None:
    """Rows that a DELETE or an UPDATE statement will reach are looked at first."""
    statement, mapper = state.statement, state.bind_mapper
    if not isinstance(statement, Delete | Update) or mapper is None or not isinstance(mapper.local_table, Table):
        return
    watch = WATCHED.get(mapper.local_table.name)
    action = None if watch is None else watch.removed if isinstance(statement, Delete) else _set_by(statement, watch)
    if action is None or action == "account.state":
        return
    query, where = select(mapper), statement.whereclause
    for row in state.session.scalars(query if where is None else query.where(where)).all():
        _note(state.session, row, action)


def _set_by(statement: Update, watch: Watch) -> str | None:
    """Values that are set are parameters named as their columns."""
    named = statement.compile().params
    return next((action for name, action in watch.changed.items() if name in named), None)


event.listen(Session, "after_flush", _noted)
event.listen(Session, "do_orm_execute", _noted_in_bulk)


def _created(row: Any) -> str | None:
    if isinstance(row, PathwayVersion) and row.is_removed:
        return "pathway.removed"
    watch = WATCHED.get(row.__tablename__)
    if watch is None or watch.created != "sign_in.completed":
        return watch.created if watch else None
    return "sign_in.completed" if row.is_complete else "sign_in.half"


def _changed(row: Any) -> str | None:
    watch = WATCHED.get(row.__tablename__)
    if watch is None:
        return None
    attributes = inspect(row).attrs
    action = next((action for name, action in watch.changed.items() if attributes[name].history.has_changes()), None)
    return ACCOUNT_STATES[row.state] if action == "account.state" else action


def _note(session: Session, row: Any, action: str | None) -> None:
    if action is None:
        return
    watch = WATCHED[row.__tablename__]
    with session.no_autoflush:
        stream = _stream(session, watch, row)
        told = _object(session, watch, row)
    if watch.kind == "sign_in":
        acting().become(told.removeprefix("account/"), "person")
    audit.note(session, Entry(stream=stream, action=action, object=told, payload=_payload(watch, row)))


def _object(session: Session, watch: Watch, row: Any) -> str:
    value = getattr(row, watch.object)
    if watch.object != "account_id":
        return f"{watch.kind}/{value}"
    subject = session.scalar(select(_accounts().c.subject).where(_accounts().c.id == value))
    told = f"account/{subject}"
    return f"{told}/{row.role}" if watch.kind == "role" else told


def _accounts() -> Any:
    return Custodian.metadata.tables["accounts"]


def _stream(session: Session, watch: Watch, row: Any) -> str:
    if watch.place == "security":
        return SECURITY
    if isinstance(row, Custodian):
        return audit.organisation(row.slug)
    custodian_id = getattr(row, "custodian_id", None)
    return audit.organisation(_slug(session, custodian_id))


def _slug(session: Session, custodian_id: int | None) -> str | None:
    if custodian_id is None:
        return None
    with session.no_autoflush:
        return session.scalar(select(Custodian.slug).where(Custodian.id == custodian_id))


def _payload(watch: Watch, row: Any) -> dict[str, Any]:
    columns = [column.key for column in inspect(row).mapper.column_attrs]
    return {name: getattr(row, name) for name in columns if name not in watch.secret}


def _note_event(session: Session, row: RequestEvent) -> None:
    """Every command of a request, by whatever way its event came into the table."""
    with session.no_autoflush:
        part = session.get(RequestPart, row.part_id) if row.part_id is not None else None
        stream = audit.organisation(_slug(session, part.custodian_id)) if part is not None else GATEWAY
    told = f"part/{part.public_id}/{row.version}" if part is not None else f"request/{row.request_id}"
    audit.note(session, Entry(stream=stream, action=COMMAND + row.command, object=told, actor=row.actor, role=row.role, payload=row.payload))
