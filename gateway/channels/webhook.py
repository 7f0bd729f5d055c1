"""A custodian with a system of its own: the whole part, signed, posted to the address an operator entered.

The signature follows Standard Webhooks (headers ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``; HMAC-SHA256
over id, time and the exact body). The id and the body are the same at every attempt, the time is that of the attempt.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from standardwebhooks import Webhook

from gateway.channels.channel import DeliveryDeferred, DeliveryFailed, OutgoingPart, Receipt
from gateway.errors import Unprocessable

SECRET_PREFIX = "whsec_"  # noqa: S105  the spelling, not a secret
REFUSALS: Mapping[int, str] = {
    401: "The custodian's system does not accept the gateway's signature (401).",
    403: "The custodian's system does not accept requests from the gateway (403).",
    410: "The custodian's system no longer takes requests at this address (410).",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    retry_after_seconds: float | None = None


class Poster(Protocol):
    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post once, without following redirects. Raises :class:`DeliveryDeferred` or :class:`DeliveryFailed`."""
        ...


class WebhookChannel:
    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    def deliver(self, part: OutgoingPart) -> Receipt:
        body = orjson.dumps(payload(part), option=orjson.OPT_SORT_KEYS)
        answer = self._poster.post(part.target, body, signed_headers(part, body))
        if 200 <= answer.status < 300:
            return Receipt(facts={"channel": "webhook", "message_id": part.message_id, "status": answer.status})
        raise _failure(answer)


def payload(part: OutgoingPart) -> dict[str, Any]:
    """The body. It names nothing of the parts that went to other custodians."""
    return {
        "type": f"access_request.{part.occasion}",
        "timestamp": part.created_at.isoformat(),
        "data": {
            "reference": part.reference,
            "part": part.part,
            "custodian": part.custodian_slug,
            "datasets": part.document["datasets"],
            "answers": part.document["answers"],
            "files": part.document.get("files", []),
            "snapshot_sha256": part.snapshot_sha256,
            "acknowledge_url": part.link,
        },
    }


def signed_headers(part: OutgoingPart, body: bytes) -> dict[str, str]:
    if part.secret is None:
        raise DeliveryFailed("The custodian's system has no signing secret yet.")
    signing = [one for one in (part.secret, part.former_secret) if one is not None]
    signature = " ".join(Webhook(one).sign(part.message_id, part.attempted_at, body.decode()) for one in signing)
    return {
        "content-type": "application/json",
        "webhook-id": part.message_id,
        "webhook-timestamp": str(int(part.attempted_at.timestamp())),
        "webhook-signature": signature,
    }


def new_secret() -> str:
    """A secret of 256 bits in the spelling of Standard Webhooks."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def check_secret(secret: str) -> str:
    """Raises :class:`Unprocessable` unless it is ``whsec_`` and the base64 of 24 to 64 bytes."""
    try:
        size = len(base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not secret.startswith(SECRET_PREFIX) or not 24 <= size <= 64:
        raise Unprocessable(
            "The signing secret is not in the spelling of Standard Webhooks.",
            hint="Give whsec_ followed by the base64 of 24 to 64 random bytes, or leave it out to have one made.",
            fields={"secret": "not understood"},
        )
    return secret


def _failure(answer: Answer) -> DeliveryDeferred | DeliveryFailed:
    if answer.status in REFUSALS:
        return DeliveryFailed(REFUSALS[answer.status])
    if 300 <= answer.status < 400:
        return DeliveryDeferred(f"The custodian's system answered with a redirect ({answer.status}), which is not followed.")
    said = "reported an error" if answer.status >= 500 else "did not take the request"
    return DeliveryDeferred(
        f"The custodian's system {said} ({answer.status}).", retry_after_seconds=answer.retry_after_seconds
    )
