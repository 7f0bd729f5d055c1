"""Files that people attached, encrypted one by one with keys of their own, under names that say nothing.

The key lies sealed in the file's row: once the row is gone nobody can read the file, wherever a copy of it may be.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import Conflict, NotFound
from gateway.store.sealing import Sealer

NONCE_BYTES: Final = 12
KEY_BITS: Final = 256


class Vault:
    """A folder beside everything that is served. AES-256-GCM; the name belongs to what is authenticated, so no file passes for another."""

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self._folder = folder
        self._sealer = sealer

    def put(self, body: bytes) -> tuple[str, str]:
        """The name it is kept under, and its sealed key."""
        name, key, nonce = secrets.token_hex(32), AESGCM.generate_key(KEY_BITS), os.urandom(NONCE_BYTES)
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(".part")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(nonce + AESGCM(key).encrypt(nonce, body, name.encode()))
        os.replace(partial, path)
        return name, self._sealer.seal(base64.b64encode(key).decode())

    def get(self, name: str, sealed_key: str) -> bytes:
        """Raises :class:`NotFound`, and :class:`Conflict` for a file that is not as it was put here."""
        try:
            kept = self._path(name).read_bytes()
        except FileNotFoundError:
            raise NotFound("This file is no longer kept.") from None
        try:
            return AESGCM(base64.b64decode(self._sealer.open(sealed_key))).decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], name.encode())
        except InvalidTag:
            raise Conflict("This file is not as it was when it was attached.", hint="Attach it again.") from None

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def sweep(self, needed: AbstractSet[str], *, older_than: datetime) -> int:
        """Delete files that no row names, and what a crash left half written; younger ones stay. Returns how many went."""
        gone = 0
        for path in self._folder.glob("??/*"):
            if path.name not in needed and path.stat().st_mtime < older_than.timestamp():
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name
