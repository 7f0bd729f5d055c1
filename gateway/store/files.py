"""The exact bytes that were received, kept once under their SHA-256."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path

from gateway.errors import NotFound


class Files:
    """A folder of documents addressed by content. Writing the same bytes twice is one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def put(self, body: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hex. A crash leaves either the whole file or none."""
        sha256 = hashlib.sha256(body).hexdigest()
        path = f"{self.folder}/{sha256[:2]}/{sha256}"
        if os.path.exists(path):
            return sha256
        try:
            _write(path, body)
        except FileNotFoundError:
            self.path(sha256).parent.mkdir(parents=True, exist_ok=True)
            _write(path, body)
        return sha256

    def put_file(self, source: Path) -> str:
        """As :meth:`put`, for what lies in a file already; it is copied, a piece at a time."""
        with source.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        path = self.path(sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "wb") as copy, source.open("rb") as file:
            shutil.copyfileobj(file, copy)
        os.replace(temporary, path)
        return sha256

    def sweep(self, needed: AbstractSet[str], *, older_than: datetime) -> int:
        """Delete files that are not needed, and what a crash left half written; younger ones stay. Returns how many went."""
        gone = 0
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            try:
                if path.name not in needed and path.stat().st_mtime < older_than.timestamp():
                    path.unlink()
                    gone += 1
            except FileNotFoundError:
                continue
        return gone

    def get(self, sha256: str) -> bytes:
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound("The submitted original is no longer kept.", hint="Harvest the source again.") from None


def _write(path: str, body: bytes) -> None:
    """Under a name that no other process or thread takes, then under its own in one step."""
    partial = f"{path}.{os.getpid()}-{threading.get_ident()}"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(body)
    os.replace(partial, path)
