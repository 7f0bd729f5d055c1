"""Keys: whose they are, what they may do, when and from where; tokens got with them; how often they may ask."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from gateway.app import create_app
from gateway.errors import BadRequest, NotAllowed, NotFound, NotSignedIn
from gateway.store import custodians, keys
from gateway.store.database import utc_now
from gateway.web.auth import CUSTODIAN_SCOPES, check_key, check_part, create_key, rotate_key
from gateway.wiring import Services
from tests.journeys.gateways import make_services

NOW = utc_now()


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    with built.store.transaction() as tx:
        custodians.add(tx.session, name="Example Trust", now=NOW)
    yield built
    built.close()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services=services), base_url="http://127.0.0.1", client=("192.0.2.7", 4000)) as started:
        yield started


def test_p3_a_key_is_256_bits_with_a_check_part_and_only_its_hash_is_stored(services: Services) -> None:
    new = create_key(services.store, name="push", custodian="example-trust", now=NOW)
    marker, prefix, secret = new.key.split("_", 2)
    assert (marker, prefix) == ("gwk", new.row.prefix)
    assert len(base64.urlsafe_b64decode(secret[:-6] + "=")) == 32
    assert check_part(f"{prefix}_{secret[:-6]}") == secret[-6:]
    with services.store.reading() as session:
        stored = " ".join(str(row) for row in session.execute(text("SELECT * FROM api_keys")))
    assert secret not in stored
    assert check_key(services.store, new.key, now=NOW).scopes == CUSTODIAN_SCOPES


def test_p3_a_key_ends_within_a_year_and_its_scopes_are_of_one_kind(services: Services) -> None:
    for wrong in ({"valid_for_days": 366}, {"valid_for_days": 0}, {"scopes": ["datasets:write"]}, {"scopes": ["all"]}, {"networks": ["here"]}):
        with pytest.raises(BadRequest):
            create_key(services.store, name="n", now=NOW, **wrong)  # type: ignore[arg-type]
    with pytest.raises(BadRequest, match="for a key of operators"):
        create_key(services.store, name="n", custodian="example-trust", scopes=["harvest"], now=NOW)
    with pytest.raises(NotFound):
        create_key(services.store, name="n", custodian="nobody", now=NOW)
    new = create_key(services.store, name="n", now=NOW)
    with pytest.raises(NotSignedIn):
        check_key(services.store, new.key, now=NOW + timedelta(days=365))


def test_p3_a_rotated_key_and_its_successor_both_work_until_the_overlap_is_over(services: Services) -> None:
    old = create_key(services.store, name="push", custodian="example-trust", scopes=["runs:read"], networks=["192.0.2.0/24"], now=NOW)
    new = rotate_key(services.store, old.row.prefix, overlap=timedelta(days=2), now=NOW)
    both = (old.key, new.key)
    assert [check_key(services.store, key, address="192.0.2.7", now=NOW + timedelta(days=1)).scopes for key in both] == [("runs:read",)] * 2
    with pytest.raises(NotSignedIn):
        check_key(services.store, old.key, address="192.0.2.7", now=NOW + timedelta(days=2))
    assert check_key(services.store, new.key, address="192.0.2.7", now=NOW + timedelta(days=300)).custodian_id == new.row.custodian_id
    with pytest.raises(BadRequest, match="has ended"):
        rotate_key(services.store, old.row.prefix, now=NOW + timedelta(days=2))


def test_p3_a_key_bound_to_networks_works_from_there_only(services: Services, client: TestClient) -> None:
    here = create_key(services.store, name="here", networks=["192.0.2.0/24", "2001:db8::/32"], now=NOW).key
    elsewhere = create_key(services.store, name="elsewhere", networks=["198.51.100.0/24"], now=NOW).key
    status = {name: client.get("/api/v1/triage", headers={"Authorization": f"Bearer {name}"}).status_code for name in (here, elsewhere)}
    assert status == {here: 200, elsewhere: 401}
    for address in ("::ffff:192.0.2.9", "2001:db8::1"):
        assert check_key(services.store, here, address=address, now=NOW)
    for address in (None, "testclient", "192.0.3.1"):
        with pytest.raises(NotSignedIn):
            check_key(services.store, here, address=address, now=NOW)


@pytest.mark.parametrize("presented", ["", "gwk_", "gwk_x", "gwk_x_y", "Bearer", "gwt_", "gwt_unknown", "gwk_ _ "])
def test_what_is_no_key_is_told_nothing_about_why(services: Services, presented: str) -> None:
    with pytest.raises(NotSignedIn):
        check_key(services.store, presented, now=NOW)


def test_client_credentials_give_a_token_of_a_quarter_of_an_hour_with_the_keys_scopes_or_fewer(services: Services, client: TestClient) -> None:
    new = create_key(services.store, name="push", custodian="example-trust", now=NOW)
    _, identifier, secret = new.key.split("_", 2)
    form = {"grant_type": "client_credentials", "scope": "runs:read"}
    answer = client.post("/api/v1/oauth/token", data=form, auth=(identifier, secret))
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.json()["token_type"], answer.json()["expires_in"], answer.json()["scope"]) == ("Bearer", 900, "runs:read")
    token = answer.json()["access_token"]
    assert check_key(services.store, token, scope="runs:read", now=utc_now()).custodian_id == new.row.custodian_id
    with pytest.raises(NotAllowed):
        check_key(services.store, token, scope="datasets:write", now=utc_now())
    with pytest.raises(NotSignedIn):
        check_key(services.store, token, now=utc_now() + timedelta(minutes=16))
    with services.store.transaction() as tx:
        keys.revoke(tx.session, identifier, now=utc_now())
    with pytest.raises(NotSignedIn):
        check_key(services.store, token, now=utc_now())


def test_a_token_can_be_ended_and_refusals_are_those_of_oauth(services: Services, client: TestClient) -> None:
    _, identifier, secret = create_key(services.store, name="n", now=NOW).key.split("_", 2)
    client_ = {"client_id": identifier, "client_secret": secret}

    def ask(**form: str) -> tuple[int, str]:
        answer = client.post("/api/v1/oauth/token", data=form)
        return answer.status_code, answer.json().get("error", "")

    assert ask(grant_type="password", **client_) == (400, "unsupported_grant_type")
    assert ask(grant_type="client_credentials", client_id=identifier, client_secret="no") == (401, "invalid_client")
    assert ask(grant_type="client_credentials", scope="datasets:write", **client_) == (400, "invalid_scope")
    token = client.post("/api/v1/oauth/token", data={"grant_type": "client_credentials", **client_}).json()["access_token"]
    assert client.get("/api/v1/triage", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert client.post("/api/v1/oauth/revoke", data={"token": token, **client_}).status_code == 200
    assert client.get("/api/v1/triage", headers={"Authorization": f"Bearer {token}"}).status_code == 401
