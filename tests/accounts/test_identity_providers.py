"""Signing in with an identity provider: the way through, and every bad answer of a provider that switches defects on."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import pytest
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import text
from starlette.testclient import TestClient

from gateway.accounts import sessions
from gateway.accounts.oidc.signatures import read
from gateway.store import accounts
from gateway.wiring import Services
from tests.accounts.people import PASSWORD, browser, hidden, member, newest_letter, register, sign_in
from tests.accounts.provider import (
    CLIENT,
    FOREIGN,
    KEYS,
    SECRET,
    Defects,
    FakeProvider,
    altered,
    fake_provider,
    unsigned,
    with_hmac,
    with_key,
)
from tests.gateway.asking import LOOPBACK, Post, mail_server
from tests.journeys.gateways import make_services

ADA = "ada@university.example"
OURS = "http://127.0.0.1:8000"
ASSURED = "https://refeds.org/profile/mfa"
DETAILS = {"name": "Ada Marker", "organisation": "Example University", "is_adult": "yes", "agrees": "yes"}


@dataclass
class World:
    """A gateway whose people may sign in with one provider, called ``campus``."""

    services: Services
    provider: FakeProvider
    post: Post

    def away(self, client: TestClient, path: str = "/sign-in/with/campus?next=/basket") -> str:
        """Where the link leads: the provider's own page."""
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def there_and_back(self, client: TestClient, path: str = "/sign-in/with/campus?next=/basket") -> httpx2.Response:
        back = self.provider.visit(self.away(client, path))
        return client.get(back.removeprefix(OURS))

    def has_linked(self, client: TestClient | None = None) -> TestClient:
        """Signed in as a person to whose account the identity was added."""
        client = client or at_home(member(self.services, ADA, name="Ada Marker"))
        page = self.there_and_back(client, "/account/identities/with/campus")
        answer = client.post("/account/identities/new", data={"csrf": hidden(page.text, "csrf")})
        assert answer.url.path == "/account/security", answer.text
        return client

    def count(self, table: str) -> int:
        with self.services.store.engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def session(self, client: TestClient) -> sessions.Person | None:
        return sessions.who(self.services.store, client.cookies.get("session"), now=self.services.clock())


def at_home(client: TestClient) -> TestClient:
    """With its cookie as the gateway itself would have set it, so that the next one replaces it."""
    token = client.cookies["session"]
    client.cookies.clear()
    client.cookies.set("session", token, domain="127.0.0.1")
    return client


def settings(issuer: str, **more: Any) -> dict[str, Any]:
    named = {"slug": "campus", "name": "Campus", "issuer": issuer, "client_id": CLIENT, "client_secret": SECRET}
    return {"second_factor_acr": [ASSURED], "second_factor_amr": ["otp"], "second_factor_vot": ["P9.Cp.Cd"], "vouches_for_addresses": True, **named, **more}


@contextmanager
def world_on(folder: Path, database_url: str | None, *more: dict[str, Any], **options: Any) -> Iterator[World]:
    with mail_server() as post, fake_provider() as provider:
        listed = [settings(provider.issuer, **options), *more]
        built = make_services(folder / "data", database_url, worker=False, mail_url=post.url, allow_networks=LOOPBACK, identity_providers=listed)
        try:
            yield World(built, provider, post)
        finally:
            built.close()


@pytest.fixture
def world(tmp_path: Path, database_url: str | None) -> Iterator[World]:
    with world_on(tmp_path, database_url) as made:
        yield made


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    """On SQLite alone: for what never reaches the database."""
    with world_on(tmp_path, None) as made:
        yield made


# the way through


def test_signing_in_is_a_link_and_a_known_identity_ends_where_the_visitor_wanted(world: World) -> None:
    world.has_linked()
    client = browser(world.services)
    page = client.get("/sign-in?next=/basket").text
    assert 'href="/sign-in/with/campus?next=%2Fbasket"' in page
    before = world.count("account_used_states")
    asked = dict(parse_qsl(urlsplit(world.away(client)).query))
    assert world.count("account_used_states") == before, "opening the link writes nothing"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{OURS}/sign-in/from/campus"
    assert asked["response_type"] == "code"
    assert int(asked["max_age"]) > 0
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
    answer = world.there_and_back(client)
    assert answer.url.path == "/basket"
    assert "Ada Marker" in answer.text
    assert "sign-in" not in client.cookies, "what was kept for the way is dropped"


