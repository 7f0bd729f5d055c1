"""The columns that a visitor ticked for the datasets of the basket, until a request begins with them.

Why this exists: the basket is a cookie, which holds 4 kB at most and travels with every page; hundreds of names of columns do not fit. So they
are kept here, in one row under the digest of a random token that the visitor's browser alone holds. They belong to the browser and not to the
account, as the basket does: ticking needs no sign-in, survives it, and nothing has to be merged. Nothing says whose they are, and they end
with the basket, thirty days after the last change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from frontend.views.dataset import ColumnRow
from gateway.access.bank.reading import MAX_ROWS
from gateway.catalogue.basket import KEPT_FOR
from gateway.errors import Unprocessable
from gateway.models import ChosenColumns
from gateway.store import Store, chosen_columns
from gateway.store.sealing import new_token, token_digest

MAX_COLUMNS: Final = 1_000
MAX_TABLES: Final = MAX_ROWS
"""Each becomes a row of the request."""


@dataclass(frozen=True, slots=True)
class ChosenTable:
    """Columns of one table; none named is the whole table."""

    table: str
    columns: tuple[str, ...] = ()


Choice = tuple[ChosenTable, ...]


def ticked(rows: Sequence[ColumnRow], *, shown: Collection[str], ticks: Collection[str], whole: Collection[str], before: Choice) -> Choice:
    """What is chosen of the ``rows`` of a dataset once a page was sent. ``shown`` are the anchors of the boxes that stood on the page and
    ``ticks`` those that were ticked; boxes of other pages stay as they were ``before``. ``whole`` are the tables that are wanted whole."""
    kept = {(one.table, name) for one in before for name in one.columns}
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.table in whole:
            found[row.table] = {}
        elif row.can_be_chosen and (row.anchor in ticks if row.anchor in shown else (row.table, row.name) in kept):
            found.setdefault(row.table, {})[row.name] = None
    return tuple(ChosenTable(table, tuple(names)) for table, names in found.items())


def held(store: Store, token: str | None, *, now: datetime) -> dict[str, Choice]:
    """By ref; empty for a token that is not known."""
    if not token:
        return {}
    with store.reading() as session:
        row = chosen_columns.of(session, token_digest(token))
    return _read(row, now)


def choose(store: Store, token: str | None, ref: str, choice: Choice, *, basket: Collection[str], now: datetime) -> str:
    """Keep the choice for a dataset in place of the one before, and forget those of datasets that left the basket. Returns the token to keep
    from now on. Raises :class:`Unprocessable` for more than a request can name."""
    with store.transaction() as tx:
        row = chosen_columns.of(tx.session, token_digest(token), is_locked=True) if token else None
        after = {**{one: tables for one, tables in _read(row, now).items() if one in basket}, ref: choice}
        _require_room(after)
        if row is not None and token:
            row.datasets, row.changed_at = _written(after), now
            return token
        made = new_token()
        chosen_columns.add(tx.session, ChosenColumns(digest=token_digest(made), datasets=_written(after), changed_at=now))
        return made


def forget(store: Store, token: str | None, refs: Collection[str]) -> None:
    """Take the choices for these datasets away; what is not there is no matter."""
    if not token:
        return
    with store.transaction() as tx:
        row = chosen_columns.of(tx.session, token_digest(token), is_locked=True)
        if row is None:
            return
        left = {ref: tables for ref, tables in row.datasets.items() if ref not in refs}
        if not left:
            chosen_columns.forget(tx.session, row)
        elif len(left) < len(row.datasets):
            row.datasets = left


def _require_room(chosen: Mapping[str, Choice]) -> None:
    tables = [one for choice in chosen.values() for one in choice]
    if sum(len(one.columns) for one in tables) > MAX_COLUMNS:
        raise Unprocessable(f"You can carry {MAX_COLUMNS:,} columns at most, of all datasets in the basket together. Untick some, or tick whole tables instead.")
    if len(tables) > MAX_TABLES:
        raise Unprocessable(f"You can carry columns of {MAX_TABLES} tables at most, of all datasets in the basket together. Untick some.")


def _read(row: ChosenColumns | None, now: datetime) -> dict[str, Choice]:
    """Nothing once its time is over, swept or not."""
    if row is None or row.changed_at <= now - KEPT_FOR:
        return {}
    return {ref: tuple(ChosenTable(table, tuple(names)) for table, names in tables) for ref, tables in row.datasets.items()}


def _written(chosen: Mapping[str, Choice]) -> dict[str, Any]:
    return {ref: [[one.table, list(one.columns)] for one in choice] for ref, choice in chosen.items() if choice}
