"""S16: a custodian's system signs what it decided; nothing unsigned, changed, old or repeated is believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from gateway.access.routes import set_route
from gateway.store import requests
from gateway.wiring import Services
from tests.accounts.people import browser
from tests.audit.walking import database_digest
from tests.gateway.asking import FORM
from tests.journeys.gateways import two_custodians
from tests.journeys.test_workspace import sent

ACKNOWLEDGE = {"command": "acknowledge", "payload": {"delivery": "own-1"}}


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    with two_custodians(tmp_path, database_url, allow_networks=["127.0.0.0/8"]) as built:
        yield built


def set_up(services: Services) -> tuple[dict[str, str], dict[str, str]]:
    """By custodian: the secret of its route, and the address of its part."""
    secrets = {}
    for slug in ("alpha", "beta"):
        made = set_route(services.store, services.sealer, custodian=slug, channel="webhook", target="https://localhost:9/hook")
        assert made.secret is not None
        secrets[slug] = made.secret
    sent(services)
    with services.store.reading() as session:
        return secrets, {slug: f"/api/v1/callbacks/parts/{requests.parts_of_custodian(session, slug)[0].part.public_id}" for slug in secrets}


def post(client: TestClient, services: Services, path: str, secret: str, wanted: object, *, name: str = "msg_1", age: timedelta = timedelta(), **changes: str) -> Response:
    body, at = json.dumps(wanted), services.clock() - age
    headers = {
        "webhook-id": name, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": Webhook(secret).sign(name, at, body),
        "content-type": "application/json",
    }
    changed = {key.replace("_", "-"): value for key, value in changes.items() if key != "body"}
    return client.post(path, content=changes.get("body", body), headers={**headers, **changed})


def test_S16_a_signed_decision_is_carried_out_once(services: Services) -> None:
    secrets, paths = set_up(services)
    client = browser(services)
    done = post(client, services, paths["alpha"], secrets["alpha"], ACKNOWLEDGE)
    assert (done.status_code, done.json()["state"]) == (200, "screening"), done.text
    before = database_digest(services.store)
    again = post(client, services, paths["alpha"], secrets["alpha"], {"command": "accept_for_review"})
    assert again.status_code == 409
    assert "taken in before" in again.text
    assert database_digest(services.store) == before
    refused = post(client, services, paths["alpha"], secrets["alpha"], {"command": "reject", "payload": {"code": "capacity", "reason": "Full."}}, name="msg_2")
    assert refused.status_code == 409, "who decided is not named"
    named = {"command": "reject", "payload": {"code": "capacity", "reason": "Full.", "decided_by": "Committee", "decided_at": "2026-11-20"}}
    done = post(client, services, paths["alpha"], secrets["alpha"], named, name="msg_2")
    assert (done.status_code, done.json()["state"]) == (200, "rejected"), "what was refused may be sent again under its id"


def test_S16_what_is_unsigned_changed_old_or_anothers_changes_nothing_and_tells_nothing(services: Services) -> None:
    secrets, paths = set_up(services)
    client, before = browser(services), database_digest(services.store)
    own, path = secrets["alpha"], paths["alpha"]
    forged = "whsec_" + "A" * 44
    answers = [
        client.post(path, json=ACKNOWLEDGE), post(client, services, path, forged, ACKNOWLEDGE), post(client, services, path, secrets["beta"], ACKNOWLEDGE),
        post(client, services, path, own, ACKNOWLEDGE, body=json.dumps({"command": "withdraw"})), post(client, services, path, own, ACKNOWLEDGE, webhook_id="msg_other"),
        post(client, services, path, own, ACKNOWLEDGE, age=timedelta(seconds=360)), post(client, services, path, own, ACKNOWLEDGE, age=timedelta(seconds=-360)),
        post(client, services, path, own, ACKNOWLEDGE, webhook_timestamp="soon"), post(client, services, f"/api/v1/callbacks/parts/{'f' * 24}", own, ACKNOWLEDGE),
    ]
    assert [one.status_code for one in answers] == [401] * len(answers)
    assert len({one.json()["detail"] for one in answers}) == 1, "an unknown request looks like a wrong signature"
    assert not any(FORM.title in one.text for one in answers)
    assert post(client, services, path, own, ["no command"]).status_code == 422
    assert database_digest(services.store) == before


def test_S16_after_a_rotation_both_secrets_count(services: Services) -> None:
    secrets, paths = set_up(services)
    renewed = set_route(services.store, services.sealer, custodian="alpha", channel="webhook", target="https://localhost:9/hook")
    assert renewed.secret not in (None, secrets["alpha"])
    client = browser(services)
    assert post(client, services, paths["alpha"], secrets["alpha"], ACKNOWLEDGE).status_code == 200
    assert post(client, services, paths["alpha"], renewed.secret or "", {"command": "accept_for_review"}, name="msg_2").json()["state"] == "in_review"
