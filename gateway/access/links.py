"""Private addresses. Whoever has one can use it, so only their digests are kept once they are delivered."""

from __future__ import annotations


def follow_path(token: str) -> str:
    """The applicant's page."""
    return f"/requests/{token}"


def acknowledge_path(token: str) -> str:
    """The custodian's one-time page."""
    return f"/acknowledge/{token}"
