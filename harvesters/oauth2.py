"""OAuth 2 client credentials (RFC 6749, section 4.4): a token for a source, kept in memory until shortly before its end.

The client shows its secret, or signs with a key of its own (``private_key_jwt``, RFC 7523). A refresh token in the answer is used for
the next one; where that fails in any way, the client's own credentials give a new token.
"""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Final, Literal
from urllib.parse import quote_plus, urlencode

from joserfc import jwt

from harvesters.client_keys import algorithm_of, signing_key
from harvesters.fetch import Fetched, Fetcher
from harvesters.source import FetchDeferred, FetchRefused

RENEWED_BEFORE: Final = timedelta(seconds=60)
WITHOUT_END: Final = timedelta(minutes=5)
"""How long a token counts whose answer does not say."""
LONGEST: Final = timedelta(days=1)
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """``secret`` is sent to ``token_url`` alone; for ``private_key_jwt`` it is the key that signs, and is never sent. ``request`` is how
    the token endpoint wants to be asked, ``refresh`` how a refresh token is given back: with its grant, or alone."""

    token_url: str
    client_id: str
    secret: str
    scope: str | None = None
    request: Literal["form", "json"] = "form"
    client_in: Literal["body", "basic", "private_key_jwt"] = "body"
    refresh: Literal["grant", "bare"] = "grant"


class TokenSource:
    """Hands out the token in force."""

    def __init__(self, credentials: ClientCredentials, fetcher: Fetcher) -> None:
        self._credentials = credentials
        self._fetcher = fetcher
        self._token: str | None = None
        self._ends_at: datetime | None = None
        self._refresh_token: str | None = None
        self._asking = threading.Lock()

    def token(self) -> str:
        """Raises what a fetch raises, and :class:`FetchRefused` with the reason ``credentials`` for an answer without a token."""
        with self._asking:
            is_fresh = self._ends_at is not None and self._fetcher.now() < self._ends_at - RENEWED_BEFORE
            if self._token is None or not is_fresh:
                self._ask()
            assert self._token is not None
            return self._token

    def forget(self, token: str) -> None:
        """The server refused the token before its end. One that took its place meanwhile stays."""
        with self._asking:
            if token == self._token:
                self._token = self._ends_at = None

    def _ask(self) -> None:
        if self._refresh_token is not None and self._refreshed():
            return
        fields = {"grant_type": "client_credentials", **({"scope": self._credentials.scope} if self._credentials.scope else {})}
        self._take(self._posted(fields))

    def _refreshed(self) -> bool:
        """Whether the refresh token gave a new one. It is used once; whatever goes wrong with it is no failure of the run."""
        given, self._refresh_token = self._refresh_token, None
        assert given is not None
        is_bare = self._credentials.refresh == "bare"
        fields = {"refresh_token": given} if is_bare else {"grant_type": "refresh_token", "refresh_token": given}
        try:
            self._take(self._posted(fields, is_bare=is_bare))
        except (FetchRefused, FetchDeferred):
            return False
        return True

    def _posted(self, fields: dict[str, str], *, is_bare: bool = False) -> Fetched:
        asked, headers = self._credentials, {}
        if not is_bare and asked.client_in == "basic":
            pair = f"{quote_plus(asked.client_id)}:{quote_plus(asked.secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif not is_bare and asked.client_in == "private_key_jwt":
            fields = {**fields, "client_id": asked.client_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": self._assertion()}
        elif not is_bare:
            fields = {**fields, "client_id": asked.client_id, "client_secret": asked.secret}
        is_json = asked.request == "json"
        body = json.dumps(fields) if is_json else urlencode(fields)
        media_type = "application/json" if is_json else "application/x-www-form-urlencoded"
        return self._fetcher.post(asked.token_url, body=body.encode(), media_type=media_type, accept="application/json", headers=headers)

    def _assertion(self) -> str:
        """Who we are, signed, for this endpoint and the next minute alone (RFC 7523, section 3)."""
        asked, now = self._credentials, int(self._fetcher.now().timestamp())
        key = signing_key(asked.secret)
        claims = {"iss": asked.client_id, "sub": asked.client_id, "aud": asked.token_url, "jti": token_urlsafe(16), "iat": now, "exp": now + ASSERTION_SECONDS}
        header = {"alg": algorithm_of(key), "typ": "JWT", **({"kid": key.kid} if key.kid else {})}
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])

    def _take(self, answer: Fetched) -> None:
        given = _read(answer.body, answer.url)
        self._token, self._refresh_token = given.token, given.refresh_token
        self._ends_at = self._fetcher.now() + given.lasts


@dataclass(frozen=True, slots=True)
class _Given:
    token: str
    lasts: timedelta
    refresh_token: str | None


def _read(body: bytes, url: str) -> _Given:
    try:
        answer = json.loads(body)
        token = answer["access_token"]
    except (ValueError, KeyError, TypeError):
        token = None
    if not isinstance(token, str) or not token.isprintable() or not token.isascii() or not token:
        raise FetchRefused("credentials", "The token endpoint answered without a token.", url=url)
    refresh = answer.get("refresh_token")
    return _Given(token, _lifetime(answer.get("expires_in")), refresh if isinstance(refresh, str) and refresh else None)


def _lifetime(stated: object) -> timedelta:
    """Seconds as a number, or as digits in a text."""
    digits = str(stated).strip() if isinstance(stated, int | str) and not isinstance(stated, bool) else ""
    return min(timedelta(seconds=int(digits)), LONGEST) if digits.isdecimal() and len(digits) < 10 else WITHOUT_END
