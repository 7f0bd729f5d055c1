"""Sending mail: by SMTP, or into a folder where there is no mail server.

Subjects hold a reference and nothing else about the request. The Message-ID is the same at every attempt, so a receiver
can drop the one possible duplicate.
"""

from __future__ import annotations

import hashlib
import os
import smtplib
import ssl
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import structlog

from gateway.channels.channel import DeliveryDeferred, DeliveryFailed
from gateway.errors import Unprocessable

log = structlog.get_logger(__name__)
TIMEOUT_SECONDS = 10.0
PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A plain-text message. ``message_id`` has neither angle brackets nor a domain.

    ``reply_token`` is the right to answer it by mail, once (gateway/enquiries/receiving.py).
    """

    message_id: str
    to: str
    subject: str
    text: str
    written_at: datetime
    reply_token: str | None = None
    unsubscribe: str | None = None
    """The address that ends mail about this topic with one post (RFC 8058); of optional mail alone."""


class MailboxRefused(DeliveryFailed):
    """The mailbox itself refused for good: a hard bounce."""


class MailboxDeferred(DeliveryDeferred):
    """The mailbox itself refused for now: a soft bounce, should it stay so."""


class Mailer(Protocol):
    def send(self, letter: Letter) -> None:
        """Raises :class:`DeliveryDeferred`, or :class:`DeliveryFailed` where the mailbox is refused for good."""
        ...


def composed(letter: Letter, *, sender: str) -> EmailMessage:
    """The message as it travels; half characters in the text become question marks. Raises :class:`Unprocessable` for a header value
    that holds control characters."""
    check_header(letter.message_id, letter.to, letter.subject)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.message_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.reply_token:
        message["Reply-To"] = reply_address(sender, letter.reply_token)
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text.encode("utf-8", "replace").decode())
    return message


def check_header(*values: str) -> None:
    """Raises :class:`Unprocessable`: CR, LF, NUL and their like would begin a header of somebody's own."""
    for value in values:
        if any(ord(sign) < 32 or 127 <= ord(sign) < 160 or sign in "\u2028\u2029" or "\ud800" <= sign <= "\udfff" for sign in value):
            raise Unprocessable("An address or a subject holds a line break or another sign that mail cannot carry.", hint="Type it on one line.")


def reply_address(sender: str, token: str) -> str:
    """``gateway@example.org`` -> ``gateway+<token>@example.org``: most mail systems deliver it as the former."""
    local, _, domain = sender.rpartition("@")
    return f"{local}+{token}@{domain}"


class FolderMailer:
    """Writes each message as a file that mail programs open. The same Message-ID is the same file."""

    def __init__(self, folder: Path, *, sender: str) -> None:
        self.folder = folder
        self._sender = sender

    def send(self, letter: Letter) -> None:
        path = self.folder / f"{hashlib.sha256(letter.message_id.encode()).hexdigest()[:24]}.eml"
        if path.exists():
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, temporary = tempfile.mkstemp(dir=self.folder, suffix=".part")
            with os.fdopen(descriptor, "wb") as file:
                file.write(composed(letter, sender=self._sender).as_bytes())
            os.replace(temporary, path)
        except OSError as error:
            raise DeliveryDeferred("The folder for outgoing mail cannot be written to.") from error
        log.info("mail.written", subject=letter.subject, file=str(path))

    def forget(self, *, before: datetime) -> int:
        """Files that were written before; returns how many."""
        old = [path for path in self.folder.glob("*.eml") if path.stat().st_mtime < before.timestamp()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


class SmtpMailer:
    """``smtp://`` turns encryption on where the server offers it, ``smtps://`` starts with it; certificates are checked.

    A user name and password are never sent without encryption.
    """

    def __init__(self, url: str, *, sender: str, context: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise Unprocessable(
                "GATEWAY_MAIL_URL is not the address of a mail server.",
                hint="Give smtp://host:port or smtps://user:password@host:port.", fields={"mail_url": "not understood"},
            )
        self._host, self._port = parts.hostname, parts.port or PORTS[parts.scheme]
        self._is_encrypted_from_start = parts.scheme == "smtps"
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender
        self._context = context or ssl.create_default_context()

    def send(self, letter: Letter) -> None:
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryDeferred("The gateway's mail server cannot be reached.") from error
        try:
            self._sign_in(server)
            server.send_message(composed(letter, sender=self._sender))
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryDeferred("The gateway's mail server did not take the message.") from error
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _connected(self) -> smtplib.SMTP:
        if self._is_encrypted_from_start:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_SECONDS, context=self._context)
        return smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)

    def _sign_in(self, server: smtplib.SMTP) -> None:
        server.ehlo()
        is_encrypted = self._is_encrypted_from_start
        if not is_encrypted and server.has_extn("starttls"):
            server.starttls(context=self._context)
            server.ehlo()
            is_encrypted = True
        if not self._user:
            return
        if not is_encrypted:
            raise DeliveryDeferred("The gateway's mail server offers no encryption, so no password was sent to it.")
        server.login(self._user, self._password)


def _refused(error: smtplib.SMTPRecipientsRefused) -> DeliveryDeferred | DeliveryFailed:
    codes = [code for code, _ in error.recipients.values()]
    if codes and all(code >= 500 for code in codes):
        return MailboxRefused("The mailbox does not exist or takes no mail from the gateway.")
    return MailboxDeferred("The mailbox did not take the message for now.")
