"""Passwords: argon2id, refused when others could guess them, hashed at most four at a time (a hash costs 64 MiB)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from gateway.errors import Unavailable, Unprocessable

SHORTEST: Final = 15
LONGEST: Final = 128
GUESSED_IN: Final = 10**10
"""Guesses; what takes fewer is refused whatever its length (words that leaked, the person's own names, repetition)."""
GATEWAY_WORDS: Final = ("alliance gateway", "health data", "research", "metadata catalogue")
"""What comes to mind first when asked for a password of this service."""
AT_ONCE: Final = 4
WAIT_SECONDS: Final = 2.0

_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_FREE = threading.BoundedSemaphore(AT_ONCE)


def check_password(password: str, *, own_words: tuple[str, ...] = ()) -> None:
    """Raises :class:`Unprocessable` with what to change. Nothing is trimmed or cut: the password counts as it was typed."""
    sentence = _fault(password, own_words)
    if sentence:
        raise Unprocessable("This password cannot be used.", fields={"password": sentence})


def hash_password(password: str) -> str:
    """Raises :class:`Unavailable` when too many are being hashed."""
    with _turn():
        return _HASHER.hash(password)


def is_password(password_hash: str | None, password: str) -> bool:
    """Costs the same whether there is a hash or not, so that time does not tell which accounts exist."""
    if len(password) > LONGEST:
        return False
    with _turn():
        try:
            return _HASHER.verify(password_hash or _nobodys_hash(), password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with older parameters; then the next sign-in hashes anew."""
    return _HASHER.check_needs_rehash(password_hash)


def _fault(password: str, own_words: tuple[str, ...]) -> str:
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Four or five words that do not belong together are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    words = [word for text in (*own_words, *GATEWAY_WORDS) for word in (text, *text.replace("@", " ").replace(".", " ").split()) if len(word) > 2]
    judged = zxcvbn(password, user_inputs=words, max_length=LONGEST)
    if judged["guesses"] < GUESSED_IN:
        return "Others could guess this password. Use words that do not belong together, and neither your name nor your address."
    return ""


@contextmanager
def _turn() -> Iterator[None]:
    if not _FREE.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("Many people are signing in at this moment.", hint="Try again in a few seconds.", retry_after_seconds=5)
    try:
        yield
    finally:
        _FREE.release()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody has this password")
