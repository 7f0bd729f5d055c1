"""A14: a federation behind OAuth 2 client credentials: the end of a token in mid-run, a token refused, and every shape of answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from harvesters.registry import WrongConfiguration
from harvesters.source import FetchRefused
from tests.harvesters.federation_server import Custodian, Federation
from tests.harvesters.holding import Holding
from tests.harvesters.web_server import Answer, Asked, as_json, loopback_fetcher, serving

SECRET = "s3cret & more"


class Guarded(Federation):
    """Answers only who brings the token given out last; ``lasts`` is what the token endpoint says of it."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        super().__init__(*documents)
        self.given: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.lasts: Any = 900
        self.valid: str | None = None
        self.requests_until_end: int | None = None
        self.answers: list[Answer] = []
        self.refuses_refresh: Answer | None = None

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/token":
            return self._token(asked)
        if asked.headers.get("authorization") != f"Bearer {self.valid}":
            return Answer(status=401)
        if self.requests_until_end is not None:
            self.requests_until_end -= 1
            if self.requests_until_end < 0:
                self.valid, self.requests_until_end = None, None
                return Answer(status=401)
        return super().answer(asked)

    def _token(self, asked: Asked) -> Answer:
        text = asked.body.decode()
        is_json = asked.headers["content-type"] == "application/json"
        self.given.append(json.loads(text) if is_json else {name: found[0] for name, found in parse_qs(text).items()})
        self.headers.append(asked.headers)
        if self.answers:
            return self.answers.pop(0)
        if self.refuses_refresh is not None and "refresh_token" in self.given[-1]:
            return self.refuses_refresh
        self.valid = f"token-{len(self.given)}"
        return as_json(json.dumps({"access_token": self.valid, "token_type": "bearer", "expires_in": self.lasts, "refresh_token": f"refresh-{len(self.given)}"}))


@pytest.fixture
def now() -> list[datetime]:
    return [datetime(2026, 11, 28, 12, tzinfo=UTC)]


@pytest.fixture
def custodian(now: list[datetime]) -> Iterator[Custodian]:
    federation = Guarded(*Federation.of(6).documents.values())
    with serving(federation.answer) as server, loopback_fetcher(now=lambda: now[0]) as fetcher:
        yield Custodian(federation, server, fetcher)


def run(custodian: Custodian, **changes: Any) -> Holding:
    return run_with(custodian, SECRET, **changes)


def run_with(custodian: Custodian, secret: str, **changes: Any) -> Holding:
    held = Holding()
    options = {"auth": "OAUTH2", "token_url": f"{custodian.server.url}/token", "client_id": "gateway:1", **changes}
    held.run(custodian.source(held, secret=secret, **options))
    return held


def guarded(custodian: Custodian) -> Guarded:
    assert isinstance(custodian.federation, Guarded)
    return custodian.federation


def test_a14_one_token_serves_a_whole_run_and_the_secret_goes_to_the_token_endpoint_alone(custodian: Custodian) -> None:
    assert len(run(custodian, scope="datasets").records) == 6
    (asked,) = guarded(custodian).given
    assert asked == {"grant_type": "client_credentials", "client_id": "gateway:1", "client_secret": SECRET, "scope": "datasets"}
    for request in custodian.server.asked:
        if request.path != "/token":
            assert SECRET not in str(request)
    assert not any(SECRET in path or "token-1" in path for path in custodian.server.paths)


def test_a14_the_client_may_stand_in_a_header_and_the_request_be_json(custodian: Custodian) -> None:
    run(custodian, client_in="basic", token_request="json")
    assert guarded(custodian).given == [{"grant_type": "client_credentials"}]
    basic = guarded(custodian).headers[0]["authorization"].removeprefix("Basic ")
    assert base64.b64decode(basic).decode() == "gateway%3A1:s3cret+%26+more"


def test_a14_a_token_that_ends_in_mid_run_is_fetched_anew(custodian: Custodian) -> None:
    guarded(custodian).requests_until_end = 3
    assert len(run(custodian).records) == 6
    assert len(guarded(custodian).given) == 2


@pytest.mark.parametrize(("lasts", "tokens"), [(900, 1), ("900", 1), (30, 7), (None, 1), ("soon", 1), (-5, 1), (10**30, 1)])
def test_a14_a_token_is_renewed_before_the_end_that_its_answer_states(custodian: Custodian, lasts: Any, tokens: int) -> None:
    guarded(custodian).lasts = lasts
    run(custodian)
    assert len(guarded(custodian).given) == tokens


def test_a14_a_token_near_its_end_is_not_used_any_more(custodian: Custodian, now: list[datetime]) -> None:
    federation = guarded(custodian)
    ask = federation.answer

    def later(asked: Asked) -> Answer:
        now[0] += timedelta(seconds=300)
        return ask(asked)

    federation.overrides = {}
    federation.answer = later  # type: ignore[method-assign]
    with serving(later) as server, loopback_fetcher(now=lambda: now[0]) as fetcher:
        run(Custodian(federation, server, fetcher))
    assert len(federation.given) >= 3


def test_a14_a_second_refusal_ends_the_run_as_credentials(custodian: Custodian) -> None:
    federation = guarded(custodian)
    federation.overrides["/api/list"] = Answer(status=401)
    with pytest.raises(FetchRefused) as raised:
        run(custodian)
    assert raised.value.reason == "credentials"
    assert len(federation.given) == 2, "one more token, and no more"


