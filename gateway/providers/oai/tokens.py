"""Resumption tokens: the place in a list and what was asked for, signed with a key of this installation."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from gateway.providers.oai.asked import OaiError
from gateway.store.sealing import key_in


@dataclass(frozen=True, slots=True)
class Place:
    """``after`` is the datestamp and number of the last record given, ``given`` how many were, ``total`` how many there were."""

    verb: str
    arguments: Mapping[str, str]
    after: tuple[datetime, int]
    given: int
    total: int


class Tokens:
    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def written(self, place: Place) -> str:
        moment, number = place.after
        value = [place.verb, dict(place.arguments), moment.isoformat(), number, place.given, place.total]
        token = self._serializer().dumps(value)
        return token if isinstance(token, str) else token.decode()

    def read(self, token: str, verb: str) -> Place:
        """Raises :class:`OaiError` (badResumptionToken) for a token that is not ours, or of another verb."""
        try:
            value: Any = self._serializer().loads(token)
        except BadData:
            raise OaiError("badResumptionToken", "This repository has not written that token.") from None
        if value[0] != verb:
            raise OaiError("badResumptionToken", f"That token goes on with {value[0]}.")
        return Place(value[0], value[1], (datetime.fromisoformat(value[2]), value[3]), value[4], value[5])

    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(key_in(self._key_file, lambda: secrets.token_hex(32).encode()), salt="oai-pmh")
