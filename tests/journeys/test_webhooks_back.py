"""Custodians' systems are told what became of their datasets: signed, in the outbox, tried again, given up (harvesting design, P7)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from gateway.accounts.setup import grant
from gateway.errors import NotFound
from gateway.models import Message, SourceContact, WebhookEndpoint, WebhookMessage
from gateway.sources.upkeep import set_webhook_contact
from gateway.webhooks.deliver import DISABLED_AFTER, notify_due
from gateway.wiring import Services
from tests.accounts.people import hidden, member
from tests.gateway.asking import Receiver, receiver
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents
from tests.journeys.pushing import TRUST, add_custodian, key_of, program, put, run_queued

HOOKS = f"{TRUST}/webhooks"


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Services:
    built = make_services(tmp_path / "data", database_url, worker=False, allow_networks=["127.0.0.0/8"])
    add_custodian(built)
    return built


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with program(services, key_of(services)) as started:
        yield started


def add_hook(client: TestClient, url: str, **wanted: Any) -> dict[str, Any]:
    answer = client.post(HOOKS, json={"url": url, **wanted})
    assert answer.status_code == 201, answer.text
    hook: dict[str, Any] = answer.json()
    return hook


def send(services: Services, *, later: timedelta = timedelta()) -> int:
    """Work off the outbox at this moment, or ``later``."""
    return notify_due(services.store, services.channels, clock=lambda: datetime.now(UTC) + later)


def told(hook: Receiver) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in hook.received]


def test_p7_each_event_is_told_once_signed_with_ids_and_an_address(services: Services, client: TestClient) -> None:
    with receiver() as hook:
        secret = add_hook(client, hook.url)["secret"]
        ref = put(client, "a", document(1)).json()["ref"]
        put(client, "a", document(1))
        put(client, "a", document(1, title=None))
        client.delete(f"{TRUST}/datasets/a")
        assert send(services) == 3
        assert send(services) == 0
    assert [one["type"] for one in told(hook)] == ["dataset.published", "dataset.quarantined", "dataset.removed"]
    assert [one["data"]["sequence"] for one in told(hook)] == [1, 2, 3]
    first = told(hook)[0]["data"]
    assert (first["custodian"], first["dataset"], first["local_id"], first["outcome"]) == ("example-trust", ref, "a", "created")
    assert first["url"] == f"http://127.0.0.1:8000/api/v1/datasets/{ref}"
    assert set(first) == {"custodian", "dataset", "local_id", "outcome", "pid", "run", "sequence", "url"}
    for one in hook.received:
        assert Webhook(secret).verify(one.body, one.headers)
    assert len({one.headers["webhook-id"] for one in hook.received}) == 3


def test_j13_p7_runs_that_end_are_told_by_how_they_ended(services: Services, client: TestClient) -> None:
    with receiver() as hook:
        add_hook(client, hook.url, events=["run.completed", "run.held", "run.failed"])
        lines = {"Content-Type": "application/x-ndjson"}
        body = "\n".join(json.dumps(document(number)) for number in range(3))
        for mode, content in (("upsert", body), ("replace", "[]")):
            media = lines if mode == "upsert" else {"Content-Type": "application/json"}
            client.post(f"{TRUST}/datasets:bulk", params={"mode": mode}, content=content, headers=media)
            run_queued(services)
        services.harvesting.run(services.harvesting.queue_run("push-example-trust"))
        send(services)
    assert [(one["type"], one["data"]["state"]) for one in told(hook)] == [
        ("run.completed", "succeeded"), ("run.held", "held"), ("run.failed", "failed"),
    ]
    assert told(hook)[0]["data"]["url"].endswith(f"/api/v1/runs/{told(hook)[0]['data']['run']}")


@pytest.mark.parametrize(("digest", "hears_of"), [("never", []), ("problems", ["partial"]), ("changes", ["succeeded", "partial"]), ("always", ["succeeded", "succeeded", "partial"])])
def test_j13_digests_come_to_a_webhook_as_the_contact_chose_signed_and_by_the_same_outbox(
    services: Services, client: TestClient, tmp_path: Path, digest: str, hears_of: list[str]
) -> None:
    feed = tmp_path / "feed"
    write_documents(feed, [document(1)])
    slug = add_files(services, feed, custodian="example-trust")
    with receiver() as hook:
        made = add_hook(client, hook.url, events=["link.proposed"])
        set_webhook_contact(services.store, slug, made["id"], digest=digest)
        harvest(services, slug)
        last = harvest(services, slug)
        (feed / "broken.json").write_text("{")
        last = harvest(services, slug)
        assert send(services) == len(hears_of)
        assert send(services) == 0
    assert [(one["type"], one["data"]["state"]) for one in told(hook)] == [("run.digest", state) for state in hears_of]
    for one in hook.received:
        assert Webhook(made["secret"]).verify(one.body, one.headers)
    if hears_of:
        data = told(hook)[-1]["data"]
        assert (data["source"], data["run"], data["counters"], data["has_problems"]) == (slug, last.id, {"unchanged": 1, "rejected": 1}, True)
        assert data["url"] == f"http://127.0.0.1:8000/api/v1/runs/{last.id}"


def test_j13_failures_come_to_a_webhook_as_often_as_by_mail(services: Services, client: TestClient, tmp_path: Path) -> None:
    slug = add_files(services, tmp_path / "nowhere", custodian="example-trust")
    with receiver() as hook:
        set_webhook_contact(services.store, slug, add_hook(client, hook.url, events=["link.proposed"])["id"], digest="never")
        for _ in range(8):
            assert harvest(services, slug).state == "failed"
        send(services)
    assert [(one["type"], one["data"]["failures_in_a_row"]) for one in told(hook)] == [("run.digest", 1), ("run.digest", 3), ("run.digest", 7)]


def test_j13_a_webhook_of_another_custodian_cannot_be_named_and_one_that_is_removed_is_told_nothing(
    services: Services, client: TestClient, tmp_path: Path
) -> None:
    add_custodian(services, "Other Trust")
    write_documents(tmp_path / "feed", [document(1)])
    theirs, ours = (add_files(services, tmp_path / "feed", name=name, custodian=owner) for name, owner in (("Theirs", "other-trust"), ("Ours", "example-trust")))
    made = add_hook(client, "http://127.0.0.1:9/hook")
    with pytest.raises(NotFound):
        set_webhook_contact(services.store, theirs, made["id"], digest="always")
    set_webhook_contact(services.store, ours, made["id"], digest="always")
    assert client.delete(f"{HOOKS}/{made['id']}").status_code == 204
    assert harvest(services, ours).state == "succeeded"
    with services.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(WebhookMessage)) == 0
        assert session.scalar(select(func.count()).select_from(SourceContact)) == 0


def test_p7_a_harvest_tells_each_custodian_of_its_own_datasets_only(services: Services, client: TestClient, tmp_path: Path) -> None:
    add_custodian(services, "Other Trust")
    with receiver() as hook:
        add_hook(client, hook.url)
        other = document(2, dataCustodian={"name": "Other Trust"})
        write_documents(tmp_path / "feed", [document(1), other])
        harvest(services, add_files(services, tmp_path / "feed"))
        send(services)
    assert [(one["type"], one["data"]["local_id"]) for one in told(hook)] == [("dataset.published", document(1)["identifier"])]


def test_p7_a_receiver_that_fails_is_tried_eight_times_within_a_day_with_the_same_id_and_body(services: Services, client: TestClient) -> None:
    with receiver(500) as hook:
        hook_id = add_hook(client, hook.url)["id"]
        put(client, "a", document(1))
        for hours in (0, 1, 2, 4, 7, 12, 18, 24, 36, 48):
            send(services, later=timedelta(hours=hours))
        assert len(hook.received) == 8
        assert len({one.body for one in hook.received}) == len({one.headers["webhook-id"] for one in hook.received}) == 1
    message = client.get(f"{HOOKS}/{hook_id}/messages").json()["items"][0]
    assert (message["state"], message["attempts"], message["last_error"]) == ("failed", 8, "The receiver answered 500.")
    assert client.get(HOOKS).json()["items"][0]["failing_since"]


def test_p7_a_receiver_that_recovers_gets_what_waits_and_retry_after_is_obeyed(services: Services, client: TestClient) -> None:
    with receiver(503, 204) as hook:
        hook.headers = {"retry-after": "1800"}
        add_hook(client, hook.url)
        put(client, "a", document(1))
        send(services)
        assert send(services, later=timedelta(minutes=20)) == 0
        assert send(services, later=timedelta(minutes=31)) == 1
    assert client.get(HOOKS).json()["items"][0]["failing_since"] is None


def test_p7_an_endpoint_that_fails_for_five_days_is_disabled_with_a_mail_and_can_be_enabled_again(services: Services, client: TestClient) -> None:
    with receiver(500) as hook:
        hook_id = add_hook(client, hook.url, contact="metadata@example.org")["id"]
        put(client, "a", document(1))
        send(services)
        put(client, "b", document(2))
        send(services, later=DISABLED_AFTER + timedelta(minutes=1))
        assert client.get(HOOKS).json()["items"][0]["state"] == "disabled"
        asked = len(hook.received)
        put(client, "c", document(3))
        assert send(services, later=DISABLED_AFTER * 2) == 0
        assert len(hook.received) == asked
        with services.store.reading() as session:
            mail = session.scalars(select(Message)).one()
            assert (mail.to_address, mail.subject) == ("metadata@example.org", "Webhook of example-trust disabled")
        assert client.patch(f"{HOOKS}/{hook_id}", json={"state": "active"}).json()["state"] == "active"
        put(client, "d", document(4))
        assert send(services) == 1


def test_p7_a_receiver_that_says_gone_is_disabled_at_once(services: Services, client: TestClient) -> None:
    with receiver(410) as hook:
        add_hook(client, hook.url)
        put(client, "a", document(1))
        send(services)
    assert client.get(HOOKS).json()["items"][0]["state"] == "disabled"


def test_p7_after_a_rotation_both_secrets_sign_for_a_day(services: Services, client: TestClient) -> None:
    with receiver() as hook:
        old = add_hook(client, hook.url)
        new = client.post(f"{HOOKS}/{old['id']}/rotate").json()["secret"]
        put(client, "a", document(1))
        send(services)
        for secret in (old["secret"], new):
            assert Webhook(secret).verify(hook.received[0].body, hook.received[0].headers)
        put(client, "b", document(2))
        send(services, later=timedelta(days=1, minutes=1))
        assert hook.received[1].headers["webhook-signature"].count("v1,") == 1
    with services.store.reading() as session:
        stored = session.scalars(select(WebhookEndpoint)).one()
    assert new not in f"{stored.secret} {stored.former_secret}"


def test_h3_an_address_inside_the_network_is_never_called(tmp_path: Path) -> None:
    services = make_services(tmp_path / "data", worker=False)
    add_custodian(services)
    with program(services, key_of(services)) as client, receiver() as hook:
        add_hook(client, hook.url)
        put(client, "a", document(1))
        send(services)
        assert hook.received == []
        assert "does not call the address" in client.get(HOOKS).json()["items"][0]["last_error"]
        for url in ("ftp://example.org/x", "https://user:secret@example.org/", "example.org", "https://"):
            assert client.post(HOOKS, json={"url": url}).status_code == 422


def test_p7_webhooks_belong_to_their_custodian(services: Services, client: TestClient) -> None:
    hook_id = add_hook(client, "https://hooks.example.org/x")["id"]
    add_custodian(services, "Other Trust")
    others = key_of(services, "other-trust")
    assert client.get(HOOKS, headers=others).status_code == 404
    for method, path in (("PATCH", hook_id), ("POST", f"{hook_id}/rotate"), ("DELETE", hook_id), ("GET", f"{hook_id}/messages")):
        address = f"/api/v1/custodians/other-trust/webhooks/{path}"
        assert client.request(method, address, headers=others, json={}).status_code == 404
    assert client.post(HOOKS, json={"url": "https://a.example.org", "events": ["everything"]}).status_code == 422
    assert client.post(HOOKS, json={"url": "https://a.example.org"}, headers=key_of(services, "example-trust", "runs:read")).status_code == 403
    assert client.delete(f"{HOOKS}/{hook_id}").status_code == 204
    assert client.get(HOOKS).json()["items"] == []


def test_j6_what_is_rolled_back_is_not_told(services: Services, client: TestClient) -> None:
    add_hook(client, "https://hooks.example.org/x")
    put(client, "a", document(1), headers={"If-Match": '"other"'})
    with services.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(WebhookMessage)) == 0


def test_p6_p7_a_pushed_dataset_that_resembles_a_harvested_one_is_proposed_as_the_same(services: Services, client: TestClient, tmp_path: Path) -> None:
    write_documents(tmp_path / "feed", [document(1)])
    harvest(services, add_files(services, tmp_path / "feed"))
    with receiver() as hook:
        add_hook(client, hook.url, events=["link.proposed"])
        alike = document(1)
        alike["identifier"] = "another-identifier"
        run_id = put(client, "mine", alike).json()["run"]
        services.jobs.bodies["link"](run_id=run_id)
        send(services)
        services.jobs.bodies["link"](run_id=run_id)
        assert send(services) == 0
    assert [one["type"] for one in told(hook)] == ["link.proposed"]
    assert client.get("/api/v1/links").json()["items"][0]["state"] == "proposed"


def test_c8_a_team_administrator_sees_what_was_sent_and_sends_it_again(services: Services, client: TestClient) -> None:
    with receiver(204) as hook:
        add_hook(client, hook.url)
        put(client, "one", document(0))
        send(services)
        first = [one.headers["webhook-id"] for one in hook.received]
        assert first
        admin = member(services, "admin@trust.example", name="Admin", has_app=True)
        grant(services.store, address="admin@trust.example", role="team_admin", custodian=TRUST.rsplit("/", 1)[1], granted_by="operator", now=services.clock())
        base = f"/w/{TRUST.rsplit('/', 1)[1]}"
        assert f"{base}/webhooks" in admin.get(f"{base}/keys").text
        page = admin.get(f"{base}/webhooks").text
        again = re.search(rf'action="({base}/webhooks/[\w-]+/messages/{first[0]})"', page)
        assert again is not None, page
        assert admin.post(again[1], data={"csrf": hidden(page, "csrf")}).status_code == 200
        send(services)
        assert [one.headers["webhook-id"] for one in hook.received].count(first[0]) == 2
    handler = member(services, "handler@trust.example", name="Handler")
    grant(services.store, address="handler@trust.example", role="handler", custodian=TRUST.rsplit("/", 1)[1], granted_by="operator", now=services.clock())
    assert handler.get(f"{base}/webhooks").status_code == 404
