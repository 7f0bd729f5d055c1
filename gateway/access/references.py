"""References that people read aloud: ``AR-`` and nine characters of Crockford's base 32, the last a check character."""

from __future__ import annotations

import secrets

from gateway.errors import BadRequest

PREFIX = "AR-"
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 8
_MODULUS = 37
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_reference(prefix: str = PREFIX) -> str:
    """A random reference of 40 bits. Numbers whose check is one of Crockford's five extra signs are not used."""
    while True:
        number = secrets.randbelow(len(_DIGITS) ** _LENGTH)
        if number % _MODULUS < len(_DIGITS):
            return prefix + _spelled(number) + _DIGITS[number % _MODULUS]


def read_reference(text: str) -> str:
    """The reference as it is written, from what somebody typed: case, blanks, hyphens, O for 0 and I or L for 1.

    Raises :class:`BadRequest` where it cannot be one.
    """
    typed = text.strip().upper().removeprefix("AR").translate(_MISREAD)
    if len(typed) == _LENGTH + 1 and all(sign in _DIGITS for sign in typed):
        number = 0
        for sign in typed[:-1]:
            number = number * len(_DIGITS) + _DIGITS.index(sign)
        if number % _MODULUS == _DIGITS.index(typed[-1]):
            return PREFIX + typed
    raise BadRequest("That is not a reference of a request.", hint="It looks like AR-7K3M9Q2X4; please check every character.")


def is_reference(text: str) -> bool:
    """Whether it is spelled exactly as references are; private addresses are longer."""
    return len(text) == len(PREFIX) + _LENGTH + 1 and text.startswith(PREFIX) and all(sign in _DIGITS for sign in text.removeprefix(PREFIX))


def _spelled(number: int) -> str:
    signs = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        signs.append(_DIGITS[digit])
    return "".join(reversed(signs))
