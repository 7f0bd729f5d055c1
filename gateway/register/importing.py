"""A register file into drafts. A dry run says first what would happen; an import of the same custodian and project updates.

Entries that follow a decision made here are never changed by a file: they are worked out from the decision.
"""

from __future__ import annotations

import csv
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Final, Literal

from sqlalchemy.orm import Session

from gateway.access.register import HEADINGS, links
from gateway.models import DataUse
from gateway.register.columns import COMMERCIAL, COUNTRIES, GATEWAY_ID, NAMES, STATUS
from gateway.register.reading import Line, RegisterFile
from gateway.store import Store, custodians, uses
from gateway.store.uses import OUTPUTS

What = Literal["new", "update", "same", "kept", "faulty"]
Candidates = Callable[[str], list[tuple[str, str]]]
"""The catalogue's guesses (ref, title) for a dataset's name; for a person to choose from."""
STATUSES: Final = ("active", "suspended", "ended", "revoked")
ID: Final = re.compile(r"[0-9a-f]{10}")
KEPT_VALUES: Final = (*HEADINGS, COMMERCIAL, COUNTRIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What happens to a line. ``kept``: its entry follows a decision made here; ``faulty``: it has errors."""

    line: Line
    what: What
    public_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    file: RegisterFile
    lines: tuple[Planned, ...]
    has_names: bool

    def count(self, what: What) -> int:
        return sum(one.what == what for one in self.lines)


@dataclass(slots=True)
class _Known:
    """The custodian's entries by what a line may name them with."""

    by_id: dict[str, DataUse] = field(default_factory=dict)
    by_project: dict[str, DataUse] = field(default_factory=dict)

    def of(self, line: Line) -> DataUse | None:
        named = self.by_id.get(line.values.get(GATEWAY_ID, ""))
        return named or self.by_project.get(line.values.get("Project ID", ""))

    def add(self, use: DataUse) -> None:
        self.by_id[use.public_id] = use
        if project := use.values.get("Project ID"):
            self.by_project.setdefault(project, use)


def plan(store: Store, file: RegisterFile, *, custodian: str) -> Plan:
    """What an import would do. Changes nothing. Raises :class:`NotFound` for an unknown custodian."""
    with store.reading() as session:
        known = _known(session, custodians.by_slug(session, custodian).id)
        seen: set[str] = set()
        lines = tuple(_planned(known, line, seen) for line in file.lines)
    return Plan(file=file, lines=lines, has_names=any(line.values.get(name) for line in file.lines for name in NAMES))


def carry_out(
    store: Store, file: RegisterFile, *, custodian: str, people_agreed: bool, candidates: Candidates, now: datetime
) -> Mapping[What, int]:
    """Import the good lines as drafts, or into the entries they name; returns how many lines went which way.

    Names and identifiers of people are kept only where ``people_agreed``.
    """
    done: dict[What, int] = {"new": 0, "update": 0, "same": 0, "kept": 0, "faulty": 0}
    guesses = {name: candidates(name) for name in {name for line in file.lines if line.is_good for name in dataset_names(line.values)}}
    with store.transaction() as tx:
        custodian_id = custodians.by_slug(tx.session, custodian).id
        known = _known(tx.session, custodian_id)
        seen: set[str] = set()
        for line in file.lines:
            found = _planned(known, line, seen)
            done[found.what] += 1
            values = {name: line.values.get(name, "") if people_agreed or name not in NAMES else "" for name in KEPT_VALUES}
            if found.what == "new":
                known.add(_added(tx.session, line, values, custodian_id, now))
            elif found.what == "update":
                _updated(known.by_id[found.public_id or ""], line, values, now)
        tx.session.flush()
        _propose_datasets(tx.session, [use for use in known.by_id.values() if use.imported and use.updated_at == now], guesses)
    return done


def dataset_names(values: Mapping[str, str]) -> list[str]:
    """The list of names in a cell: parted by commas, those that hold one in quotation marks."""
    row = next(csv.reader([" ".join(values.get("Dataset(s) name", "").split())], skipinitialspace=True), [])
    return [name.strip() for name in row if name.strip()]


def _known(session: Session, custodian_id: int) -> _Known:
    known = _Known()
    for use in uses.of_custodian(session, custodian_id):
        known.add(use)
    return known


def _planned(known: _Known, line: Line, seen: set[str]) -> Planned:
    if not line.is_good:
        return Planned(line=line, what="faulty")
    use = known.of(line)
    if use is None:
        project = line.values.get("Project ID", "")
        again = bool(project) and project in seen
        seen.add(project)
        return Planned(line=line, what="update" if again else "new")
    if use.part_id is not None:
        return Planned(line=line, what="kept", public_id=use.public_id)
    is_same = all(use.values.get(name, "") == line.values.get(name, "") for name in KEPT_VALUES if name not in NAMES)
    return Planned(line=line, what="same" if is_same else "update", public_id=use.public_id)


def _added(session: Session, line: Line, values: dict[str, str], custodian_id: int, now: datetime) -> DataUse:
    stated = line.values.get(GATEWAY_ID, "")
    use = DataUse(
        public_id=stated if ID.fullmatch(stated) and not uses.is_taken(session, stated) else secrets.token_hex(5), custodian_id=custodian_id,
        status="draft", values=values, dataset_refs=[], history=[], outputs=links(values.get(OUTPUTS, "")), imported={"status": _status(line, now)},
        approved_at=_moment(line, "Latest approval date"), updated_at=now,
    )
    session.add(use)
    session.flush()
    return use


def _updated(use: DataUse, line: Line, values: dict[str, str], now: datetime) -> None:
    use.values = {**use.values, **values}
    use.outputs, use.approved_at, use.updated_at = links(values.get(OUTPUTS, "")), _moment(line, "Latest approval date"), now
    use.imported = {**(use.imported or {}), "status": _status(line, now)}
    if use.opened_at is not None:
        use.status = use.imported["status"]
        use.history = [*use.history, {"at": now.isoformat(), "what": "Changed by the custodian"}]


def _status(line: Line, now: datetime) -> str:
    stated = line.values.get(STATUS, "").casefold()
    if stated in STATUSES:
        return stated
    ends = line.values.get("Project end date", "")
    return "ended" if ends and ends < now.date().isoformat() else "active"


def _moment(line: Line, name: str) -> datetime:
    return datetime.combine(date.fromisoformat(line.values[name]), time(), UTC)


def _propose_datasets(session: Session, drafts: list[DataUse], guesses: Mapping[str, list[tuple[str, str]]]) -> None:
    """Beside each name: exact matches, else guesses. A person chooses; nothing is linked before."""
    exact = uses.datasets_named(session, list(guesses)) if guesses else {}
    for use in drafts:
        proposals: list[dict[str, Any]] = []
        for name in dataset_names(use.values):
            sure = exact.get(name, [])
            offered = [{"ref": ref, "title": title} for ref, title in sure or guesses.get(name, [])]
            proposals.append({"name": name, "is_exact": bool(sure), "datasets": offered})
        use.imported = {**(use.imported or {}), "proposals": proposals}
