"""The one HTTP client for addresses that others typed in.

Only ``GET``. Addresses are judged by text before each request and each redirect, and again where the socket opens
(connection.py). No proxy or netrc of the environment, no cookies, no client certificates, TLS always verified. Bodies
are limited (answer_body.py), failures that may heal are tried again (retries.py), requests are spaced out. Error
messages and kept addresses hold no query of a redirect, no user name and no header.
"""

from __future__ import annotations

import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import Message
from functools import cache
from pathlib import Path
from typing import Self

import httpcore2
import httpx2

from harvesters.address_guard import AddressGuard, plain_address
from harvesters.answer_body import NO_BODY, Body, is_gzip, read_body
from harvesters.connection import Deadline, GuardedBackend, Resolver, resolve
from harvesters.fetch_policy import FetchPolicy
from harvesters.fetched import Fetched, FetchStatistics
from harvesters.retries import pause_before_retry, wished_pause
from harvesters.source import FetchDeferred, FetchRefused
from harvesters.turns import AlwaysMyTurn, Turns

__all__ = ["FetchPolicy", "FetchStatistics", "Fetched", "Fetcher"]

REDIRECTS = (301, 302, 303, 307, 308)
REFUSAL_BYTES = 64 * 1024
_MAY_HEAL = (408, 425, 429)
_JITTER = random.SystemRandom().random


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: Body


