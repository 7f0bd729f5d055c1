"""A small catalogue to ask for data from, a system that receives webhooks, and a mail server, all on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from gateway.access import drafts
from gateway.access import submit as sending
from gateway.access.advising import before_sending
from gateway.access.bank.whole import CORE
from gateway.access.examples import EXAMPLES, fill_in
from gateway.access.file_faults import STRICT
from gateway.access.submit import Submitted
from gateway.accounts.people import Person
from gateway.accounts.registration import add_account
from gateway.channels.routing import Channels, build_channels
from gateway.models import Custodian, Record, Source, Version
from gateway.settings import Settings
from gateway.store import Store, accounts, custodians
from gateway.store.sealing import Sealer
from gateway.uploads.keeping import FileRules
from tests.loopback import listening

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Asking:
    """Who asks, and what for; the other answers that everybody must give are the examples of the demonstration."""

    name: str = "Ada Marker-Name"
    email: str = "ada@university.example"
    organisation: str = "Marker University"
    title: str = "Marker-Title of the study"
    lay_summary: str = "We will study marker-summary."
    public_benefit: str = "Marker-benefit."

    def answers(self) -> dict[str, Any]:
        return {
            **{key: EXAMPLES[key] for key in CORE if key in EXAMPLES}, "people.lead.name": self.name, "people.lead.email": self.email,
            "people.lead.organisation": {"name": self.organisation}, "project.title": self.title, "project.lay_summary": self.lay_summary,
            "project.public_benefit": self.public_benefit, "project.ethics_not_needed": "The data are de-personalised.",
        }


FORM = Asking()
MAILBOX = "access@alpha.example"
LOOPBACK = ["127.0.0.0/8", "::1/128"]


def applicant(store: Store, form: Asking = FORM, *, now: datetime = NOW) -> Person:
    """Who asks, with an account that showed its second factor just now."""
    with store.transaction() as tx:
        row = accounts.by_address(tx.session, form.email) or add_account(
            tx.session, address=form.email, name=form.name, organisation=form.organisation, password_hash=None, now=now,
        )
        tx.session.flush()
        return Person(
            account_id=row.id, subject=row.subject, name=form.name, address=form.email, organisation=form.organisation, held=(),
            has_second_factor=True, has_app=True, second_factor_at=now, session_digest="", csrf="",
        )


def written(store: Store, sealer: Sealer, *, dataset_refs: list[str], form: Asking = FORM, now: datetime = NOW) -> str:
    """The reference of a draft in which nothing is missing."""
    person = applicant(store, form, now=now)
    reference = drafts.begin(store, sealer, person, dataset_refs, lambda _: form.answers(), now=now)
    fill_in(store, sealer, person, reference, now=now)
    return reference


def submit(store: Store, sealer: Sealer, *, dataset_refs: list[str], form: Asking = FORM, now: datetime = NOW) -> Submitted:
    """A complete request to the custodians of all the datasets, sent."""
    reference = written(store, sealer, dataset_refs=dataset_refs, form=form, now=now)
    return send(store, sealer, applicant(store, form, now=now), reference, now=now)


def send(store: Store, sealer: Sealer, person: Person, reference: str, *, now: datetime = NOW, rules: FileRules = STRICT) -> Submitted:
    """By somebody who read what the conditions of use mean, and promises what they ask."""
    told = before_sending(store, reference, subject=person.subject, now=now)
    promises = [promise for one in told for promise in one.promises]
    return sending.submit(store, sealer, person, reference, now=now, advice=[one.digest for one in told], promises=promises, rules=rules)


def seeded(store: Store, *slugs: str) -> dict[str, list[str]]:
    """Custodians (three, unless they are named) with two datasets each: custodian slug -> refs."""
    refs: dict[str, list[str]] = {}
    with store.transaction() as tx:
        for number, slug in enumerate(slugs or ("alpha", "beta", "gamma")):
            custodian = custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=NOW)
            source = Source(
                slug=slug, name=slug, custodian_id=custodian.id, kind="push", configuration={}, policy={}, schedule="manual",
                configuration_hash="0", created_at=NOW,
            )
            tx.session.add(source)
            tx.session.flush()
            refs[slug] = [_record(tx.session, source, custodian, f"{slug}{number}{letter}") for letter in "ab"]
    return refs


def _record(session: Any, source: Source, custodian: Custodian | None, ref: str) -> str:
    record = Record(
        source_id=source.id, local_id=ref, ref=ref, pid=f"pid-{ref}", custodian_id=custodian.id if custodian else None,
        state="live", title=f"Dataset {ref}", slug=ref, first_seen_at=NOW, last_seen_at=NOW, last_changed_at=NOW,
    )
    session.add(record)
    session.flush()
    version = Version(
        record_id=record.id, number=3, content_hash="0" * 64, canonical={}, carried=[], losses=[], findings=[],
        findings_errors=0, changed_paths=[], valid_from=NOW,
    )
    session.add(version)
    session.flush()
    record.current_version_id = version.id
    return ref


def orphan(store: Store) -> str:
    """A dataset whose custodian is not known."""
    with store.transaction() as tx:
        source = Source(
            slug="orphans", name="orphans", custodian_id=None, kind="push", configuration={}, policy={}, schedule="manual",
            configuration_hash="0", created_at=NOW,
        )
        tx.session.add(source)
        tx.session.flush()
        return _record(tx.session, source, None, "orphan1")


def sealer(folder: Path) -> Sealer:
    return Sealer(folder / "sealing.key")


def channels(folder: Path, *, mail_url: str | None = None, allow_networks: list[str] | None = None, **more: Any) -> Channels:
    settings = Settings(
        data_dir=folder, mail_url=mail_url, allow_networks=LOOPBACK if allow_networks is None else allow_networks,
        public_url="https://gateway.example", **more, _env_file=None,  # type: ignore[call-arg]
    )
    return build_channels(settings, sealer(folder))


@dataclass
class Received:
    body: bytes
    headers: dict[str, str]


@dataclass
class Receiver:
    """Answers every post with the next of ``answers``, then with the last one for ever."""

    url: str = ""
    answers: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    before_answer: Any = None


@contextmanager
def receiver(*answers: int) -> Iterator[Receiver]:
    state = Receiver(answers=list(answers) or [204])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.received.append(Received(body, {name.lower(): value for name, value in self.headers.items()}))
            if state.before_answer:
                state.before_answer(body)
            status = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            self.send_response(status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with listening(Handler) as address:
        state.url = f"{address}/requests"
        yield state


@dataclass
class Post:
    """A mail server's memory. ``refuse`` maps an address to the reply its RCPT gets."""

    url: str = ""
    received: list[EmailMessage] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.received if message["To"] == address]

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        return "250 OK"


@contextmanager
def mail_server(**options: Any) -> Iterator[Post]:
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=_free_port(), **options)
    controller.start()
    post.url = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield post
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def text_of(message: EmailMessage) -> str:
    return str(message.get_content())
