"""The datasets of a request: whether they can be asked for, and who decides on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.offering import refused
from gateway.errors import Unprocessable
from gateway.store import requests
from gateway.store.database import utc_now
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
    asked = [found[ref] for ref in refs]
    if refusals := refused(session, asked, now=utc_now()):
        raise _problem(" ".join(refusals))
    return asked


def require_some(refs: Sequence[str]) -> None:
    """Raises :class:`Unprocessable` (field ``datasets``) for no or too many."""
    if not refs:
        raise _problem("Choose at least one dataset.")
    if len(refs) > MAX_DATASETS:
        raise _problem(f"A request can name {MAX_DATASETS} datasets at most. You chose {len(refs)}.")


def _problem(sentence: str) -> Unprocessable:
    return Unprocessable(sentence, fields={"datasets": sentence})
