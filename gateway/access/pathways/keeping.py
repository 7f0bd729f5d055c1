"""Pathways as they hold: as administrators published them last, else as they come with the gateway. Published versions are never changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.access.pathways.documents import checked, differences, kept, written
from gateway.access.pathways.listing import PATHWAYS, shipped
from gateway.access.pathways.pathway import Pathway
from gateway.access.pathways.using import used_by
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.models import PathwayVersion
from gateway.store import Store, pathways

NAME: Final = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*){0,3}")
RESERVED: Final = frozenset({"compare", "new"})
LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One version. ``changed`` are the fields that are not as in the one before; ``by`` is a subject, None for what came with the gateway.
    ``is_removed``: the pathway was removed then."""

    pathway: Pathway
    changed: tuple[str, ...]
    by: str | None
    at: datetime | None
    is_removed: bool = False


def pathway_at(session: Session, name: str, at: datetime) -> Pathway:
    row = pathways.version_at(session, name, at)
    return kept(row.document) if row is not None and not row.is_removed else shipped(name)


def pathways_now(session: Session) -> Mapping[str, Pathway]:
    """All, by id: those that come with the gateway first, the usual way last of them."""
    return {**PATHWAYS, **{row.pathway: kept(row.document) for row in pathways.newest(session) if not row.is_removed}}


def editions(session: Session, name: str) -> tuple[Edition, ...]:
    """The newest first."""
    rows = pathways.history(session, name)
    found = [kept(row.document) for row in rows]
    first = [PATHWAYS[name]] if name in PATHWAYS else []
    before = [*found, *first][1:]
    told = [
        Edition(
            pathway=one, changed=differences(before[number], one) if number < len(before) else (), by=row.published_by, at=row.published_at,
            is_removed=row.is_removed,
        )
        for number, (row, one) in enumerate(zip(rows, found, strict=True))
    ]
    return (*told, *(Edition(pathway=one, changed=(), by=None, at=None) for one in first))


def publish(store: Store, one: Pathway, *, seen_version: int, actor: str, now: datetime) -> Pathway:
    """``seen_version`` is the version that was changed, 0 for a new pathway. It holds for requests that are begun from now on.

    Raises :class:`Unprocessable` naming every field to mend, and :class:`Conflict` where somebody published another version meanwhile.
    """
    _check_name(one.id)
    with store.transaction() as tx:
        present = pathways_now(tx.session).get(one.id)
        if (present.version if present is not None else 0) != seen_version:
            raise _overtaken() if seen_version else Unprocessable("The name is taken.", fields={"id": "There is a way with this name already."})
        made = checked(replace(one, version=_last_version(tx.session, one.id) + 1), today=now.date())
        if present is not None and not differences(present, made):
            raise Unprocessable("Nothing was changed.", fields={"title": "Nothing is different from the version that holds."})
        _add(tx.session, made, actor=actor, now=now)
    return made


def remove(store: Store, name: str, *, typed: str, seen_version: int, actor: str, now: datetime) -> None:
    """There is no such pathway from now on; requests that were begun on it and are over keep its text. ``typed`` is its name, as confirmation.

    Raises :class:`Unprocessable` (field ``confirm``), :class:`NotFound`, and :class:`Conflict` for one that comes with the gateway, that is in
    use, or of which somebody published another version meanwhile.
    """
    _require_name(typed, name)
    with store.transaction() as tx:
        present = pathways_now(tx.session).get(name)
        if present is None:
            raise NotFound("There is no such way.", hint="The page of ways lists all of them.")
        if name in PATHWAYS:
            raise Conflict("This way comes with the gateway, and stays.", hint="It can go back to the text that it came with.")
        if present.version != seen_version:
            raise _overtaken()
        if used := used_by(tx.session, name):
            raise Conflict("It was not removed, because it is in use.", hint=" ".join(used))
        _add(tx.session, replace(present, version=present.version + 1), actor=actor, now=now, is_removed=True)


def restore(store: Store, name: str, *, typed: str, seen_version: int, actor: str, now: datetime) -> Pathway:
    """The text that came with the gateway is published again. Raises as :func:`publish`, and :class:`NotFound` for one that did not."""
    _require_name(typed, name)
    if name not in PATHWAYS:
        raise NotFound("This way did not come with the gateway.")
    return publish(store, PATHWAYS[name], seen_version=seen_version, actor=actor, now=now)


def _require_name(typed: str, name: str) -> None:
    if typed.strip() != name:
        raise Unprocessable("Nothing was changed.", fields={"confirm": f"Type the name of this way to confirm: {name}"})


def _last_version(session: Session, name: str) -> int:
    """That it ever had, also before it was removed."""
    rows = pathways.history(session, name)
    return rows[0].version if rows else PATHWAYS[name].version if name in PATHWAYS else 0


def _add(session: Session, made: Pathway, *, actor: str, now: datetime, is_removed: bool = False) -> None:
    row = PathwayVersion(
        pathway=made.id, version=made.version, document=written(made), published_by=actor, published_at=now, is_removed=is_removed,
    )
    try:
        pathways.add(session, row)
    except IntegrityError:
        raise _overtaken() from None


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name) or name in RESERVED or len(name) > LONGEST_NAME:
        raise Unprocessable("The name cannot be used.", fields={"id": "Small letters, digits, dots and hyphens, such as wales.sail."})


def _overtaken() -> Conflict:
    return Conflict("Somebody published another version meanwhile.", hint="Compare it with yours, and publish again.")


