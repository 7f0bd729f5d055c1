"""The whole audit against its hashes, its signed heads (those kept here and those copied), and its checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from gateway.audit.chain import BEGINNING, Wrong, first_wrong
from gateway.audit.heads import Signer, copies, is_signed, told
from gateway.store import Store, audit


@dataclass(frozen=True, slots=True)
class Verified:
    """``wrong`` holds the first wrong row of each stream that has one; ``rows`` counts what was read, ``days`` the signed days."""

    rows: int
    streams: int
    days: int
    wrong: tuple[Wrong, ...]


def verify(store: Store, signer: Signer, *, stream: str | None = None) -> Verified:
    """All streams, or one. Reads only."""
    with store.reading() as session:
        heads = _signed_heads(session, signer)
        named = {name for name, _ in audit.streams(session)} | {name for one in heads for name in one.document.get("heads", {})}
        chosen = sorted(name for name in named if stream in (None, name))
        wrong = [found for name in chosen if (found := _wrong_in(session, signer, name, heads)) is not None]
        rows = sum(audit.count_rows(session, name) for name in chosen)
    return Verified(rows, len(chosen), len({one.day for one in heads}), tuple(wrong))


@dataclass(frozen=True, slots=True)
class _Signed:
    day: str
    document: Mapping[str, Any]
    is_good: bool


def _signed_heads(session: Session, signer: Signer) -> list[_Signed]:
    """What was kept and what was copied; the key they name must be ours."""
    kept = [(row.day, told(row)) for row in audit.all_heads(session)]
    public_key = signer.public_key
    return [
        _Signed(day, held.get("document") or {}, is_signed(held.get("document") or {}, str(held.get("signature")), public_key))
        for day, held in [*kept, *copies(signer.folder).items()]
    ]


def _wrong_in(session: Session, signer: Signer, stream: str, heads: Iterable[_Signed]) -> Wrong | None:
    after, previous = 0, BEGINNING
    checkpoint = audit.newest_checkpoint(session, stream)
    if checkpoint is not None:
        after, previous = checkpoint.sequence, str(checkpoint.document["hash"])
        said = (checkpoint.document["stream"], checkpoint.document["sequence"])
        if said != (stream, after) or not is_signed(checkpoint.document, checkpoint.signature, signer.public_key):
            return Wrong(stream, after, "head mismatch")
    found = first_wrong(partial(audit.links, session, stream), after=after, previous=previous)
    against = _against_heads(session, stream, heads, after)
    both = [one for one in (found, against) if one is not None]
    return min(both, key=lambda one: one.sequence) if both else None


def _against_heads(session: Session, stream: str, heads: Iterable[_Signed], after: int) -> Wrong | None:
    count, _ = audit.last(session, stream)
    for one in sorted(heads, key=lambda one: one.day):
        head = one.document.get("heads", {}).get(stream)
        if head is None or head["sequence"] < after:
            continue
        if not one.is_good:
            return Wrong(stream, head["sequence"], "head mismatch")
        if head["sequence"] > count:
            return Wrong(stream, count + 1, "missing")
        if head["sequence"] > after and audit.hash_at(session, stream, head["sequence"]) != head["hash"]:
            return Wrong(stream, head["sequence"], "head mismatch")
    return None