def test_tokens_are_dropped(world: World) -> None:
    seen: list[str] = []
    world.provider.defects = Defects(exchange=lambda answer: seen.append(answer["id_token"]))
    client = world.has_linked()
    newest_letter(world.services, world.post)
    assert seen
    with world.services.store.engine.connect() as connection:
        tables = ("account_identities", "account_used_states", "account_sessions", "accounts", "messages")
        rows = " ".join(str(row) for table in tables for row in connection.execute(text(f"SELECT * FROM {table}")))
    assert not any(token in rows or token in str(client.cookies) for token in [*seen, "at-1"])


def test_a_new_person_makes_an_account_without_a_password(world: World) -> None:
    world.provider.person |= {"email": "new@university.example", "email_verified": True}
    client = browser(world.services)
    page = world.there_and_back(client)
    assert page.url.path == "/sign-in/new"
    assert world.count("accounts") == 0
    refused = client.post("/sign-in/new", data={"name": "New"})
    assert refused.status_code == 422
    for name in ("organisation", "is_adult", "agrees"):
        assert f'href="#{name}"' in refused.text
    assert client.post("/sign-in/new", data=DETAILS).url.path == "/account"
    assert "new@university.example" in client.get("/account").text
    again = browser(world.services)
    assert "Ada Marker" in world.there_and_back(again).text
    only = client.get("/account/security").text
    remove = re.search(r"/account/identities/\d+/remove", only)
    assert remove is not None
    assert client.post(remove[0], data={"csrf": hidden(only, "csrf")}).status_code == 409, "the last way in stays"


@pytest.mark.parametrize("person", [
    {"email": "new@university.example", "email_verified": False}, {"email": "new@university.example", "email_verified": "true"},
    {"email": "new@university.example"}, {},
])
def test_an_address_that_the_provider_does_not_vouch_for_makes_no_account(small: World, person: dict[str, Any]) -> None:
    small.provider.person |= person
    client = browser(small.services)
    assert 'href="/register"' in small.there_and_back(client).text
    assert client.post("/sign-in/new", data=DETAILS).status_code == 409
    assert small.count("accounts") == 0


@pytest.mark.parametrize("algorithm", list(KEYS))
def test_each_allowed_signature_is_taken(small: World, algorithm: str) -> None:
    small.provider.algorithm = algorithm
    assert small.there_and_back(browser(small.services)).url.path == "/sign-in/new"