class Fetcher:
    """For one run, with as many requests at once as the policy says, each in a thread of its own; to be closed after use.

    ``resolver``, ``clock`` (monotonic seconds), ``now``, ``sleep``, ``jitter`` and ``tls`` exist so that a caller can
    bring its own time, names and trusted certificates.
    """

    def __init__(
        self, policy: FetchPolicy | None = None, *, user_agent: str = "alliance-gateway",
        resolver: Resolver = resolve, clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC), sleep: Callable[[float], object] = time.sleep,
        jitter: Callable[[], float] = _JITTER, tls: ssl.SSLContext | None = None, turns: Turns | None = None,
    ) -> None:
        self.policy = policy or FetchPolicy()
        self.statistics = FetchStatistics()
        self._user_agent = user_agent
        self._clock, self._now, self._sleep, self._jitter = clock, now, sleep, jitter
        self._turns = turns or AlwaysMyTurn()
        self._guard = AddressGuard(self.policy)
        self._deadline = Deadline(clock)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls or _trusted_certificates(), max_connections=max(2, self.policy.connections), keepalive_expiry=5.0, retries=0,
            network_backend=GuardedBackend(self._guard, self._deadline, resolver, check=self._turns.check, statistics=self.statistics),
        )
        self._last_start: float | None = None
        self._interval_seconds = self.policy.min_interval_seconds
        self._starting = threading.Lock()
        self._slots = threading.BoundedSemaphore(self.policy.connections)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._pool.close()

    @property
    def product(self) -> str:
        """The name by which robots.txt may speak of us."""
        return self._user_agent.partition("/")[0].strip()

    def slow_down(self, seconds: float) -> None:
        """Leave at least so much time between requests from now on."""
        self._interval_seconds = max(self._interval_seconds, seconds)

    def pause(self, seconds: float) -> None:
        """Wait as between requests: a run that is to stop does so at once."""
        self._wait(seconds)

    def now(self) -> datetime:
        """The time by which pauses are measured."""
        return self._now()

    def get(
        self, url: str, *, accept: str, headers: Mapping[str, str] | None = None,
        etag: str | None = None, last_modified: str | None = None, folder: Path | None = None,
    ) -> Fetched:
        """Fetch ``url``. ``headers`` carry credentials and are dropped when a redirect leaves the origin.

        With a ``folder`` the answer may be as large as a file may be, and is put there above a mebibyte.
        Raises :class:`FetchRefused` and :class:`FetchDeferred`, after as many tries as the policy says.
        """
        sent = {"User-Agent": self._user_agent, "Accept": accept, "Accept-Encoding": "gzip"}
        sent |= {"If-None-Match": etag} if etag else {}
        sent |= {"If-Modified-Since": last_modified} if last_modified else {}
        address = self._guard.parse(url)
        tried = 0
        while True:
            tried += 1
            try:
                with self._slots:
                    return self._follow(address, sent, dict(headers or {}), folder)
            except FetchDeferred as failure:
                failure.url = failure.url or plain_address(address)
                self._wait_to_retry(failure, tried)

    def post(self, url: str, *, body: bytes, media_type: str, accept: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """Send ``body`` to a token endpoint, or where a protocol asks by POST. No redirect is followed: it would carry the body along.

        Raises as :meth:`get`.
        """
        sent = {
            "User-Agent": self._user_agent, "Accept": accept, "Accept-Encoding": "gzip", "Content-Type": media_type,
            "Content-Length": str(len(body)), **(headers or {}),
        }
        address = self._guard.parse(url)
        tried = 0
        while True:
            tried += 1
            try:
                with self._slots:
                    self._deadline.start(self.policy.total_seconds)
                    answer = self._in_turn(address, sent, None, body)
                if answer.status in REDIRECTS:
                    raise _redirect_refused("The server redirects what was sent to it", address)
                return self._accept(answer, address, address, is_conditional=False)
            except FetchDeferred as failure:
                failure.url = failure.url or plain_address(address)
                self._wait_to_retry(failure, tried)

    def _wait_to_retry(self, failure: FetchDeferred, tried: int) -> None:
        self.statistics.add(rate_limited=failure.reason == "rate-limited")
        pause = pause_before_retry(failure, tried=tried, policy=self.policy, jitter=self._jitter)
        if pause is None:
            raise failure
        self.statistics.add(retries=1)
        self._wait(pause)

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self.statistics.add(waited_seconds=seconds)
            self._sleep(seconds)

    def _follow(self, address: httpx2.URL, sent: dict[str, str], credentials: dict[str, str], folder: Path | None) -> Fetched:
        self._deadline.start(self.policy.file_total_seconds if folder else self.policy.total_seconds)
        visited, current, extra = {str(address)}, address, credentials
        for _ in range(self.policy.max_redirects + 1):
            answer = self._in_turn(current, {**sent, **extra}, folder)
            if answer.status not in REDIRECTS:
                return self._accept(answer, address, current, is_conditional=_is_conditional(sent))
            following = self._redirect_target(current, answer.headers.get("location"))
            if str(following) in visited:
                raise _redirect_refused("The server redirects in a circle", current)
            visited.add(str(following))
            extra = extra if _origin(following) == _origin(current) else {}
            current = following
        raise _redirect_refused(f"The server redirects more than {self.policy.max_redirects} times", address)

    def _redirect_target(self, current: httpx2.URL, location: str | None) -> httpx2.URL:
        try:
            target = current.join(location or "").copy_with(fragment=None)
        except (httpx2.InvalidURL, ValueError):
            raise _redirect_refused("The server redirects to something that is no address", current) from None
        if not location or target.scheme not in ("https", "http"):
            raise _redirect_refused("The server redirects to something that is no web address", current)
        if current.scheme == "https" and target.scheme == "http":
            raise _redirect_refused("The server redirects from https to http", current)
        return self._guard.parse(str(target))

    def _in_turn(self, url: httpx2.URL, headers: dict[str, str], folder: Path | None, body: bytes | None = None) -> _Answer:
        host = url.netloc.decode("ascii")
        self._turns.take(host, url.path)
        try:
            answer = self._exchange(url, headers, folder, body)
        except FetchDeferred:
            self._turns.done(host, failed=True)
            raise
        self._turns.done(host, failed=answer.status >= 500)
        return answer

    def _exchange(self, url: httpx2.URL, headers: dict[str, str], folder: Path | None, posted: bytes | None) -> _Answer:
        self._take_turn()
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        policy = self.policy
        timeout = {
            "connect": policy.connect_seconds, "pool": policy.connect_seconds,
            "read": policy.silence_seconds, "write": policy.silence_seconds,
        }
        sent = [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers.items()]
        started = time.monotonic()
        try:
            with self._translated_errors(url), self._stream(target, sent, posted, timeout) as response:
                first_byte = time.monotonic()
                self.statistics.add(first_byte_seconds=first_byte - started)
                received = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                is_wanted = response.status in (200, 203)
                body = self._body(response, received, folder) if is_wanted else self._refusal_body(response, received)
                self.statistics.add(body_seconds=time.monotonic() - first_byte)
                return _Answer(response.status, received, body)
        finally:
            self.statistics.answered(plain_address(url), time.monotonic() - started)

    def _stream(
        self, target: httpcore2.URL, headers: list[tuple[bytes, bytes]], posted: bytes | None, timeout: dict[str, float]
    ) -> AbstractContextManager[httpcore2.Response]:
        method = "GET" if posted is None else "POST"
        return self._pool.stream(method, target, headers=headers, content=posted, extensions={"timeout": timeout})

    def _take_turn(self) -> None:
        """One after another, however many are under way."""
        with self._starting:
            if self._last_start is not None:
                self._wait(self._last_start + self._interval_seconds - self._clock())
            self._last_start = self._clock()
        self.statistics.add(requests=1)

    def _body(self, response: httpcore2.Response, headers: Mapping[str, str], folder: Path | None) -> Body:
        encoding = headers.get("content-encoding", "")
        declared = headers.get("content-length", "")
        is_gzip(encoding)
        limit = self.policy.max_file_bytes if folder else self.policy.max_body_bytes
        if declared.isdigit() and int(declared[:20]) > limit:
            raise FetchRefused("too-large", f"The answer is larger than {limit:,} bytes.")
        try:
            body = read_body(self._in_time(response.iter_stream()), encoding=encoding, policy=self.policy, folder=folder)
        except (httpcore2.RemoteProtocolError, httpcore2.ReadError):
            raise FetchDeferred("truncated", "The answer broke off before its end.") from None
        self.statistics.add(received_bytes=body.received_bytes, decoded_bytes=body.decoded_bytes)
        return body

    def _refusal_body(self, response: httpcore2.Response, headers: Mapping[str, str]) -> Body:
        """What was said with an error, as far as it is short and plain; it is never worth an error of its own."""
        is_wanted = response.status >= 400 and not headers.get("content-encoding")
        body = b""
        try:
            for chunk in self._in_time(response.iter_stream()) if is_wanted else ():
                body += chunk
                if len(body) >= REFUSAL_BYTES:
                    break
        except (httpcore2.RemoteProtocolError, httpcore2.NetworkError, httpcore2.TimeoutException):
            return NO_BODY
        return replace(NO_BODY, bytes=body[:REFUSAL_BYTES])

    def _in_time(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._turns.check()
            if self._deadline.is_over:
                raise httpcore2.ReadTimeout("the request's total time is over")
            yield chunk

    def _accept(self, answer: _Answer, asked: httpx2.URL, final: httpx2.URL, *, is_conditional: bool) -> Fetched:
        not_modified = answer.status == 304 and is_conditional
        if answer.status not in (200, 203, 204) and not not_modified:
            failure = _refusal(answer, final, now=self._now())
            failure.answer = answer.body.bytes
            raise failure
        self.statistics.add(not_modified=not_modified)
        media_type, charset = _media_type(answer.headers.get("content-type"))
        return Fetched(
            status=answer.status, body=answer.body.bytes, media_type=media_type, charset=charset,
            url=str(final) if final == asked else plain_address(final),
            etag=answer.headers.get("etag"), last_modified=answer.headers.get("last-modified"),
            body_hash=answer.body.sha256, not_modified=not_modified, link=answer.headers.get("link"), file=answer.body.file,
        )

    @contextmanager
    def _translated_errors(self, url: httpx2.URL) -> Iterator[None]:
        """Errors of the client library in our terms; their texts may quote headers and are never passed on."""
        shown = plain_address(url)
        try:
            yield
        except (FetchRefused, FetchDeferred) as failure:
            failure.url = failure.url or shown
            raise
        except httpcore2.TimeoutException:
            if self._deadline.is_over:
                limit = f"{self._deadline.seconds:g} seconds"
                raise FetchDeferred("time-limit", f"The answer took longer than {limit} in total.", url=shown) from None
            raise FetchDeferred("timeout", "The server did not answer in time.", url=shown) from None
        except httpcore2.LocalProtocolError:
            raise FetchRefused("request-refused", "The request holds characters that cannot be sent.", url=shown) from None
        except (httpcore2.NetworkError, httpcore2.RemoteProtocolError) as error:
            raise _network_failure(error, url) from None


@cache
def _trusted_certificates() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


def _network_failure(error: Exception, url: httpx2.URL) -> FetchDeferred | FetchRefused:
    shown = plain_address(url)
    if isinstance(error.__cause__ or error.__context__, ssl.SSLError):
        return FetchRefused("tls", f"The certificate of {url.host} cannot be trusted, or TLS failed.", url=shown)
    if isinstance(error, httpcore2.RemoteProtocolError) and "disconnected" not in str(error):
        return FetchRefused("protocol-error", "The server's answer is not proper HTTP.", url=shown)
    return FetchDeferred("unreachable", f"{url.host} could not be reached.", url=shown)


def _refusal(answer: _Answer, url: httpx2.URL, *, now: datetime) -> FetchDeferred | FetchRefused:
    status, shown = answer.status, plain_address(url)
    said = f"The server answered {status}."
    if status in (401, 403):
        return FetchRefused("credentials", f"{said} The credentials were not accepted.", url=shown)
    if status in (404, 410):
        return FetchRefused("not-found", f"{said} There is nothing at {shown}.", url=shown)
    if status == 206:
        return FetchDeferred("truncated", f"{said} Only a part of the document was sent.", url=shown)
    if status in _MAY_HEAL or status >= 500:
        pause = wished_pause(answer.headers, now=now)
        reason = "rate-limited" if status == 429 else "timeout" if status == 408 else "server-error"
        return FetchDeferred(reason, said, url=shown, retry_after_seconds=pause)
    return FetchRefused("request-refused", said, url=shown)


def _redirect_refused(problem: str, url: httpx2.URL) -> FetchRefused:
    return FetchRefused("redirect-refused", f"{problem}: {plain_address(url)}", url=plain_address(url))


def _is_conditional(sent: Mapping[str, str]) -> bool:
    return "If-None-Match" in sent or "If-Modified-Since" in sent


def _origin(url: httpx2.URL) -> tuple[str, bytes, int]:
    return url.scheme, url.raw_host, url.port or (443 if url.scheme == "https" else 80)


def _media_type(header: str | None) -> tuple[str, str | None]:
    if not header:
        return "application/octet-stream", None
    parsed = Message()
    parsed["Content-Type"] = header.replace("\r", " ").replace("\n", " ")
    return parsed.get_content_type(), parsed.get_content_charset()
