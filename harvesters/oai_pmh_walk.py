"""How far the listing of an OAI-PMH repository was read, and the dates it is asked from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from harvesters.oai_pmh_answers import OaiPage
from harvesters.source import Cursor

DAY = "YYYY-MM-DD"
"""The granularity of a repository that counts in days."""


@dataclass(slots=True)
class Walk:
    """``prefix`` names the metadata format, at first every one that may be tried. ``newest`` is the latest date met.

    ``deleted`` counts records that were announced as gone: what is remembered of a page does not name them. ``deleted_before`` are
    those of them that an earlier attempt met, and are not among ``ids``.
    """

    prefix: str = ""
    granularity: str = ""
    deletions: str = "no"
    since: str = ""
    token: str = ""
    number: int = 0
    total: int | None = None
    started: str | None = None
    passed_by: int = 0
    deleted: int = 0
    deleted_before: int = 0
    newest: str = ""
    is_ordered: bool = True
    restarts: int = 0
    repeats: int = 0
    ids: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)

    def cursor(self, token: str) -> Cursor:
        names = ("prefix", "granularity", "deletions", "since", "number", "total", "started", "passed_by", "deleted", "newest", "is_ordered", "restarts")
        return {**{name: getattr(self, name) for name in names}, "token": token}

    def note_dates(self, page: OaiPage) -> None:
        for entry in page.entries:
            datestamp = str(entry.get("datestamp") or "")
            self.is_ordered = self.is_ordered and datestamp >= self.newest
            self.newest = max(self.newest, datestamp)

    def remembered(self) -> str | None:
        """From where to ask for changes the next time, with what the repository is like: ``<from> <prefix> <deletions>``."""
        since = earlier(self.started, self.granularity)
        return f"{since} {self.prefix} {self.deletions}" if since else None


def earlier(moment: str | None, granularity: str) -> str | None:
    """An hour before a date of the repository, or a day before where it counts in days, written as it writes them."""
    try:
        point = datetime.fromisoformat((moment or "").strip())
    except ValueError:
        return None
    if granularity.strip() == DAY or len((moment or "").strip()) == 10:
        return f"{point - timedelta(days=1):%Y-%m-%d}"
    return f"{point - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"