@pytest.mark.parametrize(("options", "key"), [
    ({"client_auth": "client_secret_post"}, None),
    ({"client_secret": None}, RSAKey.generate_key(2048)), ({"client_secret": None}, ECKey.generate_key("P-256")),
])
def test_the_gateway_proves_who_it_is_as_the_provider_wants(tmp_path: Path, options: dict[str, Any], key: Any) -> None:
    if key is not None:
        (tmp_path / "key.pem").write_bytes(key.as_pem(private=True))
        options = {**options, "private_key_file": tmp_path / "key.pem"}
    with world_on(tmp_path, None, **options) as world:
        assert world.there_and_back(browser(world.services)).url.path == "/sign-in/new"
        form, headers = world.provider.asked[0]
        assert "Authorization" not in headers
        if key is None:
            assert (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
            return
        key.ensure_kid()
        _, claims = read(form["client_assertion"], [key], ["RS256", "ES256"])
        assert claims["iss"] == claims["sub"] == CLIENT
        assert claims["aud"] == f"{world.provider.issuer}/token"
        assert 0 < claims["exp"] - time.time() <= 60
        assert len(claims["jti"]) > 15


def test_the_secret_goes_into_the_header_by_default(small: World) -> None:
    small.there_and_back(browser(small.services))
    form, headers = small.provider.asked[0]
    name, _, pair = headers["Authorization"].partition(" ")
    assert name == "Basic"
    assert [dict(parse_qsl(f"x={one}"))["x"] for one in base64.b64decode(pair).decode().split(":")] == [CLIENT, SECRET]
    assert "client_secret" not in form


# whose account


def test_s9_an_equal_address_cannot_take_over_an_account(world: World) -> None:
    owner = register(world.services, world.post, ADA)
    world.provider.person = {"sub": "attacker", "email": ADA.upper(), "email_verified": True, "name": "Ada Marker"}
    thief = browser(world.services)
    page = world.there_and_back(thief)
    assert page.url.path == "/sign-in/new"
    assert "An account has this address" in page.text
    assert thief.get("/account").url.path == "/sign-in"
    assert thief.get("/account/identities/new").url.path == "/sign-in"
    assert thief.post("/sign-in/new", data=DETAILS).status_code == 409
    assert world.count("account_identities") == 0
    own = {"email": "thief@elsewhere.example", "password": PASSWORD}
    register(world.services, world.post, own["email"], name="Thief")
    thief.post("/sign-in", data=own)
    linked = thief.get("/account/identities/new")
    thief.post("/account/identities/new", data={"csrf": hidden(linked.text, "csrf")})
    assert "Ada Marker" in owner.get("/account").text
    assert "thief@elsewhere.example" in world.there_and_back(browser(world.services), "/sign-in/with/campus").text


def test_s9_the_owner_signs_in_first_and_then_adds_the_identity(world: World) -> None:
    register(world.services, world.post, ADA)
    world.provider.person |= {"email": ADA, "email_verified": True}
    client = browser(world.services)
    page = world.there_and_back(client)
    assert 'href="/sign-in?next=/account/identities/new"' in page.text
    signed_in = client.post("/sign-in", data={"email": ADA, "password": PASSWORD, "next": "/account/identities/new"})
    assert signed_in.url.path == "/account/identities/new"
    assert client.post("/account/identities/new", data={"csrf": "0" * 64}).status_code == 403
    client.post("/account/identities/new", data={"csrf": hidden(signed_in.text, "csrf")})
    assert "You can now sign in to your account with Campus." in newest_letter(world.services, world.post)
    assert "Ada Marker" in world.there_and_back(browser(world.services)).text
    export = client.get("/account/export.json").json()
    assert [one["subject"] for one in export["identities"]] == ["248289761001"]


def test_an_identity_belongs_to_one_account_and_can_be_removed(world: World) -> None:
    first = world.has_linked(register(world.services, world.post, ADA))
    other = member(world.services, "eve@university.example", name="Eve")
    page = world.there_and_back(other, "/account/identities/with/campus")
    assert other.post("/account/identities/new", data={"csrf": hidden(page.text, "csrf")}).status_code == 409
    security = first.get("/account/security").text
    path = re.search(r"/account/identities/\d+/remove", security)
    assert path is not None
    assert other.post(path[0], data={"csrf": hidden(other.get("/account").text, "csrf")}).status_code == 404, "not hers"
    elsewhere = sign_in(world.services, ADA)
    assert first.post(path[0], data={"csrf": hidden(security, "csrf")}).url.path == "/account/security"
    assert elsewhere.get("/account").url.path == "/sign-in", "other sign-ins end"
    assert world.there_and_back(browser(world.services)).url.path == "/sign-in/new"


def test_closing_the_account_removes_its_identities(world: World) -> None:
    client = world.has_linked()
    page = client.get("/account/close").text
    client.post("/account/close", data={"csrf": hidden(page, "csrf"), "sure": "yes"})
    assert world.count("account_identities") == 0


def test_a_suspended_account_is_told_whom_to_ask(world: World) -> None:
    world.has_linked()
    with world.services.store.transaction() as tx:
        row = accounts.by_address(tx.session, ADA)
        assert row is not None
        row.state = "suspended"
    answer = world.there_and_back(browser(world.services))
    assert answer.status_code == 400
    assert "Ask the operator" in answer.text
    assert "suspended" in answer.text


# the second factor


@pytest.mark.parametrize(("claims", "counts"), [
    ({}, False), ({"acr": "1"}, False), ({"acr": ASSURED}, True), ({"amr": ["pwd"]}, False), ({"amr": ["pwd", "otp"]}, True), ({"amr": "otp"}, False),
    ({"vot": "P9.Cp.Cd"}, True), ({"vot": "P0.Cp"}, False), ({"acr": [ASSURED]}, False),
])
def test_s9_only_what_the_setting_names_counts_as_a_second_factor(small: World, claims: dict[str, Any], counts: bool) -> None:
    small.has_linked()
    small.provider.defects = Defects(claims=lambda said: said.update(claims, auth_time=int(time.time()) - 900))
    client = browser(small.services)
    small.there_and_back(client)
    person = small.session(client)
    assert person is not None
    assert (person.second_factor_at is not None) is counts
    if person.second_factor_at is not None:
        ago = (small.services.clock() - person.second_factor_at).total_seconds()
        assert 890 < ago < 960, "it counts from when it was shown there"


def test_s9_an_account_with_its_own_second_step_still_needs_it(world: World) -> None:
    client = member(world.services, ADA, name="Ada Marker", has_app=True)
    page = world.there_and_back(client, "/account/identities/with/campus")
    client.post("/account/identities/new", data={"csrf": hidden(page.text, "csrf")})
    half = browser(world.services)
    assert world.there_and_back(half).url.path == "/sign-in/code"
    assert half.get("/account").url.path == "/sign-in"
    world.provider.defects = Defects(claims=lambda said: said.update(acr=ASSURED))
    assert world.there_and_back(browser(world.services)).url.path == "/basket"


def test_s9_stepping_up_needs_a_fresh_second_factor_of_the_same_person(world: World) -> None:
    client = world.has_linked()
    path = "/account/again/with/campus?next=/account/close"
    asked = dict(parse_qsl(urlsplit(world.away(client, path)).query))
    assert (asked["max_age"], asked["prompt"]) == ("0", "login")
    for changes, code in (
        ({"acr": ASSURED, "auth_time": int(time.time()) - 300}, "signed-in-too-long-ago"), ({"acr": "1"}, "second-factor"),
        ({"acr": ASSURED, "sub": "somebody-else"}, "other-person"),
    ):
        world.provider.defects = Defects(claims=lambda said, changes=changes: said.update(changes))  # type: ignore[misc]
        answer = world.there_and_back(client, path)
        assert answer.status_code == 400
        assert code in answer.text
        person = world.session(client)
        assert person is not None
        assert person.second_factor_at is None
    world.provider.defects = Defects(claims=lambda said: said.update(acr=ASSURED))
    assert world.there_and_back(client, path).url.path == "/account/close"
    person = world.session(client)
    assert person is not None
    person.require_recent_factor(now=world.services.clock())
    assert "Confirm with Campus" in client.get("/account/again").text


# bad answers


def drop(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda said: said.pop(name, None)


def put(**changed: Any) -> Callable[[dict[str, Any]], object]:
    return lambda said: said.update(changed)


def at(name: str, seconds: int) -> Callable[[dict[str, Any]], object]:
    return lambda said: said.update({name: int(time.time()) + seconds})


RENAMED = RSAKey.import_key(KEYS["RS512"].as_pem(private=True), {"kid": "rsa-512"})
PUBLIC_PEM = KEYS["RS256"].as_pem(private=False)
PUBLIC_JWK = json.dumps(KEYS["RS256"].as_dict(private=False)).encode()
BAD = {
    "a state of somebody else's": (Defects(answer=put(state="x" * 43)), "state"),
    "no state": (Defects(answer=drop("state")), "state"),
    "an answer of another issuer": (Defects(answer=put(iss="https://evil.example")), "foreign-sender"),
    "an answer that does not say whose it is": (Defects(answer=drop("iss")), "nameless-sender"),
    "an issuer with a slash more": (Defects(answer=lambda said: said.update(iss=said["iss"] + "/")), "foreign-sender"),
    "a refusal": (Defects(answer=lambda said: (said.pop("code"), said.update(error="access_denied"))), "access_denied"),
    "a refusal with markup": (Defects(answer=lambda said: (said.pop("code"), said.update(error="<script>x</script>"))), "error"),
    "no code": (Defects(answer=drop("code")), "no-code"),
    "a code that was made up": (Defects(answer=put(code="made-up")), "code-refused"),
    "no ID token": (Defects(exchange=drop("id_token")), "no-id-token"),
    "an ID token that is none": (Defects(exchange=put(id_token="a.b")), "malformed"),
    "an ID token that is a number": (Defects(exchange=put(id_token=7)), "no-id-token"),
    "a token without a nonce": (Defects(claims=drop("nonce")), "nonce"),
    "a token for another sign-in": (Defects(claims=put(nonce="x" * 43)), "nonce"),
    "a token of another issuer": (Defects(claims=put(iss="https://evil.example")), "issuer"),
    "a token for another client": (Defects(claims=put(aud="another")), "audience"),
    "a token for nobody": (Defects(claims=drop("aud")), "audience"),
    "a token for many, without a party": (Defects(claims=put(aud=[CLIENT, "another"])), "authorised-party"),
    "a token for another party": (Defects(claims=put(azp="another")), "authorised-party"),
    "an expired token": (Defects(claims=at("exp", -61)), "expired"),
    "a token without an end": (Defects(claims=drop("exp")), "expired"),
    "an end in words": (Defects(claims=put(exp="tomorrow")), "expired"),
    "an end that is true": (Defects(claims=put(exp=True)), "expired"),
    "a token from the future": (Defects(claims=at("iat", 120)), "issued-at"),
    "an old token that ends late": (Defects(claims=at("iat", -3600)), "issued-at"),
    "a token that is not valid yet": (Defects(claims=at("nbf", 120)), "not-yet"),
    "no subject": (Defects(claims=drop("sub")), "subject"),
    "an endless subject": (Defects(claims=put(sub="x" * 256)), "subject"),
    "a subject that is a number": (Defects(claims=put(sub=7)), "subject"),
    "no signature": (Defects(token=unsigned), "algorithm"),
    "HMAC with the client's secret": (Defects(token=with_hmac(SECRET.encode())), "algorithm"),
    "HMAC with the public key in PEM": (Defects(token=with_hmac(PUBLIC_PEM.replace(b"-----", b"====="))), "algorithm"),
    "HMAC with the public key in JWK": (Defects(token=with_hmac(PUBLIC_JWK)), "algorithm"),
    "an algorithm that is not allowed": (Defects(token=with_key(KEYS["RS256"], "PS256")), "algorithm"),
    "somebody else's key under our name": (Defects(token=with_key(FOREIGN)), "signature"),
    "a key that the token brings along": (Defects(token=with_key(FOREIGN, jwk=FOREIGN.as_dict(private=False))), "malformed"),
    "a key at an address of the token's": (Defects(token=with_key(FOREIGN, jku="https://evil.example/keys", kid="evil")), "key"),
    "a key nobody knows": (Defects(token=with_key(KEYS["RS256"], kid="unknown")), "key"),
    "the right key for another algorithm": (Defects(token=with_key(KEYS["ES256"], "ES256", kid="rsa")), "key"),
    "RS512 where the key is for RS256 alone": (Defects(token=with_key(RENAMED, kid="rsa-512")), "key"),
    "a critical header nobody knows": (Defects(token=with_key(KEYS["RS256"], crit=["b64"], b64=False)), "malformed"),
    "claims changed after signing": (Defects(token=altered), "signature"),
    "an access token that was swapped": (Defects(claims=put(at_hash="AAAAAAAAAAAAAAAAAAAAAA")), "access-token"),
    "signed in too long ago": (Defects(claims=at("auth_time", -13 * 3600)), "signed-in-too-long-ago"),
    "no time of signing in": (Defects(claims=drop("auth_time")), "signed-in-too-long-ago"),
    "signed in tomorrow": (Defects(claims=at("auth_time", 3600)), "signed-in-too-long-ago"),
}


@pytest.mark.parametrize("name", BAD)
def test_s9_nobody_is_signed_in_by(small: World, name: str) -> None:
    small.has_linked()
    small.provider.defects, code = BAD[name]
    client = browser(small.services)
    answer = small.there_and_back(client)
    assert answer.status_code in (400, 503), answer.text
    assert f"<code>{code}</code>" in answer.text
    assert "<script>x" not in answer.text
    assert 'href="/sign-in/with/campus' in answer.text, "the ways to sign in remain"
    assert small.session(client) is None
    assert client.get("/account").url.path == "/sign-in"


def test_s9_low_assurance_is_refused_where_the_setting_demands_more(tmp_path: Path) -> None:
    with world_on(tmp_path, None, required_acr=["gold"]) as world:
        client = browser(world.services)
        assert dict(parse_qsl(urlsplit(world.away(client)).query))["acr_values"] == "gold"
        for acr in ({}, {"acr": "bronze"}):
            world.provider.defects = Defects(claims=put(**acr))
            assert "<code>assurance</code>" in world.there_and_back(browser(world.services)).text
        world.provider.defects = Defects(claims=put(acr="gold"))
        assert world.there_and_back(browser(world.services)).url.path == "/sign-in/new"


def test_s9_clocks_may_differ_by_a_minute(small: World) -> None:
    small.provider.defects = Defects(claims=lambda said: (at("exp", -50)(said), at("iat", 50)(said), at("auth_time", 50)(said)))
    assert small.there_and_back(browser(small.services)).url.path == "/sign-in/new"


def test_s9_an_answer_works_once_and_in_the_browser_that_asked(world: World) -> None:
    world.has_linked()
    client = browser(world.services)
    away = world.away(client)
    kept = client.cookies["sign-in"]
    back = world.provider.visit(away).removeprefix(OURS)
    stranger = browser(world.services)
    assert "<code>no-visit</code>" in stranger.get(back).text
    world.away(stranger)
    assert "<code>state</code>" in stranger.get(back).text, "the answer to another browser"
    assert client.get(back).url.path == "/basket"
    replay = browser(world.services)
    replay.cookies.set("sign-in", kept)
    assert "<code>used-before</code>" in replay.get(back).text
    assert len(world.provider.asked) == 2, "one to link, one to sign in"


def test_s9_an_answer_for_one_provider_is_not_taken_at_the_address_of_another(tmp_path: Path) -> None:
    with fake_provider() as second, world_on(tmp_path, None, settings(second.issuer, slug="other", name="Other")) as world:
        client = browser(world.services)
        back = world.provider.visit(world.away(client)).removeprefix(OURS)
        assert "<code>other-provider</code>" in client.get(back.replace("/from/campus", "/from/other")).text
        assert second.asked == []


def test_s9_repeated_parameters_are_refused(small: World) -> None:
    client = browser(small.services)
    back = small.provider.visit(small.away(client)).removeprefix(OURS)
    assert "<code>repeated-parameter</code>" in client.get(f"{back}&{urlencode({'code': 'second'})}").text


def test_s9_where_to_go_afterwards_stays_on_our_host(small: World) -> None:
    small.has_linked()
    for path in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        client = browser(small.services)
        assert small.there_and_back(client, f"/sign-in/with/campus?{urlencode({'next': path})}").url.host == "127.0.0.1"


def test_an_unknown_key_is_looked_for_at_the_provider_but_not_again_and_again(small: World) -> None:
    small.provider.defects = Defects(token=with_key(KEYS["RS256"], kid="unknown"))
    for _ in range(4):
        small.there_and_back(browser(small.services))
    assert small.provider.paths.count("/keys") <= 2


# a provider that is down


def test_a_provider_that_is_down_leaves_the_others_and_shows_a_code(tmp_path: Path) -> None:
    with fake_provider() as second, world_on(tmp_path, None, settings(second.issuer, slug="other", name="Other")) as world:
        world.provider.defects = Defects(is_down=True)
        client = browser(world.services)
        answer = client.get("/sign-in/with/campus")
        assert answer.status_code == 503
        assert "<code>unreachable</code>" in answer.text
        assert "/sign-in/with/other" in answer.text
        assert 'name="password"' in answer.text
        assert client.get("/sign-in/with/other", follow_redirects=False).headers["location"].startswith(second.issuer)
        assert client.get("/sign-in/with/nobody").status_code == 404


@pytest.mark.parametrize(("metadata", "code"), [
    (put(issuer="https://evil.example"), "metadata-issuer"), (drop("token_endpoint"), "metadata"), (put(jwks_uri="file:///etc/passwd"), "metadata"),
    (put(authorization_endpoint="javascript:alert(1)"), "metadata"),
])
def test_s9_a_provider_that_describes_itself_wrongly_is_not_used(small: World, metadata: Callable[[dict[str, Any]], object], code: str) -> None:
    small.provider.defects = Defects(metadata=metadata)
    answer = browser(small.services).get("/sign-in/with/campus")
    assert answer.status_code == 503
    assert f"<code>{code}</code>" in answer.text


def test_s9_a_provider_on_a_private_network_needs_the_operators_setting(tmp_path: Path) -> None:
    with fake_provider() as provider:
        built = make_services(tmp_path / "data", None, worker=False, identity_providers=[settings(provider.issuer)])
        try:
            answer = browser(built).get("/sign-in/with/campus")
        finally:
            built.close()
        assert "<code>address-refused</code>" in answer.text
        assert provider.paths == []
