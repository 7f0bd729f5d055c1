"""Secrets at rest: source credentials, webhook secrets and unsent links are encrypted with a key of this installation."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from gateway.errors import Conflict


class Sealer:
    """Seals and opens short texts with the key file in the data folder, made at first use with mode 0600."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._fernet: Fernet | None = None

    def seal(self, text: str) -> str:
        return self._cipher().encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises :class:`Conflict` where the key is not the one the text was sealed with."""
        try:
            return self._cipher().decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Conflict(
                "A stored secret cannot be opened with this installation's key.",
                hint=f"Restore {self._key_file.name} from the backup, or enter the secret again.",
            ) from None

    def _cipher(self) -> Fernet:
        if self._fernet is None:
            self._fernet = Fernet(self._key())
        return self._fernet

    def _key(self) -> bytes:
        return key_in(self._key_file, Fernet.generate_key)


class AddressHashes:
    """Addresses that are remembered without being kept: HMAC-SHA-256 with a key of its own, in the data folder."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def of(self, address: str) -> str:
        key = key_in(self._key_file, lambda: secrets.token_hex(32).encode())
        return hmac.new(key, address.strip().casefold().encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def key_in(key_file: Path, make: Callable[[], bytes]) -> bytes:
    """The key in a file of mode 0600, made at first use. It is written whole before it gets its name, so that whoever starts
    at the same moment reads all of it, and the same."""
    key_file.parent.mkdir(parents=True, exist_ok=True)
    if not key_file.exists():
        made = key_file.with_name(f"{key_file.name}.{secrets.token_hex(4)}")
        descriptor = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
        with suppress(FileExistsError):
            os.link(made, key_file)
        made.unlink()
    return key_file.read_bytes().strip()


def new_token() -> str:
    """An unguessable token of 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """What is stored of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
