"""A10: a worker killed with SIGKILL at each step of the outbox. Each notice and delivery happens at least once, nothing is lost, and what
comes twice is known by its id. Prints the counts; ``GATEWAY_TEST_KILLS`` says how often at each point, see killed_workers.py."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from gateway.access.deliver import LEASE, deliver_due
from gateway.access.notices import Body, message
from gateway.access.routes import set_route
from gateway.models import Delivery, Message
from gateway.store.database import utc_now
from gateway.wiring import Services
from tests.gateway.asking import FORM, Receiver, receiver, seeded, submit
from tests.journeys.gateways import make_services
from tests.journeys.test_kill_points import KILLS, Workers
from tests.mailing.smtp_process import MailServer, mail_process

POINTS = ("before_claim", "after_claim", "before_send", "after_accepted", "before_a_commit", "after_commit")
COMMITS_BEFORE = {"webhook": 1, "mail": 2}
"""Of the commit that records what was sent: that of the lease, and with mail the one that found no delivery due."""
TWICE = {"after_accepted", "before_a_commit"}
"""Where the other side has it, and the gateway does not know."""


class Place:
    def __init__(self, services: Services, workers: Workers, post: MailServer, hook: Receiver, secret: str, ref: str) -> None:
        self.services, self.workers, self.post, self.hook, self.secret, self.ref = services, workers, post, hook, secret, ref

    def kill(self, kind: str, point: str) -> bool:
        self.workers.start(None, point, COMMITS_BEFORE[kind] if point == "before_a_commit" else 0)
        return bool(self.workers.ended()["killed"])

    def heal(self) -> None:
        """What another worker does once the dead one's lease is over."""
        deliver_due(self.services.store, self.services.channels, now=utc_now() + LEASE + timedelta(seconds=1))


@pytest.fixture
def place(tmp_path: Path, database_url: str | None) -> Iterator[Place]:
    with ExitStack() as stack:
        post = stack.enter_context(mail_process(tmp_path / "mail"))
        hook = stack.enter_context(receiver())
        environment = {
            "GATEWAY_DATA_DIR": str(tmp_path / "data"), "GATEWAY_MAIL_URL": post.url, "GATEWAY_ALLOW_NETWORKS": '["127.0.0.0/8"]',
            **({"GATEWAY_DATABASE_URL": database_url} if database_url else {}),
        }
        services = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url, allow_networks=["127.0.0.0/8"])
        stack.callback(services.close)
        refs = seeded(services.store)
        route = set_route(services.store, services.sealer, custodian="alpha", channel="webhook", target=hook.url)
        workers = Workers(environment)
        stack.callback(workers.close)
        yield Place(services, workers, post, hook, route.secret or "", refs["alpha"][0])


@pytest.mark.parametrize("point", POINTS)
def test_A10_mail_is_sent_at_least_once_and_duplicates_bear_one_id(place: Place, point: str, capsys: pytest.CaptureFixture[str]) -> None:
    killed = 0
    for number in range(KILLS):
        with place.services.store.transaction() as tx:
            body = Body(text="It happened.", path="/account")
            tx.session.add(message(place.services.sealer, key=f"k{number}", to_address=FORM.email, subject="Access request AR-1", body=body, now=utc_now()))
        killed += place.kill("mail", point)
        place.heal()
    with place.services.store.reading() as session:
        rows = {f"<{row.message_id}@example.org>": row.state for row in session.scalars(select(Message))}
    counts = Counter(place.post.ids())
    assert set(rows.values()) == {"accepted"}
    assert set(counts) == set(rows), "each at least once, and nothing that is not ours"
    tell(capsys, place, "mail", point, killed, counts)


@pytest.mark.parametrize("point", POINTS)
def test_A10_a_delivery_happens_at_least_once_and_duplicates_bear_one_id(place: Place, point: str, capsys: pytest.CaptureFixture[str]) -> None:
    killed = 0
    for _ in range(KILLS):
        submit(place.services.store, place.services.sealer, dataset_refs=[place.ref], now=utc_now())
        killed += place.kill("webhook", point)
        place.heal()
    with place.services.store.reading() as session:
        rows = {row.message_id: row.state for row in session.scalars(select(Delivery))}
        letters = {row.state for row in session.scalars(select(Message))}
    counts = Counter(one.headers["webhook-id"] for one in place.hook.received)
    assert (set(rows.values()), letters) == ({"sent"}, {"accepted"})
    assert set(counts) == set(rows)
    bodies = {one.headers["webhook-id"]: one.body for one in place.hook.received}
    for one in place.hook.received:
        assert json.loads(one.body) == json.loads(bodies[one.headers["webhook-id"]]), "the same body at every try"
        assert Webhook(place.secret).sign(one.headers["webhook-id"], _at(one.headers), one.body.decode()) == one.headers["webhook-signature"]
    tell(capsys, place, "webhook", point, killed, counts)


def _at(headers: dict[str, str]) -> datetime:
    return datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)


def tell(capsys: pytest.CaptureFixture[str], place: Place, kind: str, point: str, killed: int, counts: Counter[str]) -> None:
    twice = sum(count == 2 for count in counts.values())
    database = "SQLite" if place.services.store.is_sqlite else "PostgreSQL"
    with capsys.disabled():
        print(f"\n{kind}, {point}, {database}: {killed} of {KILLS} workers killed, {len(counts)} of {KILLS} arrived, {twice} twice under one id, 0 lost")
    assert killed == KILLS
    assert max(counts.values()) <= 2
    assert twice == (KILLS if point in TWICE else 0)
    assert len(counts) == KILLS
