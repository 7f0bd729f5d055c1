"""The datasets of a request: whether they can be asked for, and who decides on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from gateway.errors import Unprocessable
from gateway.store import requests
from gateway.store.requests import Asked

MAX_DATASETS: Final = 50


def available(session: Session, dataset_refs: Sequence[str]) -> list[Asked]:
    """Raises :class:`Unprocessable` (field ``datasets``) for no, too many, unknown or withdrawn datasets, naming them."""
    refs = tuple(dict.fromkeys(dataset_refs))
    require_some(refs)
    found = requests.visible_datasets(session, refs)
    absent = [ref for ref in refs if ref not in found]
    if absent:
        titles = requests.known_titles(session, absent)
        named = ", ".join(titles.get(ref, ref) for ref in absent)
        raise _problem(f"These datasets can no longer be asked for: {named}. Take them out of the request.")
    return [found[ref] for ref in refs]


def require_some(refs: Sequence[str]) -> None:
    """Raises :class:`Unprocessable` (field ``datasets``) for no or too many."""
    if not refs:
        raise _problem("Choose at least one dataset.")
    if len(refs) > MAX_DATASETS:
        raise _problem(f"A request can name {MAX_DATASETS} datasets at most. You chose {len(refs)}.")


def by_custodian(datasets: Sequence[Asked]) -> Mapping[int | None, list[Asked]]:
    """One group per custodian, in the order chosen; datasets whose custodian is not known form one group."""
    groups: dict[int | None, list[Asked]] = {}
    for asked in datasets:
        groups.setdefault(asked.custodian.id if asked.custodian else None, []).append(asked)
    return groups


def _problem(sentence: str) -> Unprocessable:
    return Unprocessable(sentence, fields={"datasets": sentence})
