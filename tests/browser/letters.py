"""What a gateway without a mail server has written into its folder of outgoing messages."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


def letters(data: Path, to: str) -> list[str]:
    """The words of what was sent there, oldest first."""
    paths = sorted((data / "outbox").glob("*"), key=lambda path: path.stat().st_mtime_ns)
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]
    return [str(one.get_content()) for one in found if isinstance(one, EmailMessage) and one["To"] == to]


def newest(data: Path, to: str, pattern: str) -> str | None:
    found = [words for letter in letters(data, to) for words in re.findall(pattern, letter)]
    return str(found[-1]) if found else None