@pytest.mark.parametrize("answer", [
    Answer(status=401), as_json("{}"), as_json("[]"), as_json('{"access_token": 5}'), as_json('{"access_token": "a\\nb"}'), Answer(b"<html>", headers={"Content-Type": "text/html"}),
])
def test_a14_a_token_endpoint_that_gives_none_is_named_as_credentials(custodian: Custodian, answer: Answer) -> None:
    guarded(custodian).answers = [answer]
    with pytest.raises(FetchRefused) as raised:
        run(custodian)
    assert raised.value.reason == "credentials"
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("address", ["https://10.0.0.1/token", "https://169.254.169.254/token", "https://[::ffff:10.0.0.1]/token"])
def test_a12_a_token_endpoint_inside_a_network_gets_neither_client_nor_secret(custodian: Custodian, address: str) -> None:
    with pytest.raises(FetchRefused) as raised:
        run(custodian, token_url=address)
    assert raised.value.reason == "address-refused"
    assert custodian.server.asked == []
    assert SECRET not in str(raised.value)


def test_a14_what_is_sent_to_a_token_endpoint_follows_no_redirect(custodian: Custodian) -> None:
    guarded(custodian).answers = [Answer(status=307, headers={"Location": f"{custodian.server.url}/elsewhere"})]
    with pytest.raises(FetchRefused) as raised:
        run(custodian)
    assert raised.value.reason == "redirect-refused"
    assert "/elsewhere" not in custodian.server.paths


@pytest.mark.parametrize("refresh", ["grant", "bare"])
def test_a14_a_refresh_token_is_used_for_the_next_token(custodian: Custodian, refresh: str) -> None:
    guarded(custodian).requests_until_end = 3
    assert len(run(custodian, refresh=refresh, token_request="json").records) == 6
    first, second = guarded(custodian).given
    assert first["grant_type"] == "client_credentials"
    if refresh == "bare":
        assert second == {"refresh_token": "refresh-1"}
    else:
        assert second == {"grant_type": "refresh_token", "refresh_token": "refresh-1", "client_id": "gateway:1", "client_secret": SECRET}


@pytest.mark.parametrize("answer", [Answer(status=400), Answer(status=401), Answer(status=503), as_json("{}"), Answer(b"<html>")])
def test_a14_a_refresh_that_is_refused_falls_back_to_the_clients_own_credentials(custodian: Custodian, answer: Answer) -> None:
    federation = guarded(custodian)
    federation.requests_until_end = 3
    federation.refuses_refresh = answer
    assert len(run(custodian).records) == 6
    assert [one["grant_type"] for one in federation.given if one["grant_type"] == "client_credentials"] == ["client_credentials"] * 2
    assert federation.given[1]["grant_type"] == "refresh_token"


def small_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


RSA = RSAKey.generate_key(2048)
KEYS = {"RS256": RSA, "ES256": ECKey.generate_key("P-256")}


@pytest.mark.parametrize("form", ["pem", "jwk"])
@pytest.mark.parametrize("algorithm", KEYS)
def test_a14_a_client_may_sign_who_it_is_and_its_key_is_never_sent(custodian: Custodian, now: list[datetime], algorithm: str, form: str) -> None:
    key = KEYS[algorithm]
    secret = key.as_pem(private=True).decode() if form == "pem" else json.dumps(key.as_dict(private=True))
    guarded(custodian).requests_until_end = 3
    guarded(custodian).refuses_refresh = Answer(status=400)
    held = run_with(custodian, secret, client_in="private_key_jwt")
    assert len(held.records) == 6
    signed = [one for one in guarded(custodian).given if one["grant_type"] == "client_credentials"]
    assert [one["client_assertion_type"] for one in signed] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"] * 2
    tokens = [jwt.decode(one["client_assertion"], key, algorithms=[algorithm]) for one in signed]
    at = int(now[0].timestamp())
    for token in tokens:
        stated = {name: value for name, value in token.claims.items() if name != "jti"}
        assert stated == {"iss": "gateway:1", "sub": "gateway:1", "aud": f"{custodian.server.url}/token", "iat": at, "exp": at + 60}
    assert tokens[0].claims["jti"] != tokens[1].claims["jti"], "none is used twice"
    sent = str(custodian.server.asked)
    assert "PRIVATE" not in sent
    assert "client_secret" not in sent


@pytest.mark.parametrize("secret", [
    "no key", json.dumps(RSA.as_dict(private=False)), small_key(), '{"kty": "oct", "k": "c2VjcmV0"}', "{",
])  # fmt: skip
def test_a14_a_key_that_cannot_sign_is_named_and_not_quoted(custodian: Custodian, secret: str) -> None:
    with pytest.raises(WrongConfiguration) as wrong:
        run_with(custodian, secret, client_in="private_key_jwt")
    assert "key" in str(wrong.value)
    assert secret[10:40] not in str(wrong.value) or len(secret) < 40


def test_a14_a_token_is_neither_stored_nor_logged(custodian: Custodian, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    held = run(custodian)
    kept = f"{held.pages} {held.records} {caplog.text}"
    assert held.records
    assert not any(secret in kept for secret in ("token-1", "refresh-1", SECRET))


def test_name_and_password_travel_in_a_header(custodian: Custodian) -> None:
    federation = Federation.of(2)
    with serving(federation.answer) as server, loopback_fetcher() as fetcher:
        other = Custodian(federation, server, fetcher)
        Holding().run(other.source(auth="BASIC", secret="name:pass"))
        sent = {request.headers["authorization"] for request in server.asked}
    assert sent == {f"Basic {base64.b64encode(b'name:pass').decode()}"}
