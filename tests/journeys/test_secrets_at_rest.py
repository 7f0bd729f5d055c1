"""A12, C8: after real runs with each kind of authentication no secret stands in the database, in events, in logs or in what pages tell.

What is sealed with the installation's key, or hashed, is not the secret. The dump is of every column of every table.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from gateway.app import create_app
from gateway.models import Base, Run, RunEvent
from gateway.sources.registering import NewSource, Policy, add_source
from gateway.store.database import utc_now
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.accounts.people import HERE, PASSWORD, member, set_password, sign_in
from tests.harvesters.ckan_server import Portal, package
from tests.harvesters.federation_server import Federation
from tests.harvesters.web_server import Answer, Asked, as_json, serving
from tests.journeys.gateways import document, make_services
from tests.journeys.pushing import TRUST

BEGAN = datetime(2026, 11, 28, 12, tzinfo=UTC)
SECRETS = {
    "BEARER": "bearer-Zx81-secret", "API_KEY": "apikey-Qw72-secret", "BASIC": "client:basic-Er63-secret", "OAUTH2": "oauth-Ty54-secret", "CKAN": "ckan-Ui45-secret",
}  # fmt: skip
ACCESS, REFRESH = "access-Op36-token", "refresh-As27-token"


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, log_level="debug")
    ticks = count()
    built.harvesting.clock = lambda: BEGAN + timedelta(seconds=min(3 * next(ticks), 30))  # Runs under two seconds have no events.
    yield built
    built.close()


class Closed(Federation):
    """Answers only who brings the right header, and keeps what it was brought."""

    def __init__(self, auth: str) -> None:
        super().__init__(*Federation.of(3).documents.values())
        self.auth, self.brought, self.is_open = auth, set[str](), True

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/token":
            form = {name: found[0] for name, found in parse_qs(asked.body.decode()).items()}
            is_known = form.get("client_secret") == SECRETS["OAUTH2"] and self.is_open
            given = {"access_token": ACCESS, "token_type": "bearer", "expires_in": 900, "refresh_token": REFRESH}
            return as_json(json.dumps(given)) if is_known else Answer(json.dumps({"error": "invalid_client", "echo": form}).encode(), 401)
        header = asked.headers.get("apikey" if self.auth == "API_KEY" else "authorization", "")
        if not self.is_open or header != self.wanted:
            return Answer(f"refused: {header}".encode(), status=401)
        self.brought.add(header)
        return super().answer(asked)

    @property
    def wanted(self) -> str:
        secret = SECRETS[self.auth]
        return {
            "BEARER": f"Bearer {secret}", "API_KEY": secret, "OAUTH2": f"Bearer {ACCESS}", "BASIC": f"Basic {base64.b64encode(secret.encode()).decode()}",
        }[self.auth]


def add(services: Services, kind: str, port: int, secret: str, **configuration: Any) -> str:
    policy = Policy(allow_http=True, allowed_networks=["127.0.0.0/8"], allowed_ports=[port], attempts=1, min_interval_seconds=0)
    wanted = NewSource(name=f"Source {kind} {port}", kind=kind, configuration=configuration, secret=secret, schedule="manual", policy=policy)
    return add_source(services.store, services.sealer, wanted, now=services.clock()).slug


def run(services: Services, slug: str) -> Run:
    return services.harvesting.run(services.harvesting.queue_run(slug))


def dump(services: Services) -> str:
    """Every value of every table, as text; of bytes both ways in which they may be read."""
    found: list[str] = []
    with services.store.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                found += [repr(value) + (value.decode(errors="replace") if isinstance(value, bytes) else "") for value in row]
    return "\n".join(found)


def kept_in_files(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def assert_absent(secrets: list[str], services: Services, told: str) -> None:
    held, kept = dump(services), kept_in_files(services.settings.data_dir)
    assert "Source federation" in held, "the dump holds what it should"
    for secret in secrets:
        for form in (secret, base64.b64encode(secret.encode()).decode()):
            assert form not in held
            assert form not in told
            assert form.encode() not in kept


@pytest.mark.parametrize("auth", ["BEARER", "API_KEY", "BASIC", "OAUTH2"])
def test_a12_the_secrets_of_a_federation_stay_out_of_database_events_and_logs(
    auth: str, services: Services, database_url: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    endpoint = Closed(auth)
    with serving(endpoint.answer) as server:
        options = {"token_url": f"{server.url}/token", "client_id": "gateway-1"} if auth == "OAUTH2" else {}
        paths = {"base_url": server.url, "list_path": "/api/list", "detail_path": "/api/one/{id}", "auth": auth}
        slug = add(services, "federation", server.port, SECRETS[auth], **paths, **options)
        assert run(services, slug).counters == {"created": 3}
        endpoint.is_open = False
        failed = run(services, slug)
    assert endpoint.brought == {endpoint.wanted}, "the secret was really used"
    assert (failed.state, failed.reason) == ("failed", "credentials")
    with services.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(RunEvent))
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        addresses = (f"/sources/{slug}", f"/sources/{slug}/runs/{failed.id}", f"/api/v1/runs/{failed.id}", f"/api/v1/runs/{failed.id}/events", f"/api/v1/sources/{slug}")
        told = "".join(client.get(address).text for address in addresses)
    written = capfd.readouterr()
    assert_absent([SECRETS[auth], endpoint.wanted.rpartition(" ")[2], ACCESS, REFRESH], services, told + written.out + written.err)


def test_a12_a_token_of_a_portal_an_api_key_and_a_password_stay_out_too(services: Services, database_url: str | None, capfd: pytest.CaptureFixture[str]) -> None:
    portal, brought = Portal(package(1)), set[str]()

    def answer(asked: Asked) -> Answer:
        brought.add(asked.headers.get("authorization", ""))
        return portal.answer(asked)

    with serving(answer) as server:
        slug = add(services, "ckan", server.port, SECRETS["CKAN"], base_url=server.url)
        assert run(services, slug).counters == {"created": 1}
        with serving(Closed("BEARER").answer) as other:
            paths = {"base_url": other.url, "list_path": "/api/list", "detail_path": "/api/one/{id}", "auth": "BEARER"}
            run(services, add(services, "federation", other.port, SECRETS["BEARER"], **paths))
    assert brought == {SECRETS["CKAN"]}
    key = create_key(services.store, name="a program", custodian="example-trust", scopes=None, now=utc_now()).key
    with TestClient(create_app(services=services), base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {key}", **HERE}) as client:
        assert client.put(f"{TRUST}/datasets/d1", json=document(1)).status_code == 201
    member(services, "ada@example.org", name="Ada Marker")
    set_password(services, "ada@example.org")
    session_token = sign_in(services, "ada@example.org").cookies.get("session", domain="127.0.0.1")
    written = capfd.readouterr()
    assert session_token
    assert_absent([SECRETS["CKAN"], SECRETS["BEARER"], key, key.rpartition("_")[2], PASSWORD, session_token], services, written.out + written.err)
