"""A mail server in a process of its own, with faults to order: ``python -m tests.mailing.smtp_process FOLDER``.

It prints its port, keeps what it took as files of the folder, and fails as the file ``fault`` there says: a reply (``rcpt 550 No``,
``data 451 Later``), ``hang``, ``drop``, or ``drop-after``, which takes the message and is gone before it says so.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP


class Handler:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fault(self) -> str:
        path = self.folder / "fault"
        return path.read_text() if path.exists() else ""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        stage, _, reply = self.fault().partition(" ")
        if stage == "rcpt":
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        stage, _, reply = self.fault().partition(" ")
        if stage == "data":
            return reply
        if stage == "hang":
            await asyncio.sleep(600)
        if stage == "drop":
            server.transport.abort()
            return "451 Gone"
        part = self.folder / f"{uuid.uuid4().hex}.part"
        part.write_bytes(envelope.content)
        part.rename(part.with_suffix(".eml"))
        if stage == "drop-after":
            server.transport.abort()
        return "250 OK"


async def _serve(folder: Path) -> None:
    handler = Handler(folder)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(handler, hostname="mail.example"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@dataclass
class MailServer:
    url: str
    folder: Path

    def fail(self, how: str = "") -> None:
        (self.folder / "fault").write_text(how)

    def received(self) -> list[EmailMessage]:
        found = []
        for path in sorted(self.folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            assert isinstance(message, EmailMessage)
            found.append(message)
        return found

    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.received()]

    def forget(self) -> None:
        for path in self.folder.glob("*.eml"):
            path.unlink()


@contextmanager
def mail_process(folder: Path) -> Iterator[MailServer]:
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen([sys.executable, "-m", "tests.mailing.smtp_process", str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield MailServer(f"smtp://127.0.0.1:{int(process.stdout.readline())}", folder)
    finally:
        process.kill()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
