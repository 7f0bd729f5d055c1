"""OAuth 2 client credentials (RFC 6749, section 4.4): a token for a source, kept in memory until shortly before its end.

A refresh token in the answer is not used: the client's own credentials give a new token at any time, and are needed anyway.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import quote_plus, urlencode

from harvesters.fetch import Fetcher
from harvesters.source import FetchRefused

RENEWED_BEFORE: Final = timedelta(seconds=60)
WITHOUT_END: Final = timedelta(minutes=5)
"""How long a token counts whose answer does not say."""
LONGEST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """``secret`` is sent to ``token_url`` alone. ``request`` is how the token endpoint wants to be asked."""

    token_url: str
    client_id: str
    secret: str
    scope: str | None = None
    request: Literal["form", "json"] = "form"
    client_in: Literal["body", "basic"] = "body"


class TokenSource:
    """Hands out the token in force."""

    def __init__(self, credentials: ClientCredentials, fetcher: Fetcher) -> None:
        self._credentials = credentials
        self._fetcher = fetcher
        self._token: str | None = None
        self._ends_at: datetime | None = None

    def token(self) -> str:
        """Raises what a fetch raises, and :class:`FetchRefused` with the reason ``credentials`` for an answer without a token."""
        is_fresh = self._ends_at is not None and self._fetcher.now() < self._ends_at - RENEWED_BEFORE
        if self._token is None or not is_fresh:
            self._ask()
        assert self._token is not None
        return self._token

    def forget(self) -> None:
        """The server refused the token before its end."""
        self._token = self._ends_at = None

    def _ask(self) -> None:
        asked = self._credentials
        fields = {"grant_type": "client_credentials", **({"scope": asked.scope} if asked.scope else {})}
        headers = {}
        if asked.client_in == "basic":
            pair = f"{quote_plus(asked.client_id)}:{quote_plus(asked.secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            fields |= {"client_id": asked.client_id, "client_secret": asked.secret}
        is_json = asked.request == "json"
        body = json.dumps(fields) if is_json else urlencode(fields)
        media_type = "application/json" if is_json else "application/x-www-form-urlencoded"
        answer = self._fetcher.post(asked.token_url, body=body.encode(), media_type=media_type, accept="application/json", headers=headers)
        self._token, lasts = _read(answer.body, answer.url)
        self._ends_at = self._fetcher.now() + lasts


def _read(body: bytes, url: str) -> tuple[str, timedelta]:
    try:
        answer = json.loads(body)
        token = answer["access_token"]
    except (ValueError, KeyError, TypeError):
        token = None
    if not isinstance(token, str) or not token.isprintable() or not token.isascii() or not token:
        raise FetchRefused("credentials", "The token endpoint answered without a token.", url=url)
    return token, _lifetime(answer.get("expires_in"))


def _lifetime(stated: object) -> timedelta:
    """Seconds as a number, or as digits in a text."""
    digits = str(stated).strip() if isinstance(stated, int | str) and not isinstance(stated, bool) else ""
    return min(timedelta(seconds=int(digits)), LONGEST) if digits.isdecimal() and len(digits) < 10 else WITHOUT_END
