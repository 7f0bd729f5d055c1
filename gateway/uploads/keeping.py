"""Everything that attached files need: where they lie, the scanner, and which of them may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import structlog

from gateway.errors import Conflict
from gateway.models import Upload
from gateway.settings import Settings
from gateway.store import Store, agreements, uploads
from gateway.store.sealing import Sealer
from gateway.store.vault import Vault
from gateway.uploads.scanning import Clamd, Command, Scanner, ScannerUnavailable

log = structlog.get_logger(__name__)
FileState = Literal["waiting", "clean", "refused", "unavailable"]
FOLDER: Final = "uploads"


@dataclass(frozen=True, slots=True)
class FileRules:
    """Which files may be sent, and why others may not."""

    has_scanner: bool = False
    sends_unscanned: bool = False

    def allow(self, state: str) -> bool:
        return state == "clean" or (self.sends_unscanned and state in uploads.UNSETTLED)

    def words(self, state: str) -> str:
        """For people, also where it may be sent."""
        if state == "clean":
            return "Scanned; nothing harmful was found."
        if state == "refused":
            return "The virus scanner found something harmful in it. Remove it, and attach a sound one."
        if self.sends_unscanned:
            return "Not scanned for viruses. This gateway sends it all the same."
        if not self.has_scanner:
            return "It cannot be sent: this gateway has no virus scanner yet. Its operator can set one up."
        if state == "unavailable":
            return "It cannot be sent yet: the virus scanner does not answer. It is tried again by itself."
        return "It cannot be sent yet: it waits for the virus scanner."


@dataclass(frozen=True, slots=True)
class Uploads:
    vault: Vault
    scanner: Scanner | None
    rules: FileRules

    def judged(self, body: bytes, *, seconds: float) -> FileState:
        if self.scanner is None:
            return "waiting"
        try:
            return "refused" if self.scanner.finds(body, seconds=seconds) else "clean"
        except ScannerUnavailable as error:
            log.warning("uploads.not_scanned", reason=str(error))
            return "unavailable"

    def opened(self, row: Upload) -> bytes:
        """For those whom it was sent to. Raises :class:`Conflict` for a file that may not be sent, :class:`NotFound`."""
        if not self.rules.allow(row.state):
            raise Conflict("This file cannot be opened.", hint=self.rules.words(row.state))
        return self.vault.get(row.storage_name, row.sealed_key)

    def opened_by_owner(self, row: Upload) -> bytes:
        """For who attached it: anything but what is harmful. Raises :class:`Conflict`, :class:`NotFound`."""
        if row.state == "refused":
            raise Conflict("This file cannot be opened.", hint=self.rules.words(row.state))
        return self.vault.get(row.storage_name, row.sealed_key)

    def sweep(self, store: Store, *, older_than: datetime) -> int:
        with store.reading() as session:
            needed = uploads.storage_names(session) | agreements.storage_names(session)
        return self.vault.sweep(needed, older_than=older_than)


def build_uploads(settings: Settings, sealer: Sealer) -> Uploads:
    """Nothing connects until a file is scanned. Raises :class:`Unprocessable` for an address of a scanner that is not understood."""
    scanner: Scanner | None = None
    if settings.scanner_command:
        scanner = Command(settings.scanner_command)
    elif settings.scanner_url:
        scanner = Clamd(settings.scanner_url, allowed_networks=settings.allow_networks)
    rules = FileRules(has_scanner=scanner is not None, sends_unscanned=settings.send_unscanned_files)
    return Uploads(Vault(settings.data_dir.resolve() / FOLDER, sealer), scanner, rules)
