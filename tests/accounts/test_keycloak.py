"""Signing in through a real Keycloak: its own login form, its own tokens."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pyotp
import pytest
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from gateway.accounts import sessions
from gateway.wiring import Services
from tests.accounts.people import PASSWORD, browser, hidden, register
from tests.gateway.asking import LOOPBACK, Post, mail_server
from tests.journeys.gateways import make_services, wait_until
from tests.keycloak import Keycloak, keycloak
from tests.services import Unavailable, leave_out

OURS = "http://127.0.0.1:8000"
ADA, GRACE = "ada@university.example", "grace@university.example"
ADAS, GRACES = "ada's password there", "grace's password there"
OTP = pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
"""Grace's authenticator app for Keycloak: the secret of the realm file in Base32."""
OTP_STEPS: list[int] = []
"""The half minutes since 1970 whose code was typed. Keycloak takes each only once, whichever database the gateway has."""
KEY = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig", "alg": "RS256"})


@pytest.fixture(scope="module")
def server() -> Iterator[Keycloak]:
    try:
        with keycloak({"keys": [KEY.as_dict(private=False)]}) as started:
            yield started
    except Unavailable as error:
        leave_out(str(error))


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as started:
        yield started


@pytest.fixture
def services(server: Keycloak, tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    common = {"issuer": server.issuer, "vouches_for_addresses": True, "second_factor_amr": ["otp"]}
    (tmp_path / "key.json").write_text(json.dumps(KEY.as_dict(private=True)))
    listed = [
        {"slug": "keycloak", "name": "Example University", "client_id": "gateway", "client_secret": "a secret of the tests", **common},
        {"slug": "keyed", "name": "Example University", "client_id": "gateway-with-key", "private_key_file": tmp_path / "key.json", **common},
    ]
    built = make_services(
        tmp_path / "data", database_url, worker=False, mail_url=post.url, allow_networks=LOOPBACK, identity_providers=listed
    )
    try:
        yield built
    finally:
        built.close()


@pytest.fixture
def visits(services: Services) -> Iterator[Callable[[], Visitor]]:
    with ExitStack() as stack:

        def begin() -> Visitor:
            visitor = Visitor(services)
            stack.callback(visitor.there.close)
            return visitor

        yield begin


class Visitor:
    """One browser: ``here`` is its client for the gateway, ``there`` that for Keycloak."""

    def __init__(self, services: Services) -> None:
        self.here: TestClient = browser(services)
        jar = CookieJar(DefaultCookiePolicy(secure_protocols=("https", "http")))  # browsers take loopback for secure
        self.there = httpx2.Client(follow_redirects=False, timeout=60, cookies=jar)

    def goes(self, path: str) -> httpx2.Response:
        """Follow our link; what Keycloak answers with."""
        away = self.here.get(path, follow_redirects=False)
        assert away.status_code == 303, away.text
        return self.there.get(away.headers["location"])

    def types(self, page: httpx2.Response, **fields: str) -> httpx2.Response:
        """Fill in the form that the page shows."""
        form = re.search(r'<form[^>]*id="kc-(?:otp-login-)?form(?:-login)?"[^>]*action="([^"]+)"|<form[^>]*action="([^"]+)"', page.text)
        assert form is not None, page.text[-3000:]
        return self.there.post(urljoin(str(page.url), html.unescape(form[1] or form[2])), data=fields)

    def returns(self, answer: httpx2.Response) -> httpx2.Response:
        """Follow Keycloak back to us."""
        assert answer.status_code == 302, answer.text[-3000:]
        back = answer.headers["location"]
        assert back.startswith(f"{OURS}/sign-in/from/"), back
        return self.here.get(back.removeprefix(OURS))

    def signs_in(self, path: str, name: str, password: str) -> httpx2.Response:
        return self.returns(self.types(self.goes(path), username=name, password=password))


def test_a_new_person_signs_in_through_keycloaks_own_form_and_makes_an_account(visits: Callable[[], Visitor]) -> None:
    ada = visits()
    page = ada.goes("/sign-in/with/keycloak?next=/basket")
    assert page.status_code == 200
    assert 'name="password"' in page.text
    wrong = ada.types(page, username="ada", password="not her password")
    assert wrong.status_code == 200, "Keycloak shows its form again"
    answer = ada.returns(ada.types(wrong, username="ada", password=ADAS))
    assert answer.url.path == "/sign-in/new"
    assert ADA in answer.text
    details = {"name": "Ada Marker", "organisation": "Example University", "is_adult": "yes", "agrees": "yes"}
    assert ada.here.post("/sign-in/new", data=details).url.path == "/account"
    again = visits()
    assert again.signs_in("/sign-in/with/keycloak?next=/account/security", "ada", ADAS).url.path == "/account/security"
    assert "Ada Marker" in again.here.get("/account").text
    assert visits().signs_in("/sign-in/with/keyed", "ada", ADAS).url.path == "/account", "the client that proves itself with a key"


def test_an_account_of_the_same_address_is_signed_in_to_first(services: Services, post: Post, visits: Callable[[], Visitor]) -> None:
    register(services, post, ADA)
    ada = visits()
    page = ada.signs_in("/sign-in/with/keycloak", "ada", ADAS)
    assert "An account has this address" in page.text
    assert ada.here.get("/account").url.path == "/sign-in"
    form = ada.here.post("/sign-in", data={"email": ADA, "password": PASSWORD, "next": "/account/identities/new"})
    ada.here.post("/account/identities/new", data={"csrf": hidden(form.text, "csrf")})
    assert visits().signs_in("/sign-in/with/keycloak", "ada", ADAS).url.path == "/account"


def test_a_second_factor_shown_at_keycloak_counts_and_can_be_shown_again(services: Services, post: Post, visits: Callable[[], Visitor]) -> None:
    register(services, post, GRACE, name="Grace Marker")
    grace = visits()
    grace.here.post("/sign-in", data={"email": GRACE, "password": PASSWORD})
    code = grace.types(grace.goes("/account/identities/with/keycloak"), username="grace", password=GRACES)
    assert 'name="otp"' in code.text
    form = grace.returns(grace.types(code, otp=unused_code()))
    assert form.url.path == "/account/identities/new"
    grace.here.post("/account/identities/new", data={"csrf": hidden(form.text, "csrf")})
    person = sessions.who(services.store, grace.here.cookies["session"], now=services.clock())
    assert person is not None
    assert person.second_factor_at is None, "adding is no step up"
    asked = grace.goes("/account/again/with/keycloak?next=/account/close")
    assert 'name="password"' in asked.text, "Keycloak asks anew although Grace is signed in there"
    code = grace.types(asked, password=GRACES)
    later = grace.types(code, otp=unused_code())
    assert grace.returns(later).url.path == "/account/close"
    person = sessions.who(services.store, grace.here.cookies["session"], now=services.clock())
    assert person is not None
    person.require_recent_factor(now=services.clock())


def unused_code() -> str:
    """The next code that Keycloak still takes. It takes that of the half minute before and after too, so this waits seldom."""
    now = int(time.time()) // OTP.interval
    step = max([now, *(used + 1 for used in OTP_STEPS)])
    wait_until(lambda: int(time.time()) // OTP.interval >= step - 1, "the half minute of the code")
    OTP_STEPS.append(step)
    return OTP.generate_otp(step)


def test_what_keycloak_refuses_is_said_with_a_code(visits: Callable[[], Visitor]) -> None:
    ada = visits()
    away = ada.here.get("/sign-in/with/keycloak", follow_redirects=False).headers["location"]
    foreign = away.replace("sign-in%2Ffrom%2Fkeycloak", "sign-in%2Ffrom%2Felsewhere")
    assert ada.there.get(foreign).status_code == 400, "another redirect address"
    back = ada.types(ada.there.get(away), username="ada", password=ADAS).headers["location"]
    spoilt = re.sub(r"code=[^&]+", "code=made-up", back).removeprefix(OURS)
    answer = ada.here.get(spoilt)
    assert answer.status_code == 400
    assert "<code>code-refused</code>" in answer.text
