"""The daily heads: number and hash of the last row of every stream, signed with Ed25519, kept, shown publicly, and copied to a folder.

Whoever holds yesterday's copy can tell whether anything before it was rewritten, however well the chain was made to fit again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.audit.chain import canonical
from gateway.models import AuditCheckpoint, AuditHeads
from gateway.store import Store, audit
from gateway.store.sealing import key_in

KEY_FILE: Final = "audit.key"
COPIES: Final = "audit-heads"


def _new_key() -> bytes:
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw())


@dataclass(frozen=True, slots=True)
class Signer:
    """``folder`` gets the copies."""

    key_file: Path
    folder: Path

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(key_in(self.key_file, _new_key)))

    @property
    def public_key(self) -> str:
        """Base64 of the 32 bytes."""
        return base64.b64encode(self._key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()

    @property
    def key_id(self) -> str:
        return key_id(self.public_key)

    def sign(self, document: Mapping[str, Any]) -> str:
        return base64.b64encode(self._key().sign(canonical(document))).decode()


def key_id(public_key: str) -> str:
    return hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:16]


def is_signed(document: Mapping[str, Any], signature: str, public_key: str) -> bool:
    with suppress(InvalidSignature, ValueError):
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key)).verify(base64.b64decode(signature), canonical(document))
        return True
    return False


def sign_heads(store: Store, signer: Signer, *, now: datetime) -> int:
    """Sign today's heads, once a day. Returns how many streams they are of; 0 where it was done already. Raises :class:`OSError`
    where the copy cannot be written: then nothing is kept, and the next try does both."""
    day = now.date().isoformat()
    with store.transaction() as tx:
        if audit.has_heads(tx.session, day):
            return 0
        heads = {stream: _head(*audit.last(tx.session, stream)) for stream, _ in audit.streams(tx.session)}
        document = {"day": day, "signed_at": now.isoformat(), "public_key": signer.public_key, "heads": heads}
        row = AuditHeads(day=day, document=document, key_id=signer.key_id, signature=signer.sign(document))
        audit.add(tx.session, row)
        _copy(signer.folder, row)
    return len(heads)


def _head(sequence: int, hashed: str) -> dict[str, Any]:
    return {"sequence": sequence, "hash": hashed}


def _copy(folder: Path, row: AuditHeads) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{row.day}.json"
    made = path.with_suffix(".part")
    made.write_bytes(orjson.dumps(told(row), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    made.replace(path)


def told(row: AuditHeads | AuditCheckpoint) -> dict[str, Any]:
    """As it is shown and copied."""
    return {"document": row.document, "key": row.key_id, "signature": row.signature}


def copies(folder: Path) -> dict[str, dict[str, Any]]:
    """Day -> what was copied then."""
    found = {}
    for path in sorted(folder.glob("????-??-??.json")):
        with suppress(orjson.JSONDecodeError, OSError):
            found[path.stem] = orjson.loads(path.read_bytes())
    return found
