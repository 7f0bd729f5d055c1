"""Dropping what is older than seven years: a whole prefix of a stream goes, and a signed checkpoint says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from gateway.audit.heads import Signer
from gateway.audit.verify import verify
from gateway.errors import Conflict
from gateway.models import AuditCheckpoint
from gateway.store import Store, audit

KEPT_FOR: Final = timedelta(days=7 * 365 + 2)


def prune(store: Store, signer: Signer, stream: str, *, now: datetime) -> int:
    """How many rows went. Raises :class:`Conflict` for a stream that does not verify: what is wrong must not be dropped with the rest."""
    wrong = verify(store, signer, stream=stream).wrong
    if wrong:
        raise Conflict(f"Nothing was dropped. {wrong[0].sentence}", hint="gateway audit verify tells more; keep the database as it is.")
    with store.transaction() as tx:
        up_to = audit.last_before(tx.session, stream, now - KEPT_FOR)
        if up_to is None:
            return 0
        document = {"stream": stream, "sequence": up_to, "hash": audit.hash_at(tx.session, stream, up_to), "made_at": now.isoformat()}
        audit.add(tx.session, AuditCheckpoint(
            stream=stream, sequence=up_to, document=document, key_id=signer.key_id, signature=signer.sign(document),
        ))
        dropped = audit.drop_prefix(tx.session, stream, up_to=up_to)
        audit.note(tx.session, audit.Entry(stream=audit.GATEWAY, action="audit.pruned", object=f"stream/{stream}/{up_to}"))
    return dropped
