"""A request that was sent over a bare store, in one step: for tests of what comes after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.store import Store
from tests.gateway.asking import FORM, sealer, submit


@dataclass(frozen=True, slots=True)
class Sent:
    reference: str
    follow_token: str


def send(store: Store, folder: Path, refs: Sequence[str]) -> Sent:
    done = submit(store, sealer(folder), dataset_refs=list(refs))
    assert done.follow_token is not None
    return Sent(done.reference, done.follow_token)


def answers() -> tuple[str, ...]:
    """Texts of the request that no subject line may hold."""
    return FORM.title, FORM.lay_summary, FORM.name
