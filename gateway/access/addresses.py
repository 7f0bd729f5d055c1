"""Mail addresses that are safe in a header."""

from __future__ import annotations

import re
from typing import Final

from gateway.errors import Unprocessable

LONGEST: Final = 254
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


def check_address(address: str) -> str:
    """The address as it is. Raises :class:`Unprocessable`."""
    if not is_address(address):
        sentence = "Enter an e-mail address in the form name@organisation.ac.uk."
        raise Unprocessable(sentence, fields={"email": sentence})
    return address


def is_address(address: str) -> bool:
    local, _, domain = address.rpartition("@")
    labels_are_good = all(label and not label.startswith("-") and not label.endswith("-") for label in domain.split("."))
    dots_are_good = not local.startswith(".") and not local.endswith(".") and ".." not in local
    return bool(_ADDRESS.fullmatch(address)) and labels_are_good and dots_are_good and "." in domain and len(address) <= LONGEST
