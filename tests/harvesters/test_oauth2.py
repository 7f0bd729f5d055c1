"""A14: a federation behind OAuth 2 client credentials: the end of a token in mid-run, a token refused, and every shape of answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

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
        self.valid = f"token-{len(self.given)}"
        return as_json(json.dumps({"access_token": self.valid, "token_type": "bearer", "expires_in": self.lasts, "refresh_token": "unused"}))


@pytest.fixture
def now() -> list[datetime]:
    return [datetime(2026, 11, 28, 12, tzinfo=UTC)]


@pytest.fixture
def custodian(now: list[datetime]) -> Iterator[Custodian]:
    federation = Guarded(*Federation.of(6).documents.values())
    with serving(federation.answer) as server, loopback_fetcher(now=lambda: now[0]) as fetcher:
        yield Custodian(federation, server, fetcher)


def run(custodian: Custodian, **changes: Any) -> Holding:
    held = Holding()
    options = {"auth": "OAUTH2", "token_url": f"{custodian.server.url}/token", "client_id": "gateway:1", **changes}
    held.run(custodian.source(held, secret=SECRET, **options))
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


def test_a14_what_is_sent_to_a_token_endpoint_follows_no_redirect(custodian: Custodian) -> None:
    guarded(custodian).answers = [Answer(status=307, headers={"Location": f"{custodian.server.url}/elsewhere"})]
    with pytest.raises(FetchRefused) as raised:
        run(custodian)
    assert raised.value.reason == "redirect-refused"
    assert "/elsewhere" not in custodian.server.paths


def test_name_and_password_travel_in_a_header(custodian: Custodian) -> None:
    federation = Federation.of(2)
    with serving(federation.answer) as server, loopback_fetcher() as fetcher:
        other = Custodian(federation, server, fetcher)
        Holding().run(other.source(auth="BASIC", secret="name:pass"))
        sent = {request.headers["authorization"] for request in server.asked}
    assert sent == {f"Basic {base64.b64encode(b'name:pass').decode()}"}
