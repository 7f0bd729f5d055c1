"""Where requests go: the seven rungs and what is kept of them, endpoints that fail, baskets of many custodians, and what never crosses."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from gateway.access.acknowledge import acknowledgement
from gateway.access.deliver import MAX_ATTEMPTS, deliver_due
from gateway.access.exports import KINDS, export
from gateway.access.ladder import RUNGS, Resolution, resolve
from gateway.access.offering import offers
from gateway.access.rerouting import reroute
from gateway.access.route_checks import agree_on_alternative, ask_mailbox, asking, confirm_mailbox
from gateway.access.routes import routes, set_route
from gateway.access.status import status
from gateway.access.triage import triage
from gateway.channels.posting import GuardedPoster
from gateway.channels.routing import Channels
from gateway.channels.webhook import WebhookChannel
from gateway.errors import NotFound, Unprocessable
from gateway.models import Message, Record, RequestEvent, Route, Version
from gateway.store import Store, requests
from tests.gateway.asking import (
    LOOPBACK,
    MAILBOX,
    NOW,
    channels,
    mail_server,
    orphan,
    receiver,
    sealer,
    seeded,
    text_of,
)
from tests.gateway.sending import answers, send

LINK = re.compile(r"/acknowledge/([\w-]+)")
CONFIRM = re.compile(r"/routes/confirm/([\w-]+)")


def found(store: Store, *refs: str, later: timedelta = timedelta()) -> list[Resolution]:
    with store.reading() as session:
        known = requests.visible_datasets(session, refs)
        resolved = resolve(session, [known[ref] for ref in refs], now=NOW + later)
    return [resolved[ref] for ref in refs]


def say(store: Store, ref: str, **canonical: Any) -> None:
    """What the dataset's record says."""
    with store.transaction() as tx:
        record = tx.session.scalar(select(Record).where(Record.ref == ref))
        assert record is not None
        tx.session.execute(update(Version).where(Version.id == record.current_version_id).values(canonical=canonical))


def mailbox(store: Store, folder: Path, slug: str, **options: Any) -> None:
    set_route(store, sealer(folder), custodian=slug, channel="mailbox", target=f"desk@{slug}.example", now=NOW, **options)


def test_the_ladder_has_seven_rungs_and_the_first_usable_one_counts(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    ref, member = refs["alpha"][0], refs["beta"][0]
    for one in (ref, member):
        say(store, one, summary={"dataCustodian": {"memberOf": "Network"}}, enrichmentAndLinkage={"isPartOf": [{"title": "Collection"}]})
    assert [one.rung for one in found(store, ref)] == ["triage"]
    with mail_server() as post:
        ask_mailbox(store, sealer(tmp_path), custodian="alpha", target="contact@alpha.example", now=NOW)
        assert [one.rung for one in found(store, ref)] == ["triage"], "a mailbox that did not confirm itself is not used"
        deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW)
        token = CONFIRM.search(text_of(post.received[0]))
        assert token is not None
        assert not asking(store, token[1], now=NOW).is_confirmed
        confirm_mailbox(store, token[1], now=NOW)
    assert asking(store, token[1], now=NOW).is_confirmed
    assert [one.rung for one in found(store, ref)] == ["contact"]
    with pytest.raises(NotFound):
        asking(store, token[1], now=NOW + timedelta(days=15))
    mailbox(store, tmp_path, "alpha")
    assert [one.rung for one in found(store, ref)] == ["custodian"]
    mailbox(store, tmp_path, "gamma", scope="network", scope_ref="Network")
    assert [one.rung for one in found(store, ref)] == ["custodian"], "a concierge needs two custodians of the network"
    assert [one.rung for one in found(store, ref, member)] == ["network", "network"]
    mailbox(store, tmp_path, "beta")
    assert not agree_on_alternative(store, custodian="alpha", alternative="beta", by="custodian", now=NOW)
    assert [one.rung for one in found(store, ref)] == ["custodian"], "one side's word is not enough"
    assert agree_on_alternative(store, custodian="alpha", alternative="beta", by="alternative", now=NOW)
    (one,) = found(store, ref)
    assert (one.rung, one.custodian.slug if one.custodian else None) == ("alternative", "beta")
    mailbox(store, tmp_path, "gamma", scope="collection", scope_ref="Collection")
    assert [one.rung for one in found(store, ref)] == ["collection"]
    mailbox(store, tmp_path, "alpha", scope="dataset", scope_ref=ref)
    assert [one.rung for one in found(store, ref, refs["alpha"][1])] == ["dataset", "alternative"]
    assert list(RUNGS) == ["dataset", "collection", "alternative", "network", "custodian", "contact", "triage"]


