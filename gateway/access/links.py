"""Private addresses. Whoever has one can use it, so only their digests are kept once they are delivered."""

from __future__ import annotations

import hashlib


def follow_path(token: str) -> str:
    """The applicant's page."""
    return f"/requests/{token}"


def acknowledge_path(token: str) -> str:
    """The page of a custodian's mailbox or system."""
    return f"/acknowledge/{token}"


def reply_token(link: str) -> str:
    """With which the letter that names an acknowledgement page may be answered by mail: nobody can work it out without the page."""
    return hashlib.sha256(f"reply.{link.rpartition('/')[2]}".encode()).hexdigest()[:40]
