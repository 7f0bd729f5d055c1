"""A request from the form to the custodian's acknowledgement, with a real mail server and a real webhook receiver."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from standardwebhooks import Webhook

from gateway.access.acknowledge import acknowledge, acknowledgement
from gateway.access.deliver import LEASE, MAX_ATTEMPTS, RETRIES_AFTER, Tally, deliver_due
from gateway.access.routes import routes, set_route
from gateway.access.snapshots import canonical, digest
from gateway.access.status import PartStatus, RequestStatus, status
from gateway.access.submit import Submitted
from gateway.access.triage import triage
from gateway.channels.channel import OutgoingPart, Receipt
from gateway.channels.routing import Channels
from gateway.channels.webhook import new_secret
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.models import Base, Delivery, IndexEntry, Message, Record, Request, RequestEvent, RequestPart, Snapshot
from gateway.store import Store, outbox
from tests.gateway.asking import (
    FORM,
    MAILBOX,
    NOW,
    applicant,
    channels,
    mail_server,
    orphan,
    receiver,
    sealer,
    seeded,
    submit,
    text_of,
    written,
)
from tests.gateway.asking import send as send_draft

SECRET = new_secret()
LINK = re.compile(r"https://gateway\.example/acknowledge/(\S+)")


def set_routes(store: Store, folder: Path, webhook_url: str) -> None:
    set_route(store, sealer(folder), custodian="alpha", channel="mailbox", target=MAILBOX, now=NOW)
    set_route(store, sealer(folder), custodian="beta", channel="webhook", target=webhook_url, secret=SECRET, now=NOW)


def send(store: Store, folder: Path, refs: dict[str, list[str]], *slugs: str) -> Submitted:
    return submit(store, sealer(folder), dataset_refs=chosen(refs, *slugs))


def chosen(refs: dict[str, list[str]], *slugs: str) -> list[str]:
    return [ref for slug in slugs or ("alpha", "beta", "gamma") for ref in refs[slug]]


def part_of(found: RequestStatus, slug: str) -> PartStatus:
    return next(part for part in found.parts if part.custodian_slug == slug)


def content_digest(store: Store) -> str:
    with store.reading() as session:
        tables = {table.name: [tuple(row) for row in session.execute(table.select())] for table in Base.metadata.sorted_tables}
    return repr(tables)


def count(store: Store, table: type[Base]) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


class StubChannel:
    """A channel that does what it is told and remembers the ids it was given."""

    def __init__(self, act: object = None) -> None:
        self.act = act
        self.ids: list[str] = []

    def deliver(self, part: OutgoingPart) -> Receipt:
        self.ids.append(part.message_id)
        if callable(self.act):
            self.act()
        return Receipt(facts={})


def with_channel(real: Channels, channel: StubChannel) -> Channels:
    return replace(real, by_name={"mailbox": channel, "webhook": channel})


# the acceptance


def test_one_request_reaches_a_mailbox_a_webhook_and_the_triage_queue(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    with mail_server() as post, receiver() as hook:
        set_routes(store, tmp_path, hook.url)
        sent = send(store, tmp_path, refs)
        now = datetime.now(UTC)  # receivers compare the signature's time with their own clock
        assert deliver_due(store, channels(tmp_path, mail_url=post.url), now=now) == Tally(sent=3)

        data = Webhook(SECRET).verify(hook.received[0].body, hook.received[0].headers)["data"]
        assert data["reference"] == sent.reference
        assert data["custodian"] == "beta"
        assert [(dataset["ref"], dataset["title"], dataset["version"]) for dataset in data["datasets"]] == [
            ("beta1a", "Dataset beta1a", 3), ("beta1b", "Dataset beta1b", 3),
        ]
        assert data["answers"]["project.title"] == FORM.title

        (letter,) = post.to(MAILBOX)
        assert letter["Subject"] == f"Access request {sent.reference}"
        assert letter["Auto-Submitted"] == "auto-generated"
        for answer in (*(one for one in FORM.answers().values() if isinstance(one, str) and len(one) > 8), "alpha0a"):
            assert answer not in letter.as_string()

        (note,) = post.to(FORM.email)
        assert f"https://gateway.example/requests/{sent.follow_token}" in text_of(note)
        assert "Custodian" not in str(note["Subject"])

    assert [(part.reference, part.custodian, part.datasets) for part in triage(store)] == [
        (sent.reference, "Custodian Gamma", ("gamma2a", "gamma2b"))
    ]
    found = status(store, sent.follow_token)
    assert found.status == "in_progress"
    assert [(part.custodian_name, part.channel, part.label) for part in found.parts] == [
        ("Custodian Alpha", "mailbox", "Sent"), ("Custodian Beta", "webhook", "Sent"), ("Custodian Gamma", "triage", "Sent"),
    ]
    assert [part.delivery.state if part.delivery else None for part in found.parts] == ["sent", "sent", None]
    assert part_of(found, "gamma").explanation
    assert [entry.event for entry in part_of(found, "alpha").timeline] == ["advice.acknowledged", "part.submitted", "delivery.sent"]


def test_a_receiver_that_fails_is_tried_again_and_the_applicant_sees_it(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    with receiver(500, 503, 200) as hook:
        set_routes(store, tmp_path, hook.url)
        sent = send(store, tmp_path, refs, "beta")
        deliver_due(store, channels(tmp_path), now=NOW)
        delivery = part_of(status(store, sent.follow_token), "beta").delivery
        assert delivery is not None
        assert (delivery.state, delivery.attempts, delivery.next_try) == ("queued", 1, NOW + timedelta(seconds=10))
        assert delivery.last_error == "The custodian's system reported an error (500)."

        deliver_due(store, channels(tmp_path), now=NOW + timedelta(seconds=9))
        assert len(hook.received) == 1
        deliver_due(store, channels(tmp_path), now=NOW + timedelta(seconds=10))
        deliver_due(store, channels(tmp_path), now=NOW + timedelta(seconds=70))
        part = part_of(status(store, sent.follow_token), "beta")
        assert part.delivery is not None
        assert (part.delivery.state, part.delivery.last_error, part.delivery.next_try) == ("sent", None, None)
        assert [entry.event for entry in part.timeline] == [
            "advice.acknowledged", "part.submitted", "delivery.deferred", "delivery.deferred", "delivery.sent",
        ]
        assert len({message.headers["webhook-id"] for message in hook.received}) == 1
        assert len({message.body for message in hook.received}) == 1


def test_after_eight_tries_within_a_day_people_take_over(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    assert sum(RETRIES_AFTER, timedelta()) < timedelta(hours=24)
    with receiver(500) as hook:
        set_routes(store, tmp_path, hook.url)
        sent = send(store, tmp_path, refs, "beta")
        now = NOW
        for pause in (timedelta(), *RETRIES_AFTER, timedelta(days=1)):
            now += pause
            deliver_due(store, channels(tmp_path), now=now)
        assert len(hook.received) == MAX_ATTEMPTS == 8
    part = part_of(status(store, sent.follow_token), "beta")
    assert part.delivery is not None
    assert (part.delivery.state, part.delivery.next_try) == ("manual", None)
    assert part.explanation
    assert part.state == "submitted"
    assert [waiting.last_error for waiting in triage(store)] == ["The custodian's system reported an error (500)."]
    assert {route.custodian: route.health for route in routes(store)}["beta"] == "healthy"
    with store.reading() as session:
        assert session.scalar(select(func.count()).where(Message.idempotency_key.startswith("manual."))) == 1


def test_the_acknowledgement_page_shows_the_part_and_changes_nothing_until_the_button(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    with mail_server() as post, receiver() as hook:
        set_routes(store, tmp_path, hook.url)
        sent = send(store, tmp_path, refs)
        deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW)
        found = LINK.search(text_of(post.to(MAILBOX)[0]))
    assert found is not None
    token = found[1]

    before = content_digest(store)
    page = acknowledgement(store, token)
    assert content_digest(store) == before
    assert (page.reference, page.project_title, page.acknowledged_at) == (sent.reference, FORM.title, None)
    assert page.answers["project.lay_summary"] == FORM.lay_summary
    assert [dataset.ref for dataset in page.datasets] == refs["alpha"]

    first = acknowledge(store, token, NOW + timedelta(hours=1))
    assert (first.was_already, first.at) == (False, NOW + timedelta(hours=1))
    settled = content_digest(store)
    second = acknowledge(store, token, NOW + timedelta(days=1))
    assert (second.was_already, second.at) == (True, NOW + timedelta(hours=1))
    assert content_digest(store) == settled
    assert acknowledgement(store, token).acknowledged_at == NOW + timedelta(hours=1)

    part = part_of(status(store, sent.follow_token), "alpha")
    assert (part.state, part.label, part.acknowledged_at) == ("screening", "Being checked", NOW + timedelta(hours=1))
    assert part.delivery is not None
    assert part.delivery.state == "acknowledged"
    assert part_of(status(store, sent.follow_token), "beta").state == "submitted"


def test_unknown_private_addresses_are_not_found(store: Store, tmp_path: Path) -> None:
    sent = send(store, tmp_path, seeded(store))
    for call in (
        lambda: status(store, sent.reference), lambda: status(store, ""), lambda: acknowledgement(store, sent.follow_token),
        lambda: acknowledge(store, "x", NOW),
    ):
        with pytest.raises(NotFound):
            call()


def test_stored_tokens_are_digests_or_encrypted(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    with mail_server() as post, receiver() as hook:
        set_routes(store, tmp_path, hook.url)
        sent = send(store, tmp_path, refs)
        assert sent.follow_token not in content_digest(store)
        assert SECRET not in content_digest(store)
        deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW)
        found = LINK.search(text_of(post.to(MAILBOX)[0]))
    assert found is not None
    assert found[1] not in content_digest(store)
    with store.reading() as session:
        assert list(session.scalars(select(Delivery.sealed_link))) == [None, None]
        assert list(session.scalars(select(Message.sealed_body))) == [""]


# sending


def test_sending_twice_is_one_request(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    reference = written(store, sealer(tmp_path), dataset_refs=chosen(refs))
    person = applicant(store)
    send_draft(store, sealer(tmp_path), person, reference)
    with pytest.raises(Conflict, match="sent already"):
        send_draft(store, sealer(tmp_path), person, reference)
    assert (count(store, Request), count(store, Snapshot), count(store, Message)) == (1, 3, 1)


def test_equal_posts_at_the_same_moment_send_once(store: Store, tmp_path: Path) -> None:
    reference, person = written(store, sealer(tmp_path), dataset_refs=chosen(seeded(store))), applicant(store)
    barrier = threading.Barrier(4)
    sent: list[Submitted] = []

    def post() -> None:
        barrier.wait()
        with contextlib.suppress(Conflict):
            sent.append(send_draft(store, sealer(tmp_path), person, reference))

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == 1
    assert count(store, Snapshot) == 3


def test_withdrawn_and_unknown_datasets_are_named_and_nothing_is_sent(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    with store.transaction() as tx:
        record = tx.session.scalar(select(Record).where(Record.ref == "alpha0a"))
        assert record is not None
        record.state = "removed"
    with pytest.raises(Unprocessable) as raised:
        submit(store, sealer(tmp_path), dataset_refs=[*refs["alpha"], "nowhere1"])
    assert "Dataset alpha0a" in raised.value.fields["datasets"]
    assert "nowhere1" in raised.value.fields["datasets"]
    assert "alpha0b" not in raised.value.fields["datasets"]
    assert count(store, Request) == 0


@pytest.mark.parametrize("wanted", [[], [f"ref{number}" for number in range(51)]])
def test_no_and_too_many_datasets_are_refused(store: Store, tmp_path: Path, wanted: list[str]) -> None:
    with pytest.raises(Unprocessable, match="dataset"):
        submit(store, sealer(tmp_path), dataset_refs=wanted)


def test_a_dataset_without_custodian_waits_in_triage(store: Store, tmp_path: Path) -> None:
    refs = [orphan(store)]
    sent = submit(store, sealer(tmp_path), dataset_refs=refs)
    assert sent.recipients == ("Custodian not known",)
    assert [(part.custodian, part.datasets) for part in triage(store)] == [(None, ("orphan1",))]


def test_an_unverified_or_lapsed_route_is_not_used(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    set_route(store, sealer(tmp_path), custodian="alpha", channel="mailbox", target=MAILBOX, verified=False, now=NOW)
    set_route(
        store, sealer(tmp_path), custodian="beta", channel="mailbox", target=MAILBOX, now=NOW - timedelta(days=366)
    )
    send(store, tmp_path, refs, "alpha", "beta")
    assert [part.custodian_slug for part in triage(store)] == ["alpha", "beta"]
    assert count(store, Delivery) == 0


def test_the_snapshot_is_what_was_asked_and_its_digest_can_be_worked_out_again(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    send(store, tmp_path, refs)
    with store.reading() as session:
        snapshots = list(session.scalars(select(Snapshot)))
    assert len(snapshots) == 3
    for snapshot in snapshots:
        assert digest(snapshot.document) == snapshot.sha256
        assert json.loads(canonical(snapshot.document)) == snapshot.document
        answers = snapshot.document["answers"]
        assert {key: answers[key] for key in FORM.answers()} == FORM.answers()
        assert {row["dataset"] for row in answers["data.fields"]} == {one["ref"] for one in snapshot.document["datasets"]}


def test_a_custodian_learns_nothing_of_the_others(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    with mail_server() as post, receiver() as hook:
        set_routes(store, tmp_path, hook.url)
        send(store, tmp_path, refs)
        deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW)
        found = LINK.search(text_of(post.to(MAILBOX)[0]))
        assert found is not None
        seen_by_alpha = post.to(MAILBOX)[0].as_string() + repr(acknowledgement(store, found[1]))
        seen_by_beta = hook.received[0].body.decode() + repr(hook.received[0].headers)
    assert not re.search("beta|gamma", seen_by_alpha, re.IGNORECASE)
    assert not re.search("alpha|gamma", seen_by_beta, re.IGNORECASE)


def test_every_event_of_a_part_has_its_own_version(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    with receiver(500, 200) as hook:
        set_routes(store, tmp_path, hook.url)
        send(store, tmp_path, refs, "beta")
        deliver_due(store, channels(tmp_path), now=NOW)
        deliver_due(store, channels(tmp_path), now=NOW + timedelta(minutes=1))
    with store.reading() as session:
        query = select(RequestEvent.version).where(RequestEvent.part_id.is_not(None)).order_by(RequestEvent.id)
        assert list(session.scalars(query)) == [1, 2, 3, 4, 5, 6], "begun, answers saved, advice read, sent, tried, delivered"
        assert session.scalar(select(RequestPart.version)) == 6


# delivering


@pytest.mark.parametrize("refusal", [401, 403, 410])
def test_a_refusal_for_good_goes_to_people_at_once_and_suspends_that_route_alone(
    store: Store, tmp_path: Path, refusal: int
) -> None:
    refs = seeded(store)
    with receiver(refusal) as hook, mail_server() as post:
        set_routes(store, tmp_path, hook.url)
        sent = send(store, tmp_path, refs)
        deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW)
        found = status(store, sent.follow_token)
        assert [part.delivery.state if part.delivery else None for part in found.parts] == ["sent", "manual", None]
        assert {route.custodian: route.health for route in routes(store)} == {"alpha": "healthy", "beta": "suspended"}
        assert [part.custodian_slug for part in triage(store)] == ["beta", "gamma"]

        hook.answers = [200]
        changed = set_route(
            store, sealer(tmp_path), custodian="beta", channel="webhook", target=hook.url, secret=SECRET, now=NOW
        )
        assert changed.requeued == 1
        deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW)
    delivery = part_of(status(store, sent.follow_token), "beta").delivery
    assert delivery is not None
    assert delivery.state == "sent"
    assert [part.custodian_slug for part in triage(store)] == ["gamma"]


def test_a_mailbox_that_does_not_exist_goes_to_people_at_once(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    with mail_server() as post:
        post.refuse[MAILBOX] = "550 no such mailbox"
        set_routes(store, tmp_path, "http://127.0.0.1:9/")
        sent = send(store, tmp_path, refs, "alpha")
        deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW)
    delivery = part_of(status(store, sent.follow_token), "alpha").delivery
    assert delivery is not None
    assert delivery.state == "manual"
    assert delivery.last_error == "The mailbox does not exist or takes no mail from the gateway."


def test_a_worker_that_dies_after_sending_sends_the_same_id_once_more_after_the_lease(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    set_routes(store, tmp_path, "http://127.0.0.1:9/")

    def die() -> None:
        raise KeyboardInterrupt

    channel = StubChannel(die)
    sent = send(store, tmp_path, refs, "beta")
    doomed = with_channel(channels(tmp_path), channel)
    with pytest.raises(KeyboardInterrupt):
        deliver_due(store, doomed, now=NOW)
    channel.act = None
    deliver_due(store, doomed, now=NOW + LEASE - timedelta(seconds=1))
    assert len(channel.ids) == 1
    deliver_due(store, doomed, now=NOW + LEASE)
    deliver_due(store, doomed, now=NOW + LEASE * 5)
    assert len(channel.ids) == 2
    assert len(set(channel.ids)) == 1
    delivery = part_of(status(store, sent.follow_token), "beta").delivery
    assert delivery is not None
    assert (delivery.state, delivery.attempts) == ("sent", 2)


def test_two_workers_never_send_the_same_message_twice(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    set_routes(store, tmp_path, "http://127.0.0.1:9/")
    for _ in range(10):
        send(store, tmp_path, refs, "alpha", "beta")
    channel = StubChannel()
    shared = with_channel(channels(tmp_path), channel)
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        deliver_due(store, shared, now=NOW, limit=100)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(channel.ids) == 20
    assert len(set(channel.ids)) == 20
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 10
    with store.reading() as session:
        assert not outbox.has_due(session, now=NOW + timedelta(days=3))


def test_a_custodian_that_acknowledges_before_it_answers_loses_nothing(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    with receiver() as hook:
        set_routes(store, tmp_path, hook.url)
        sent = send(store, tmp_path, refs, "beta")
        hook.before_answer = lambda body: acknowledge(
            store, json.loads(body)["data"]["acknowledge_url"].rpartition("/")[2], NOW
        )
        deliver_due(store, channels(tmp_path), now=NOW)
    part = part_of(status(store, sent.follow_token), "beta")
    assert part.state == "screening"
    assert part.delivery is not None
    assert (part.delivery.state, part.delivery.sent_at) == ("acknowledged", NOW)
    assert [entry.event for entry in part.timeline] == ["advice.acknowledged", "part.submitted", "part.acknowledged", "delivery.sent"]


def test_a_server_that_asks_for_more_time_gets_it(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    with receiver(429) as hook:
        hook.headers["retry-after"] = "600"
        set_routes(store, tmp_path, hook.url)
        sent = send(store, tmp_path, refs, "beta")
        deliver_due(store, channels(tmp_path), now=NOW)
    delivery = part_of(status(store, sent.follow_token), "beta").delivery
    assert delivery is not None
    assert delivery.next_try == NOW + timedelta(minutes=10)


def test_mail_that_cannot_be_sent_waits_and_reaches_the_applicant_later(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    send(store, tmp_path, refs, "gamma")
    assert deliver_due(store, channels(tmp_path, mail_url="smtp://127.0.0.1:9"), now=NOW) == Tally(deferred=1)
    with mail_server() as post:
        deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW + timedelta(minutes=1))
        assert len(post.to(FORM.email)) == 1


def test_the_index_hears_when_a_custodian_begins_to_take_requests(store: Store, tmp_path: Path) -> None:
    seeded(store)
    set_route(store, sealer(tmp_path), custodian="alpha", channel="mailbox", target=MAILBOX, now=NOW)
    assert count(store, IndexEntry) == 2


def test_a_new_channel_lays_the_old_route_aside(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    set_routes(store, tmp_path, "http://127.0.0.1:9/")
    sent = send(store, tmp_path, refs, "alpha")
    set_route(store, sealer(tmp_path), custodian="alpha", channel="webhook", target="https://alpha.example/in", now=NOW)
    deliver_due(store, channels(tmp_path), now=NOW)
    delivery = part_of(status(store, sent.follow_token), "alpha").delivery
    assert delivery is not None
    assert (delivery.state, delivery.last_error) == ("manual", "The custodian's route has been changed or suspended.")
    assert {(route.custodian, route.channel): route.health for route in routes(store)}[("alpha", "webhook")] == "healthy"


