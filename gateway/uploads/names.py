"""Names of files as people gave them, made safe to show, to keep and to put into a header."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote

LONGEST: Final = 120
_FORBIDDEN: Final = frozenset('<>:"|?*/\\')
_HIDDEN: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)


def cleaned(name: str) -> str:
    """The last part of a path, in signs that every system can show; never empty, never hidden, never a device."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(" " if sign.isspace() else sign for sign in last if sign.isspace() or unicodedata.category(sign) not in _HIDDEN)
    kept = " ".join("".join(sign for sign in shown if sign not in _FORBIDDEN).split()).strip(". ")
    stem, dot, ending = kept.rpartition(".")
    if len(kept) > LONGEST:
        kept = f"{stem[: LONGEST - len(ending) - 1].rstrip('. ')}.{ending}" if dot and len(ending) < 10 else kept[:LONGEST]
    if not kept:
        return "file"
    return f"_{kept}" if _DEVICE.match(kept) else kept


def ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def download_name(reference: str, public_id: str, name: str) -> str:
    """Of a fixed pattern that every program reads: reference, beginning of the id, ending."""
    return f"{reference}-{public_id[:8]}.{ending(name)}"


def disposition(ascii_name: str, name: str) -> str:
    """``Content-Disposition`` for a download: a name of ours that every program reads, and the name that people know (RFC 6266)."""
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(cleaned(name), safe='')}"