def test_each_rung_that_was_passed_by_says_why(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    mailbox(store, tmp_path, "alpha")
    with store.transaction() as tx:
        tx.session.execute(update(Route).values(health="suspended"))
    (one,) = found(store, refs["alpha"][0])
    assert set(one.passed) == set(RUNGS) - {"triage"}
    assert "suspended" in one.passed["custodian"]
    mailbox(store, tmp_path, "beta", verified=False)
    assert "never confirmed" in found(store, refs["beta"][0])[0].passed["custodian"]
    mailbox(store, tmp_path, "gamma")
    assert "twelve months" in found(store, refs["gamma"][0], later=timedelta(days=366))[0].passed["custodian"]


def test_the_rung_is_kept_with_the_part_and_shown_to_triage(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    mailbox(store, tmp_path, "alpha")
    send(store, tmp_path, [*refs["alpha"], *refs["beta"]])
    with store.reading() as session:
        kept = [event.payload["routing"] for event in session.scalars(select(RequestEvent).where(RequestEvent.event == "part.submitted"))]
    assert sorted(one["rung"] for one in kept) == ["custodian", "triage"]
    (waiting,) = triage(store)
    assert ("the custodian’s own route", "there is none") in waiting.passed


def test_open_and_not_open_routes_take_no_requests_and_say_where_to_go(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    set_route(store, sealer(tmp_path), custodian="alpha", channel="open", target="https://data.example.org/a", now=NOW)
    set_route(store, sealer(tmp_path), custodian="beta", channel="not_open", target="The archive is closed until 2028.", now=NOW)
    say(store, refs["gamma"][0], documentation={"inPipeline": "Not available"})
    with store.reading() as session:
        known = requests.visible_datasets(session, [refs[slug][0] for slug in ("alpha", "beta", "gamma")])
        by_ref = offers(session, list(known.values()), now=NOW)
        found_offers = {one.custodian.slug: by_ref[ref] for ref, one in known.items() if one.custodian}
    assert {slug: one.status for slug, one in found_offers.items()} == {"alpha": "open_data", "beta": "closed", "gamma": "preparation"}
    assert found_offers["alpha"].href == "https://data.example.org/a"
    assert found_offers["beta"].checked_at == NOW
    with pytest.raises(Unprocessable) as raised:
        send(store, tmp_path, [refs[slug][0] for slug in ("alpha", "beta", "gamma")])
    assert raised.value.fields["datasets"].count("takes no requests") == 3
    with pytest.raises(Unprocessable):
        set_route(store, sealer(tmp_path), custodian="beta", channel="not_open", target=" ", now=NOW)


# A11


@contextmanager
def resetting() -> Iterator[str]:
    """A server that takes the connection and resets it."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/requests"
    finally:
        is_over.set()
        thread.join()
        listener.close()


@contextmanager
def failing(how: str) -> Iterator[str]:
    if how == "resetting":
        with resetting() as url:
            yield url
    elif how == "slow":
        is_over = threading.Event()
        with receiver(200) as hook:
            hook.before_answer = lambda _: is_over.wait(5)
            try:
                yield hook.url
            finally:
                is_over.set()
    else:
        with receiver(int(how)) as hook:
            yield hook.url


def hurried(found: Channels) -> Channels:
    """With half a second for each post."""
    poster = GuardedPoster(user_agent="test", allowed_networks=LOOPBACK, total_seconds=0.5)
    return replace(found, poster=poster, by_name={**found.by_name, "webhook": WebhookChannel(poster)})


@pytest.mark.parametrize(("how", "is_permanent"), [("slow", False), ("resetting", False), ("401", True), ("410", True), ("429", False), ("500", False)])
def test_A11_a_failing_endpoint_is_retried_or_given_to_people_and_the_others_are_untouched(
    store: Store, tmp_path: Path, how: str, is_permanent: bool
) -> None:
    refs = seeded(store)
    with failing(how) as url, mail_server() as post:
        set_route(store, sealer(tmp_path), custodian="alpha", channel="mailbox", target=MAILBOX, now=NOW)
        set_route(store, sealer(tmp_path), custodian="beta", channel="webhook", target=url, now=NOW)
        sent = send(store, tmp_path, [*refs["alpha"], *refs["beta"]])
        out = hurried(channels(tmp_path, mail_url=post.url))
        deliver_due(store, out, now=NOW)
        parts = {part.custodian_slug: part for part in status(store, sent.follow_token).parts}
        assert parts["alpha"].delivery
        assert parts["alpha"].delivery.state == "sent", "the other custodian has its part"
        assert parts["beta"].delivery
        assert parts["beta"].delivery.state == ("manual" if is_permanent else "queued")
        moment = NOW
        for _ in range(MAX_ATTEMPTS):
            moment += timedelta(hours=12)
            deliver_due(store, out, now=moment)
        health = {route.custodian: route.health for route in routes(store)}
        assert health == {"alpha": "healthy", "beta": "suspended" if is_permanent else "healthy"}
        assert [part.custodian_slug for part in triage(store)] == ["beta"]
        letters = [text_of(letter) for letter in post.received if "could not be delivered automatically" in text_of(letter)]
        assert len(letters) == 1, "the applicant is told once"
        (again,) = (part for part in status(store, sent.follow_token).parts if part.custodian_slug == "alpha")
        assert again.delivery
        assert (again.delivery.state, again.delivery.attempts) == ("sent", 1)
        mailbox(store, tmp_path, "beta")
        reroute(store, sealer(tmp_path), parts["beta"].part, reason="Their desk answered.", actor="triage", now=moment)
        deliver_due(store, out, now=moment)
        assert len(post.to("desk@beta.example")) == 1
        assert triage(store) == []


# A12


def test_A12_a_basket_of_five_with_one_custodian_without_a_route_and_one_dead_mailbox(store: Store, tmp_path: Path) -> None:
    refs = seeded(store, "alpha", "beta", "gamma", "delta")
    lost = orphan(store)
    with mail_server() as post, receiver(204) as hook:
        post.refuse["desk@beta.example"] = "550 no such mailbox"
        for slug in ("alpha", "beta"):
            mailbox(store, tmp_path, slug)
        set_route(store, sealer(tmp_path), custodian="gamma", channel="webhook", target=hook.url, now=NOW)
        set_route(store, sealer(tmp_path), custodian="delta", channel="portal", target="https://portal.example.org/apply", now=NOW)
        sent = send(store, tmp_path, [*(refs[slug][0] for slug in ("alpha", "beta", "gamma", "delta")), lost])
        deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW)
    parts = {part.custodian_slug: part for part in status(store, sent.follow_token).parts}
    assert set(parts) == {"alpha", "beta", "gamma", "delta", None}, "all five exist"
    assert {part.custodian_slug for part in triage(store)} == {"beta", None}, "two are in triage"
    assert parts["beta"].explanation
    assert "could not be delivered" in parts["beta"].explanation
    assert parts[None].explanation
    assert "No confirmed address" in parts[None].explanation
    assert {slug: part.state for slug, part in parts.items()} == {"alpha": "submitted", "beta": "submitted", "gamma": "submitted", "delta": "redirected", None: "submitted"}


# A14


def test_A14_marker_words_of_one_custodian_never_reach_another(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    secrets = {slug: (f"Custodian {slug.title()}", f"Dataset {slug}", f"pid-{slug}") for slug in refs}
    with mail_server() as post, receiver(500, 204) as hook:
        mailbox(store, tmp_path, "alpha")
        set_route(store, sealer(tmp_path), custodian="beta", channel="webhook", target=hook.url, now=NOW)
        sent = send(store, tmp_path, [ref for slug in refs for ref in refs[slug]])
        for minutes in (0, 1, 15):
            deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW + timedelta(minutes=minutes))
        token = LINK.search(text_of(post.to("desk@alpha.example")[0]))
        assert token is not None
        shown = {part.custodian_slug: part for part in status(store, sent.follow_token).parts}
        seen: dict[str, list[str]] = {
            "alpha": [*(letter.as_string() for letter in post.to("desk@alpha.example")), repr(acknowledgement(store, token[1]))],
            "beta": [one.body.decode() + repr(one.headers) for one in hook.received],
            "gamma": [],
        }
    for slug, part in shown.items():
        assert slug is not None
        files = [export(part.document, part.form, kind) for kind in KINDS]
        seen[slug] += [repr(part.document), repr(part.timeline), *(file.body.decode("latin-1") for file in files if file)]
    with store.reading() as session:
        events = session.scalars(select(RequestEvent).where(RequestEvent.part_id.is_not(None)))
        by_part = {part.part: slug for slug, part in shown.items()}
        for event in events:
            public = next(row.part.public_id for row in requests.parts_of(session, event.request_id) if row.part.id == event.part_id)
            seen[by_part[public] or ""].append(repr(event.payload))
        told = [message.subject for message in session.scalars(select(Message))]
    assert all(len(texts) > 6 for texts in seen.values())
    for slug, texts in seen.items():
        for other in set(secrets) - {slug}:
            for word in secrets[other]:
                assert not [text for text in texts if word in text], (slug, word)
    assert not [subject for subject in told for slug in secrets for word in (*secrets[slug], *answers()) if word in subject]
