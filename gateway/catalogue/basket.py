"""The basket: up to fifty datasets in a signed cookie. Nobody needs an account for it, and nothing of it is stored here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer

from gateway.errors import Unprocessable
from gateway.store.sealing import key_in

COOKIE = "basket"
MAX_DATASETS = 50
KEPT_FOR = timedelta(days=30)
_SALT = "gateway.basket"
_REF = re.compile(r"[a-z0-9]{4,16}")


class BasketCookie:
    """Reads and writes the cookie's value with the key file in the data folder, made at first use with mode 0600."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._serializer: URLSafeSerializer | None = None

    def read(self, cookie: str | None) -> tuple[str, ...]:
        """The refs in the order they were added; empty for a value that was not written here."""
        if not cookie:
            return ()
        try:
            held = self._signed().loads(cookie)
        except BadSignature:
            return ()
        return _valid(held) if isinstance(held, list) else ()

    def write(self, refs: Sequence[str]) -> str:
        """Raises :class:`Unprocessable` for more than fifty."""
        return self._signed().dumps(list(_checked(refs)))

    def _signed(self) -> URLSafeSerializer:
        if self._serializer is None:
            self._serializer = URLSafeSerializer(key_in(self._key_file, lambda: secrets.token_hex(32).encode()), salt=_SALT)
        return self._serializer


def add(refs: Sequence[str], *new: str) -> tuple[str, ...]:
    """The refs with the new ones at the end, each once. Raises :class:`Unprocessable` past fifty."""
    return _checked(tuple(dict.fromkeys((*refs, *_valid(list(new))))))


def remove(refs: Sequence[str], *gone: str) -> tuple[str, ...]:
    return tuple(ref for ref in refs if ref not in gone)


def _checked(refs: Sequence[str]) -> tuple[str, ...]:
    if len(refs) > MAX_DATASETS:
        raise Unprocessable(
            f"The basket holds {MAX_DATASETS} datasets at most.", hint="Send a request for these first, or take some out."
        )
    return tuple(refs)


def _valid(held: list[object]) -> tuple[str, ...]:
    """Those that look like the ref of a dataset; whether it exists is for the page to find out."""
    return tuple(ref for ref in held if isinstance(ref, str) and _REF.fullmatch(ref))
