"""What a parse function gets, and how it says that a document cannot be read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

Value = Any
"""Plain values only: None, truth values, numbers, texts, lists, and objects with texts as names."""
ParseFunction = Callable[..., Iterator[Value]]


class Unparsable(Exception):
    """The document cannot be read. ``reason`` is a code of harvesters/reasons.py, the text a sentence for the custodian."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Document:
    """One document: ``body`` where it is small, otherwise the file it lies in. ``spool`` is the one folder to write in."""

    body: bytes | None
    path: Path | None
    spool: Path

    def read(self) -> bytes:
        if self.body is not None:
            return self.body
        assert self.path is not None
        return self.path.read_bytes()

    def open(self) -> BinaryIO:
        if self.body is not None:
            return io.BytesIO(self.body)
        assert self.path is not None
        return self.path.open("rb")

    @property
    def size_bytes(self) -> int:
        if self.body is not None:
            return len(self.body)
        assert self.path is not None
        return self.path.stat().st_size
