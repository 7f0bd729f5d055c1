"""The custodian's side of a webhook: is this message from the gateway, and what did it say?

The signature follows Standard Webhooks: ``webhook-signature`` holds ``v1,<base64>`` of the HMAC-SHA256 over
``<webhook-id>.<webhook-timestamp>.<body>``, several of them separated by blanks while a secret is replaced.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Mapping
from typing import Any

SECRET_PREFIX = "whsec_"  # noqa: S105  the spelling, not a secret
TOLERANCE_SECONDS = 300
REMEMBERED = 500


class Receiver:
    """Remembers each verified message once, by its id. ``status`` is what it answers until it is told otherwise."""

    def __init__(self, secret: str) -> None:
        self.status = 200
        self._secret = secret
        self._messages: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def receive(self, headers: Mapping[str, str], body: bytes, *, now_seconds: float) -> tuple[int, str]:
        """The HTTP status to answer and a sentence that says why."""
        wrong = problem(self._secret, headers, body, now_seconds=now_seconds)
        if wrong:
            return 401, wrong
        if self.status != 200:
            return self.status, f"This receiver was told to answer {self.status}."
        self._remember(headers["webhook-id"], body)
        return 200, "Received."

    def messages(self) -> list[dict[str, Any]]:
        """In the order of arrival: ``id``, ``times`` it was received, ``body`` (JSON, or text where it is none)."""
        with self._lock:
            return [dict(message) for message in self._messages.values()]

    def _remember(self, message_id: str, body: bytes) -> None:
        with self._lock:
            message = self._messages.setdefault(message_id, {"id": message_id, "times": 0, "body": _parsed(body)})
            message["times"] += 1
            if len(self._messages) > REMEMBERED:
                del self._messages[next(iter(self._messages))]


def problem(secret: str, headers: Mapping[str, str], body: bytes, *, now_seconds: float) -> str | None:
    """Why the message cannot be trusted, or ``None``."""
    message_id, sent, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (message_id and given and sent.isascii() and sent.isdigit()):
        return "The headers webhook-id, webhook-timestamp and webhook-signature are missing or not understood."
    if abs(now_seconds - int(sent)) > TOLERANCE_SECONDS:
        return "The message's time is more than five minutes away from this clock."
    expected = signature(secret, message_id, sent, body).encode()
    if not any(hmac.compare_digest(expected, one.encode()) for one in given.split(" ")):
        return "No signature fits the message."
    return None


def signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """``v1,`` and the base64 of the code, as it stands in ``webhook-signature``."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    code = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(code).decode()


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
