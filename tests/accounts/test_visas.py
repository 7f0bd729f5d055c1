"""GA4GH visas: what is taken into a profile and what is not, and what is given out for access that is open now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from joserfc.jwk import ECKey, RSAKey
from starlette.testclient import TestClient

from gateway.access.commands import Command, perform
from gateway.accounts.oidc.signatures import public_keys, read, sign, unchecked
from gateway.accounts.profile.visas import BONA_FIDE
from gateway.accounts.tables import Identity
from gateway.store import accounts, identities, requests
from gateway.wiring import Services
from tests.accounts.people import hidden, member
from tests.accounts.test_applicant import signed_in
from tests.gateway.asking import LOOPBACK, seeded, submit
from tests.gateway.parts_made import OPENED, SIGNED
from tests.journeys.gateways import make_services
from tests.loopback import listening

ADA = "ada@university.example"
KEY = RSAKey.generate_key(2048, {"kid": "visas", "use": "sig"})
FOREIGN = RSAKey.generate_key(2048, {"kid": "visas", "use": "sig"})
HOME = "https://login.university.example"


@dataclass
class Issuer:
    """A visa issuer on loopback; ``paths`` are what it was asked for."""

    url: str = ""
    paths: list[str] = field(default_factory=list)

    def visa(self, kind: str = "ResearcherStatus", *, key: Any = KEY, claims: dict[str, Any] | None = None, jku: str | None = None, **stated: Any) -> str:
        now = int(time.time())
        whole = {"type": kind, "asserted": now - 60, "value": BONA_FIDE, "source": "https://institute.example", "by": "so", **stated}
        told = {"iss": self.url, "sub": "ada-there", "iat": now, "exp": now + 3600, "ga4gh_visa_v1": {k: v for k, v in whole.items() if v is not None}}
        return sign({**told, **(claims or {})}, key, "RS256", jku=jku or f"{self.url}/keys")


@contextmanager
def visa_issuer() -> Iterator[Issuer]:
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.paths.append(self.path)
            body = orjson.dumps({"keys": [KEY.as_dict(private=False)]})
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with listening(Handler) as address:
        issuer.url = address
        yield issuer


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with visa_issuer() as started:
        yield started


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, issuer: Issuer) -> Iterator[Services]:
    (tmp_path / "visas.pem").write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    built = make_services(
        tmp_path / "data", database_url, worker=False, allow_networks=LOOPBACK, visa_key_file=tmp_path / "visas.pem",
        visa_issuers=[{"name": "Example Institute", "issuer": issuer.url, "key_location": f"{issuer.url}/keys"}],
    )
    try:
        yield built
    finally:
        built.close()


def known_at(services: Services, issuer: str, subject: str, address: str = ADA) -> None:
    """The account signs in there, too."""
    now = services.clock()
    with services.store.transaction() as tx:
        account = accounts.by_address(tx.session, address)
        assert account is not None
        identities.add(tx.session, Identity(
            account_id=account.id, issuer=issuer, subject=subject, provider_name="Example", label="ada", level=None, linked_at=now, last_used_at=None,
        ))


def pasted(client: TestClient, *tokens: str) -> str:
    csrf = hidden(client.get("/account/profile/visas").text, "csrf")
    answer = client.post("/account/profile/visas", data={"csrf": csrf, "passport": "\n".join(tokens)})
    assert answer.status_code == 200
    return answer.text


def items(client: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/account/export.json").json()["profile"]["items"]
    return found


def test_visas_fill_in_the_profile_as_verified_and_approve_nothing(services: Services, issuer: Issuer) -> None:
    ada = member(services, ADA, name="Ada Marker", has_app=True)
    known_at(services, issuer.url, "ada-there")
    page = pasted(
        ada, issuer.visa(), issuer.visa("AffiliationAndRole", value="faculty@university.example", by=None),
        issuer.visa("AcceptedTermsAndPolicies", value="https://institute.example/terms", by="self"),
    )
    assert page.count("Your profile now holds it") == 3
    held = items(ada)
    assert [(one["group"], one["level"]) for one in held] == [("affiliation", "verified"), ("accreditation", "verified"), ("accreditation", "verified")]
    assert all(one["verified_by"] == "Example Institute (visa)" for one in held)
    pasted(ada, issuer.visa())
    assert len(items(ada)) == 3, "the same again is the same item"
    assert ada.get("/account/visas.json").json() == {"ga4gh_passport_v1": []}


def change(**claims: Any) -> Callable[[Issuer], str]:
    return lambda issuer: issuer.visa(claims=claims)


BAD: dict[str, Callable[[Issuer], str]] = {
    "wrong issuer": change(iss="https://elsewhere.example"), "an issuer with a slash more": lambda one: one.visa(claims={"iss": one.url + "/"}),
    "wrong key location": lambda one: one.visa(jku=f"{one.url}/other-keys"), "a key location in other letters": lambda one: one.visa(jku=f"{one.url}/KEYS"),
    "expired": change(exp=int(time.time()) - 61), "no end": change(exp=None), "made in the future": lambda one: one.visa(claims={"iat": int(time.time()) + 600}),
    "unknown condition": lambda one: one.visa(conditions=[[{"type": "AffiliationAndRole", "value": "const:faculty@x"}]]),
    "type in another case": lambda one: one.visa("researcherStatus"), "a type nobody takes": lambda one: one.visa("ControlledAccessGrants", by="dac"),
    "value in another case": lambda one: one.visa(value=BONA_FIDE.upper()), "no by": lambda one: one.visa(by=None), "by in another case": lambda one: one.visa(by="SO"),
    "terms without by": lambda one: one.visa("AcceptedTermsAndPolicies", value="https://institute.example/terms", by=None),
    "role in another case": lambda one: one.visa("AffiliationAndRole", value="Faculty@university.example"),
    "no source": lambda one: one.visa(source=None), "asserted tomorrow": lambda one: one.visa(asserted=int(time.time()) + 86400),
    "no visa": change(ga4gh_visa_v1=None), "no token": lambda _: "aaaa.bbbb.cccc",
    "an algorithm nobody takes": lambda one: one.visa().replace(one.visa().split(".")[0], "eyJhbGciOiJub25lIn0"),
}


@pytest.mark.parametrize("name", BAD)
def test_a32_a_visa_that_does_not_count_is_ignored_and_nobody_is_called(services: Services, issuer: Issuer, name: str) -> None:
    ada = member(services, ADA, name="Ada Marker")
    known_at(services, issuer.url, "ada-there")
    page = pasted(ada, BAD[name](issuer))
    assert "Ignored" in page
    assert "Your profile now holds it" not in page
    assert items(ada) == []
    assert issuer.paths == []


def test_a32_a_signature_of_somebody_else_does_not_count(services: Services, issuer: Issuer) -> None:
    ada = member(services, ADA, name="Ada Marker")
    known_at(services, issuer.url, "ada-there")
    assert "not signed as it should be" in pasted(ada, issuer.visa(key=FOREIGN))
    assert items(ada) == []
    assert issuer.paths == ["/keys"], "the configured place alone"


def test_a_visa_about_somebody_else_does_not_count(services: Services, issuer: Issuer) -> None:
    ada = member(services, ADA, name="Ada Marker")
    known_at(services, HOME, "ada-at-home")
    assert "It is not about you" in pasted(ada, issuer.visa())
    stranger = issuer.visa("LinkedIdentities", value=f"eve-at-home,{quote(HOME, safe='')}", by=None)
    assert "It is not about you" in pasted(ada, issuer.visa(), stranger)
    assert items(ada) == []
    linked = issuer.visa("LinkedIdentities", value=f"ada-at-home,{quote(HOME, safe='')}", by=None)
    assert "Your profile now holds it" in pasted(ada, issuer.visa(), linked)


def give(services: Services, part: str, name: str, role: Any, payload: dict[str, Any]) -> None:
    perform(services.store, services.sealer, part, Command(name=name, role=role, actor=role, payload=payload, expected_version=None), now=services.clock())


def test_a31_access_that_is_suspended_or_stopped_gives_no_visa(services: Services) -> None:
    refs = seeded(services.store)
    submit(services.store, services.sealer, dataset_refs=refs["alpha"], now=services.clock())
    with services.store.reading() as session:
        part = requests.parts_of_custodian(session, "alpha")[0].part.public_id
    ada = signed_in(services)
    eve = member(services, "eve@university.example", name="Eve", has_app=True)

    def held(client: TestClient = ada) -> list[str]:
        answer = client.get("/account/visas.json")
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        found: list[str] = answer.json()["ga4gh_passport_v1"]
        return found

    for name, role, payload in SIGNED:
        give(services, part, name, role, payload)
    assert held() == []
    give(services, part, "activate", "handler", OPENED)
    keys = public_keys(ada.get("/.well-known/visa-keys.json").json())
    assert len(keys) == 1
    assert not any(key.is_private for key in keys)
    visas = held()
    assert len(visas) == 2
    assert held(eve) == []
    for token, ref in zip(visas, refs["alpha"], strict=True):
        header, claims = read(token, keys, ["ES256"])
        assert (header["typ"], header["jku"]) == ("vnd.ga4gh.visa+jwt", "http://127.0.0.1:8000/.well-known/visa-keys.json")
        assert 0 < claims["exp"] - claims["iat"] <= 3600
        stated = claims["ga4gh_visa_v1"]
        assert (stated["type"], stated["by"]) == ("ControlledAccessGrants", "dac")
        assert stated["value"] == f"http://127.0.0.1:8000/id/datasets/{ref}"
        assert stated["source"] == "http://127.0.0.1:8000/custodians/alpha"
    assert len({unchecked(token)[1]["jti"] for token in [*visas, *held()]}) == 4
    give(services, part, "suspend_access", "decider", {"reason": "A question."})
    assert held() == []
    (use,) = ada.get("/uses.json").json()["uses"]
    assert use["status"] == "suspended"
    give(services, part, "resume_access", "decider", {})
    assert len(held()) == 2
    give(services, part, "revoke", "decider", {"reason": "No."})
    assert held() == []
    assert "Access stopped" in ada.get("/uses").text


def test_visas_are_off_until_an_operator_sets_a_key(tmp_path: Path) -> None:
    built = make_services(tmp_path / "data", None, worker=False)
    try:
        ada = member(built, ADA, name="Ada Marker", has_app=True)
        assert ada.get("/account/visas.json").status_code == 404
        assert ada.get("/.well-known/visa-keys.json").status_code == 404
    finally:
        built.close()
