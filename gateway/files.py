"""The exact bytes that were received, kept once under their SHA-256."""

from __future__ import annotations

import hashlib
import os
import tempfile
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
        path = self.path(sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
        os.replace(temporary, path)
        return sha256

    def get(self, sha256: str) -> bytes:
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound("The submitted original is no longer kept.", hint="Harvest the source again.") from None
