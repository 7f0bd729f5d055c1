"""Fetching from a server that may be slow, broken, hostile or busy."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harvesters.fetch import Fetcher, FetchPolicy
from harvesters.source import FetchDeferred, FetchRefused, SourceError
from tests.harvesters.web_server import LOOPBACK, Answer, Asked, loopback_fetcher, serving


def fetch(answer: Callable[[Asked], Answer], path: str = "/", **options: object) -> tuple[object, list[Asked], Fetcher]:
    """What came of fetching: the answer, or the error."""
    get = {name: options.pop(name) for name in ("headers", "etag", "last_modified") if name in options}
    with serving(answer) as server, loopback_fetcher(**options) as fetcher:
        try:
            return fetcher.get(server.url + path, accept="application/json", **get), server.asked, fetcher  # type: ignore[arg-type]
        except SourceError as error:
            return error, server.asked, fetcher


def policy(**changes: object) -> FetchPolicy:
    known = {name: getattr(LOOPBACK, name) for name in LOOPBACK.__slots__}
    return FetchPolicy(**(known | changes))  # type: ignore[arg-type]


def assert_error(outcome: object, kind: type[SourceError], reason: str) -> SourceError:
    assert isinstance(outcome, kind), outcome
    assert outcome.reason == reason
    return outcome


def test_an_answer_carries_its_facts_and_j20_each_request_our_name() -> None:
    headers = {"Content-Type": "Application/JSON; charset=ISO-8859-1", "ETag": '"a"', "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
    got, asked, fetcher = fetch(lambda _: Answer(b"{}", headers=headers), "/list?limit=1", headers={"apikey": "k"})
    assert (got.status, got.body, got.media_type, got.charset) == (200, b"{}", "application/json", "iso-8859-1")
    assert (got.etag, got.last_modified, got.not_modified) == ('"a"', "Mon, 01 Jan 2024 00:00:00 GMT", False)
    assert got.body_hash == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert got.url.endswith("/list?limit=1")
    assert asked[0].headers["accept-encoding"] == "gzip"
    assert asked[0].headers["user-agent"] == "test/1 (+about)"
    assert asked[0].headers["apikey"] == "k"
    assert "cookie" not in asked[0].headers
    assert (fetcher.statistics.requests, fetcher.statistics.received_bytes) == (1, 2)


def test_a_conditional_request_may_be_answered_not_modified() -> None:
    got, asked, fetcher = fetch(lambda _: Answer(status=304), etag='"a"', last_modified="Mon, 01 Jan 2024 00:00:00 GMT")
    assert got.not_modified
    assert asked[0].headers["if-none-match"] == '"a"'
    assert asked[0].headers["if-modified-since"] == "Mon, 01 Jan 2024 00:00:00 GMT"
    assert fetcher.statistics.not_modified == 1


def test_a_304_that_nobody_asked_for_is_refused() -> None:
    assert_error(fetch(lambda _: Answer(status=304))[0], FetchRefused, "request-refused")


def test_h5_cookies_are_not_kept() -> None:
    with serving(lambda _: Answer(b"x", headers={"Set-Cookie": "a=b"})) as server, loopback_fetcher() as fetcher:
        fetcher.get(server.url, accept="*/*")
        fetcher.get(server.url, accept="*/*")
    assert "cookie" not in server.asked[1].headers


def test_h4_the_environment_sets_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch(lambda _: Answer(b"x"))[0].body == b"x"


@pytest.mark.parametrize(("status", "kind", "reason", "requests"), [
    (401, FetchRefused, "credentials", 1), (403, FetchRefused, "credentials", 1), (404, FetchRefused, "not-found", 1),
    (410, FetchRefused, "not-found", 1), (400, FetchRefused, "request-refused", 1), (422, FetchRefused, "request-refused", 1),
    (202, FetchRefused, "request-refused", 1), (206, FetchDeferred, "truncated", 2), (500, FetchDeferred, "server-error", 5),
    (503, FetchDeferred, "server-error", 5), (429, FetchDeferred, "rate-limited", 5), (408, FetchDeferred, "timeout", 5),
])
def test_j14_j16_each_status_ends_in_a_named_reason_after_as_many_tries_as_it_may_heal(status: int, kind: type[SourceError], reason: str, requests: int) -> None:
    outcome, asked, fetcher = fetch(lambda _: Answer(b"no", status=status))
    assert_error(outcome, kind, reason)
    assert len(asked) == requests
    assert fetcher.statistics.retries == requests - 1


def test_no_content_is_an_empty_answer() -> None:
    assert fetch(lambda _: Answer(status=204))[0].body == b""


def test_j14_a_failure_that_heals_is_tried_again_with_growing_full_jitter() -> None:
    answers = iter([Answer(status=503), Answer(status=502), Answer(status=500), Answer(b"ok")])
    waited: list[float] = []
    got, _, _ = fetch(lambda _: next(answers), sleep=waited.append, jitter=lambda: 0.5)
    assert got.body == b"ok"
    assert waited == [1.0, 2.0, 4.0]


def test_j15_a_short_wish_to_wait_is_obeyed_in_place() -> None:
    answers = iter([Answer(status=429, headers={"Retry-After": "7"}), Answer(b"ok")])
    waited: list[float] = []
    got, _, fetcher = fetch(lambda _: next(answers), sleep=waited.append)
    assert got.body == b"ok"
    assert waited == [7.0]
    assert fetcher.statistics.rate_limited == 1


NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("headers", "seconds"), [
    ({"Retry-After": "900"}, 900.0),
    ({"Retry-After": (NOW + timedelta(minutes=10)).strftime("%a, %d %b %Y %H:%M:%S GMT")}, 600.0),
    ({"Retry-After": "9" * 50}, 86_400.0), ({"RateLimit-Reset": "120"}, 120.0),
    ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 300)}, 300.0),
])
def test_a_long_wish_to_wait_ends_the_run_for_now(headers: dict[str, str], seconds: float) -> None:
    outcome, asked, _ = fetch(lambda _: Answer(status=429, headers=headers), now=lambda: NOW)
    assert assert_error(outcome, FetchDeferred, "rate-limited").retry_after_seconds == seconds
    assert len(asked) == 1


def test_an_unreadable_wish_to_wait_is_ignored() -> None:
    outcome, asked, _ = fetch(lambda _: Answer(status=503, headers={"Retry-After": "soon"}))
    assert_error(outcome, FetchDeferred, "server-error")
    assert len(asked) == 5


# redirects

def redirecting(to: str) -> Callable[[Asked], Answer]:
    return lambda asked: Answer(b"there") if asked.path == "/there" else Answer(status=302, headers={"Location": to})


def test_a_redirect_within_the_origin_keeps_the_credentials() -> None:
    got, asked, _ = fetch(redirecting("/there"), headers={"Authorization": "Bearer t"})
    assert got.body == b"there"
    assert got.url.endswith("/there")
    assert asked[1].headers["authorization"] == "Bearer t"


def test_c8_h3_a_redirect_to_another_origin_sees_no_credentials() -> None:
    with serving(lambda _: Answer(b"there")) as other, serving(redirecting(f"{other.url}/there?signed=1")) as server, loopback_fetcher() as fetcher:
        got = fetcher.get(server.url, accept="*/*", headers={"Authorization": "Bearer t", "X-Key": "k"})
    assert got.body == b"there"
    assert not {"authorization", "x-key"} & set(other.asked[0].headers)
    assert "signed" not in got.url


@pytest.mark.parametrize(("to", "reason"), [
    ("file:///etc/passwd", "redirect-refused"), ("ftp://data.example/", "redirect-refused"), ("", "redirect-refused"),
    ("http://10.0.0.1/", "address-refused"), ("http://169.254.169.254/latest", "address-refused"), ("http://[::ffff:10.0.0.1]/", "address-refused"),
    ("http://u:p@127.0.0.1/", "address-refused"), ("http://[", "address-refused"),
])
def test_h3_a_redirect_is_judged_like_any_address(to: str, reason: str) -> None:
    assert_error(fetch(redirecting(to))[0], FetchRefused, reason)


def test_a12_h3_a_redirect_to_a_name_that_leads_inside_is_refused() -> None:
    names = {"127.0.0.1": ["127.0.0.1"], "inside.example": ["10.0.0.1"]}
    outcome, _, _ = fetch(redirecting("http://inside.example/"), resolver=lambda host, port: names[host])
    assert_error(outcome, FetchRefused, "address-refused")


def test_h3_redirects_in_a_circle_and_long_chains_end() -> None:
    assert "circle" in assert_error(fetch(redirecting("/again"))[0], FetchRefused, "redirect-refused").message
    outcome, asked, _ = fetch(lambda asked: Answer(status=307, headers={"Location": asked.path + "x"}))
    assert_error(outcome, FetchRefused, "redirect-refused")
    assert len(asked) == 6


# transfer

def test_gzip_is_inflated() -> None:
    body = gzip.compress(b"[1]") + gzip.compress(b"[2]")
    assert fetch(lambda _: Answer(body, headers={"Content-Encoding": "gzip"}))[0].body == b"[1][2]"


@pytest.mark.parametrize(("encoding", "body"), [
    ("br", b"x"), ("deflate", b"x"), ("gzip, gzip", gzip.compress(gzip.compress(b"x"))), ("gzip", b"not gzip"), ("gzip", gzip.compress(b"a") + b"tail"),
])
def test_other_encodings_are_refused(encoding: str, body: bytes) -> None:
    assert_error(fetch(lambda _: Answer(body, headers={"Content-Encoding": encoding}))[0], FetchRefused, "compression")


def test_a13_a_gzip_bomb_is_refused_long_before_it_unfolds() -> None:
    bomb = gzip.compress(bytes(40 * 1024 * 1024))
    assert_error(fetch(lambda _: Answer(bomb, headers={"Content-Encoding": "gzip"}))[0], FetchRefused, "compression")


def test_a_body_over_the_limit_is_refused_whether_declared_or_not() -> None:
    small = policy(max_body_bytes=1000)
    assert_error(fetch(lambda _: Answer(bytes(1001)), policy=small)[0], FetchRefused, "too-large")
    packed = Answer(gzip.compress(bytes(1001)), headers={"Content-Encoding": "gzip"})
    assert_error(fetch(lambda _: packed, policy=small)[0], FetchRefused, "too-large")
    assert len(fetch(lambda _: Answer(bytes(1000)), policy=small)[0].body) == 1000


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        handler.wfile.write(b"1000\r\n" + bytes(4096) + b"\r\n")


def test_a13_an_endless_body_is_cut_off_at_the_limit() -> None:
    assert_error(fetch(lambda _: Answer(raw=endless), policy=policy(max_body_bytes=100_000))[0], FetchRefused, "too-large")


def drip(head: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        for _ in range(400):
            handler.wfile.write(b"a")
            if threading.Event().wait(0.02):
                return
    return write


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Long: "])
def test_j18_a_drip_feed_ends_at_the_total_time(head: bytes) -> None:
    outcome, asked, _ = fetch(lambda _: Answer(raw=drip(head)), policy=policy(total_seconds=0.3))
    assert_error(outcome, FetchDeferred, "time-limit")
    assert len(asked) == 1


def test_j18_silence_ends_in_a_timeout() -> None:
    hold = threading.Event()
    try:
        outcome, _, _ = fetch(lambda _: Answer(raw=lambda _: hold.wait(5)), policy=policy(silence_seconds=0.1, attempts=2))
    finally:
        hold.set()
    assert_error(outcome, FetchDeferred, "timeout")


def test_b5_a_host_that_hangs_takes_less_than_a_tenth_of_the_work_of_a_hundred_others() -> None:
    """A hundred sources of 200 records at the usual pace, and one more whose host says nothing until the last try is over."""
    hold, waited = threading.Event(), []  # type: ignore[var-annotated]  # filled by append
    with serving(lambda _: Answer(raw=lambda _: hold.wait(5))) as server:
        with loopback_fetcher(policy=policy(silence_seconds=0.05), sleep=waited.append, jitter=lambda: 1.0) as fetcher, pytest.raises(FetchDeferred):
            fetcher.get(server.url, accept="*/*")
        hold.set()
    usual = FetchPolicy()
    hanging = len(server.asked) * max(usual.silence_seconds, usual.connect_seconds) + sum(waited)
    others = 100 * 200 * usual.min_interval_seconds
    assert hanging >= 60, "it was tried again and again"
    assert hanging / others < 0.1
    assert (others + hanging) / 8 < 15 * 60, "eight workers"


@pytest.mark.parametrize("sent", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
])
def test_j16_a_body_that_breaks_off_is_tried_once_more(sent: bytes) -> None:
    outcome, asked, _ = fetch(lambda _: Answer(raw=lambda handler: handler.wfile.write(sent) and None))
    assert_error(outcome, FetchDeferred, "truncated")
    assert len(asked) == 2


def test_gzip_that_breaks_off_is_truncated() -> None:
    half = gzip.compress(b"abc" * 1000)[:-9]
    assert_error(fetch(lambda _: Answer(half, headers={"Content-Encoding": "gzip"}))[0], FetchDeferred, "truncated")


def test_what_is_no_http_is_named_so() -> None:
    outcome, _, _ = fetch(lambda _: Answer(raw=lambda handler: handler.wfile.write(b"SSH-2.0-x\r\n\r\n") and None))
    assert_error(outcome, FetchRefused, "protocol-error")
    huge = b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n"
    outcome, _, _ = fetch(lambda _: Answer(raw=lambda handler: handler.wfile.write(huge) and None))
    assert isinstance(outcome, SourceError)
    assert outcome.reason in ("protocol-error", "truncated", "unreachable")


def test_nobody_at_home_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with loopback_fetcher() as fetcher, pytest.raises(FetchDeferred) as deferred:
            fetcher.get(f"http://127.0.0.1:{taken.getsockname()[1]}/", accept="*/*")
    assert deferred.value.reason == "unreachable"


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise socket.gaierror(8, "unknown")

    with loopback_fetcher(resolver=resolver) as fetcher, pytest.raises(FetchDeferred) as deferred:
        fetcher.get("https://nowhere.example/", accept="*/*")
    assert deferred.value.reason == "unreachable"


def test_j19_requests_are_spaced_out() -> None:
    waited: list[float] = []
    with serving(lambda _: Answer(b"x")) as server:
        fetcher = loopback_fetcher(policy=policy(min_interval_seconds=0.25), clock=lambda: 100.0, sleep=waited.append)
        with fetcher:
            for _ in range(3):
                fetcher.get(server.url, accept="*/*")
    assert waited == [0.25, 0.25]


def test_a_secret_that_cannot_be_sent_is_not_quoted() -> None:
    outcome, _, _ = fetch(lambda _: Answer(b"x"), headers={"apikey": "s3cret\r\nX: y"})
    error = assert_error(outcome, FetchRefused, "request-refused")
    assert "s3cret" not in repr(error.args) + error.message
    assert error.__cause__ is None


# certificates

def certificate(folder: Path, name: str, *, days: int = 1) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's TLS settings around a new self-signed certificate for ``name``."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(today - timedelta(days=30))
        .not_valid_after(today + timedelta(days=days)).add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM)
    both = folder / f"{name}{days}.pem"
    both.write_bytes(pem + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(both)
    return server, ssl.create_default_context(cadata=pem.decode())


@pytest.mark.parametrize(("name", "days", "is_good"), [("data.example", 1, True), ("other.example", 1, False), ("data.example", -1, False)])
def test_h4_tls_is_verified_for_the_name_not_the_number(tmp_path: Path, name: str, days: int, is_good: bool) -> None:
    for_server, for_client = certificate(tmp_path, name, days=days)
    with serving(lambda _: Answer(b"safe"), tls=for_server) as server:
        fetcher = loopback_fetcher(resolver=lambda host, port: ["127.0.0.1"], tls=for_client)
        with fetcher:
            address = f"https://data.example:{server.port}/"
            if is_good:
                assert fetcher.get(address, accept="*/*").body == b"safe"
                return
            with pytest.raises(FetchRefused) as refused:
                fetcher.get(address, accept="*/*")
    assert refused.value.reason == "tls"


def test_h3_https_never_redirects_to_http(tmp_path: Path) -> None:
    for_server, for_client = certificate(tmp_path, "data.example")
    down = Answer(status=301, headers={"Location": "http://data.example/"})
    with serving(lambda _: down, tls=for_server) as server:
        fetcher = loopback_fetcher(resolver=lambda host, port: ["127.0.0.1"], tls=for_client)
        with fetcher, pytest.raises(FetchRefused) as refused:
            fetcher.get(f"https://data.example:{server.port}/", accept="*/*")
    assert refused.value.reason == "redirect-refused"
