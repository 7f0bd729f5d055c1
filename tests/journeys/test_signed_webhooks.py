"""S16: deliveries of requests, signed: what a receiver can tell, and what the gateway does when it answers badly."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.access.deliver import SUSPENDED_AFTER, deliver_due
from gateway.access.routes import BOTH_SIGN_FOR, set_route
from gateway.accounts.setup import grant
from gateway.channels.channel import OutgoingPart
from gateway.channels.posting import GuardedPoster
from gateway.channels.webhook import WebhookChannel
from gateway.models import Delivery, Message, Route
from gateway.wiring import Services
from tests.accounts.people import member
from tests.gateway.asking import LOOPBACK, Receiver, receiver, seeded, submit
from tests.journeys.gateways import document, make_services
from tests.journeys.pushing import TRUST, add_custodian, key_of, program, put


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False, allow_networks=LOOPBACK)
    try:
        yield built
    finally:
        built.close()


def ask(services: Services, url: str, refs: dict[str, list[str]] | None = None) -> str:
    """One request to alpha, whose route is a webhook there. Returns the signing secret."""
    refs = refs or seeded(services.store)
    secret = set_route(services.store, services.sealer, custodian="alpha", channel="webhook", target=url).secret
    submit(services.store, services.sealer, dataset_refs=refs["alpha"], now=datetime.now(UTC))
    assert secret
    return secret


def work(services: Services, *, later: timedelta = timedelta()) -> None:
    deliver_due(services.store, services.channels, now=datetime.now(UTC) + later)


def route(services: Services) -> Route:
    with services.store.reading() as session:
        return session.scalars(select(Route)).one()


def delivery(services: Services) -> Delivery:
    with services.store.reading() as session:
        return session.scalars(select(Delivery).order_by(Delivery.id.desc())).first()  # type: ignore[return-value]  # there is one


def test_S16_a_receiver_tells_what_was_tampered_with_swapped_or_is_old(services: Services) -> None:
    with receiver() as hook:
        secret = ask(services, hook.url)
        work(services)
    (one,) = hook.received
    check = Webhook(secret)
    assert check.verify(one.body, one.headers)["type"] == "access_request.submitted"
    old = {**one.headers, "webhook-timestamp": str(int(one.headers["webhook-timestamp"]) - 301)}
    signed_old = {**old, "webhook-signature": check.sign(one.headers["webhook-id"], datetime.fromtimestamp(int(old["webhook-timestamp"]), UTC), one.body.decode())}
    for body, headers in (
        (one.body.replace(b"alpha", b"gamma"), one.headers),
        (one.body + b" ", one.headers),
        (one.body, {**one.headers, "webhook-id": "msg_00000000000000000000000000000000"}),
        (one.body, old),
        (one.body, signed_old),
        (one.body, {**one.headers, "webhook-signature": "v1,AAAA"}),
    ):
        with pytest.raises(WebhookVerificationError):
            check.verify(body, headers)


def test_S16_a_repeated_try_bears_the_same_id_and_body_and_a_new_time(services: Services) -> None:
    with receiver(500, 204) as hook:
        secret = ask(services, hook.url)
        work(services)
        work(services, later=timedelta(seconds=11))
    first, second = hook.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= 10
    assert Webhook(secret).verify(second.body, second.headers)


def test_S16_after_a_rotation_both_secrets_sign_for_a_day(services: Services) -> None:
    with receiver() as hook:
        refs = seeded(services.store)
        old = ask(services, hook.url, refs)
        new = ask(services, hook.url, refs)
        work(services)
        submit(services.store, services.sealer, dataset_refs=refs["alpha"], now=datetime.now(UTC))
        work(services, later=BOTH_SIGN_FOR + timedelta(minutes=1))
    for secret in (old, new):
        assert all(Webhook(secret).verify(one.body, one.headers) for one in hook.received[:2])
    assert old != new
    assert hook.received[-1].headers["webhook-signature"].count("v1,") == 1
    held = route(services)
    assert new not in f"{held.secret} {held.former_secret}"
    set_route(services.store, services.sealer, custodian="alpha", channel="webhook", target=hook.url + "/elsewhere")
    assert route(services).former_secret is None, "another receiver never gets a signature by the secret of the former one"


@pytest.mark.parametrize("status", [401, 403, 410])
def test_S16_a_receiver_that_refuses_is_suspended_at_once_and_its_administrators_are_told(services: Services, status: int) -> None:
    with receiver(status) as hook:
        ask(services, hook.url)
        member(services, "admin@alpha.example", name="Admin", has_app=True)
        grant(services.store, address="admin@alpha.example", role="team_admin", custodian="alpha", granted_by="operator", now=services.clock())
        work(services)
        work(services, later=timedelta(hours=1))
        assert len(hook.received) == 1
    assert (route(services).health, delivery(services).state) == ("suspended", "manual")
    with services.store.reading() as session:
        told = session.scalars(select(Message).where(Message.to_address == "admin@alpha.example")).all()
    assert [one.subject for one in told] == ["Delivery of access requests suspended"]


def test_S16_a_route_that_takes_nothing_for_five_days_is_switched_off(services: Services) -> None:
    with receiver(500) as hook:
        refs = seeded(services.store)
        ask(services, hook.url, refs)
        for hours in range(0, 24 * 6, 12):
            later = timedelta(hours=hours)
            if delivery(services).state == "manual" and route(services).health == "healthy":
                submit(services.store, services.sealer, dataset_refs=refs["alpha"], now=datetime.now(UTC) + later)
            for pause in (0, 1, 12, 75, 240, 660):
                work(services, later=later + timedelta(minutes=pause))
            failing = route(services).failing_since
            assert failing is not None
            if route(services).health == "suspended":
                break
        assert later >= SUSPENDED_AFTER - timedelta(hours=12)
    assert route(services).health == "suspended"


def test_S16_one_success_ends_the_count_of_days(services: Services) -> None:
    with receiver(500, 204) as hook:
        ask(services, hook.url)
        work(services)
        assert route(services).failing_since is not None
        work(services, later=timedelta(seconds=11))
    assert route(services).failing_since is None


def quick(services: Services) -> None:
    """The same channel with a second instead of ten."""
    poster = GuardedPoster(user_agent="test", allowed_networks=LOOPBACK, total_seconds=1.0)
    services.channels.by_name["webhook"] = WebhookChannel(poster)


@contextmanager
def raw_server(*answer: bytes, drip_seconds: float = 0.0, forever: bytes = b"", sent: list[int] | None = None) -> Iterator[str]:
    """Answers every connection with these bytes, slowly if told so, and then with the same ones until nobody listens; how many went is noted."""
    noted = [] if sent is None else sent

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            try:
                for part in answer:
                    self.request.sendall(part)
                    noted.append(len(part))
                    time.sleep(drip_seconds)
                while forever:
                    self.request.sendall(forever)
                    noted.append(len(forever))
            except OSError:
                return

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/in"
    finally:
        server.shutdown()
        server.server_close()


def test_S16_a_slow_receiver_costs_the_time_allowed_and_no_more(services: Services) -> None:
    quick(services)
    dripped: list[int] = []
    with raw_server(*(b"H" for _ in range(1000)), drip_seconds=0.2, sent=dripped) as url:
        ask(services, url)
        work(services)
    assert len(dripped) < 1000, "the whole drip was not waited for"
    assert (delivery(services).state, delivery(services).last_error) == ("queued", "The custodian's system did not answer in time.")


def test_S16_an_oversized_answer_is_not_read(services: Services) -> None:
    quick(services)
    poured: list[int] = []
    with raw_server(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n", forever=b"x" * 65536, sent=poured) as url:
        ask(services, url)
        work(services)
    assert sum(poured) < 64 * 1024 * 1024, "no more than the sockets between them hold"
    assert delivery(services).state == "sent"


def test_S16_headers_without_end_are_no_answer(services: Services) -> None:
    quick(services)
    with raw_server(b"HTTP/1.1 200 OK\r\n", forever=b"x-more: " + b"x" * 4000 + b"\r\n") as url:
        ask(services, url)
        work(services)
    assert delivery(services).state == "queued"


def test_S16_a_redirect_is_not_followed_whither_ever(services: Services) -> None:
    with receiver() as inside, receiver(302) as hook:
        hook.headers = {"location": inside.url}
        ask(services, hook.url)
        work(services)
        assert inside.received == []
    assert delivery(services).state in ("queued", "manual")


def test_S16_private_addresses_are_called_only_where_the_operator_allows_them(tmp_path: Path) -> None:
    built = make_services(tmp_path / "closed", worker=False)
    try:
        with receiver() as hook:
            ask(built, hook.url)
            work(built)
            assert hook.received == []
        assert (route(built).health, delivery(built).state) == ("suspended", "manual")
    finally:
        built.close()


def catalogue_hook(services: Services, client: Any, hook: Receiver) -> str:
    made = client.post(f"{TRUST}/webhooks", json={"url": hook.url})
    assert made.status_code == 201
    put(client, "a", document(1))
    services.jobs.bodies["notify"]()
    return str(made.json()["id"])


@pytest.mark.parametrize("status", [401, 403, 410])
def test_S16_a_catalogue_webhook_that_refuses_is_switched_off(services: Services, status: int) -> None:
    add_custodian(services)
    with receiver(status) as hook, program(services, key_of(services)) as client:
        catalogue_hook(services, client, hook)
        assert client.get(f"{TRUST}/webhooks").json()["items"][0]["state"] == "disabled"


def test_S16_the_log_of_deliveries_is_read_and_a_message_sent_again_under_its_id(services: Services) -> None:
    add_custodian(services)
    add_custodian(services, "Other Trust")
    with receiver() as hook, program(services, key_of(services)) as client:
        made = catalogue_hook(services, client, hook)
        (message,) = client.get(f"{TRUST}/webhooks/{made}/messages").json()["items"]
        again = f"{TRUST}/webhooks/{made}/messages/{message['id']}/resend"
        assert client.post(again, headers=key_of(services, "other-trust")).status_code == 404
        assert client.post(again.replace(message["id"], "msg_none")).status_code == 404
        assert client.post(again).status_code == 202
        services.jobs.bodies["notify"]()
        assert [one.headers["webhook-id"] for one in hook.received] == [message["id"]] * 2
        assert hook.received[0].body == hook.received[1].body
        client.patch(f"{TRUST}/webhooks/{made}", json={"url": "https://elsewhere.example/x"})
        hook.answers = [410]
        client.patch(f"{TRUST}/webhooks/{made}", json={"url": hook.url})
        client.post(again)
        services.jobs.bodies["notify"]()
        assert client.post(again).status_code == 409, "a disabled one sends nothing"


def test_S16_no_secret_stands_in_the_words_of_a_part() -> None:
    now = datetime.now(UTC)
    part = OutgoingPart(
        message_id="m", target="https://x.example", reference="AR-1", part="p", custodian_slug="alpha", custodian_name="Alpha", document={},
        snapshot_sha256="0", link="l", secret="whsec_marker", created_at=now, attempted_at=now,
    )
    assert "marker" not in repr(replace(part, former_secret="whsec_marker"))
