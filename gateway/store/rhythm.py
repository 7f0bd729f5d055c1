"""When recurring work was done last, so that each of many workers knows whether it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from gateway.models import Setting
from gateway.store.upserts import insert_into


@dataclass(frozen=True, slots=True)
class Rhythm:
    """``name`` is the row in which the time is kept."""

    name: str
    every: timedelta

    def is_due(self, session: Session, *, now: datetime) -> bool:
        row = session.get(Setting, self.name)
        return row is None or now - datetime.fromisoformat(row.value["at"]) >= self.every

    def note_time(self, session: Session, *, now: datetime) -> None:
        """Also where another worker notes the first time at the same moment."""
        new = insert_into(session, Setting).values(name=self.name, value={"at": now.isoformat()})
        session.execute(new.on_conflict_do_update(index_elements=["name"], set_={"value": new.excluded.value}))


CLOCKS = Rhythm("clocks", timedelta(hours=1))
HOUSEKEEPING = Rhythm("housekeeping", timedelta(days=1))
