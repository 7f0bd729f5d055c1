"""A small catalogue to ask for data from, a system that receives webhooks, and a mail server, all on loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from gateway.access.submit import RequestForm
from gateway.channels.routing import Channels, build_channels
from gateway.models import Custodian, Record, Source, Version
from gateway.settings import Settings
from gateway.store import Store, custodians
from gateway.store.sealing import Sealer

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FORM = RequestForm(
    name="Ada Marker-Name", email="ada@university.example", organisation="Marker University", title="Marker-Title of the study",
    lay_summary="We will study marker-summary.", purpose="Marker-purpose.",
    public_benefit="Marker-benefit.",
)
MAILBOX = "access@alpha.example"
LOOPBACK = ["127.0.0.0/8", "::1/128"]


def seeded(store: Store) -> dict[str, list[str]]:
    """Three custodians with two datasets each: custodian slug -> refs."""
    refs: dict[str, list[str]] = {}
    with store.transaction() as tx:
        for number, slug in enumerate(("alpha", "beta", "gamma")):
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


def channels(folder: Path, *, mail_url: str | None = None, allow_networks: list[str] | None = None) -> Channels:
    settings = Settings(
        data_dir=folder, mail_url=mail_url, allow_networks=LOOPBACK if allow_networks is None else allow_networks,
        public_url="https://gateway.example", _env_file=None,  # type: ignore[call-arg]
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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/requests"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


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
