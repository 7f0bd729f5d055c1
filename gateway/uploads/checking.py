"""Whether a file may be attached at all: its size, its name, and what it is by its content."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from gateway.errors import Unprocessable
from gateway.uploads.kinds import ACCEPTED, KINDS
from gateway.uploads.names import cleaned, ending
from harvesters.parsing.pool import shared_pool
from harvesters.parsing.process import DOCUMENT
from harvesters.source import PageUnreadable

LARGEST_BYTES: Final = 10 * 1024 * 1024
TABLES: Final = frozenset({"csv", "tsv", "xlsx", "xls", "ods", "sav", "dta", "sas7bdat", "rds", "parquet", "sqlite", "db", "mdb", "json", "xml"})
"""Endings of files that hold rows of data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """``body`` is what is kept: of a picture, the picture alone. ``warnings`` say what may identify a patient."""

    name: str
    media_type: str
    body: bytes
    warnings: tuple[str, ...]

    @property
    def is_document(self) -> bool:
        return self.media_type.startswith("application/")


def check(name: str, body: bytes) -> CheckedFile:
    """Raises :class:`Unprocessable` (field ``file``) with what to do instead."""
    known = cleaned(name)
    kind = KINDS.get(ending(known))
    if kind is None:
        raise refused(_why_not(known))
    if not body:
        raise refused("The file is empty.")
    if len(body) > LARGEST_BYTES:
        raise refused(f"The file is larger than {LARGEST_BYTES // 2**20} MB. Make it smaller, or send it in parts.")
    try:
        (found,) = shared_pool().parse(kind.inspect, body, options=kind.options, limits=DOCUMENT)
    except PageUnreadable as problem:
        told = "The file could not be looked into. Save it again, and send that." if problem.reason == "parser-killed" else problem.message
        raise refused(told) from problem
    kept = base64.b64decode(found["body"]) if "body" in found else body
    return CheckedFile(name=known, media_type=kind.media_type, body=kept, warnings=tuple(found["warnings"]))


def refused(sentence: str) -> Unprocessable:
    return Unprocessable("The file was not taken.", hint=sentence, fields={"file": sentence})


def _why_not(name: str) -> str:
    if ending(name) in TABLES:
        return f"Files that hold rows of data are not taken, and never records of people. Send {ACCEPTED}."
    return f"Files of this kind are not taken. Send {ACCEPTED}."
