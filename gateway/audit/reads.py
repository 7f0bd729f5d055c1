"""Which addresses show staff what people wrote about themselves and their projects, as one table: reading there is noted.

A pattern holds for every page below it that is added later. Nothing is shown where the note cannot be written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

EXPORTS: Final = re.compile(r"/export[./]|\.(csv|xlsx|pdf|docx|zip)$")


@dataclass(frozen=True, slots=True)
class Read:
    """``action`` where ``path`` matches; its groups ``custodian`` and ``part`` tell what was read."""

    path: re.Pattern[str]
    action: str
    exports: str | None = None


READS: Final = (
    Read(re.compile(r"/w/(?P<custodian>[^/]+)/requests/(?P<part>[0-9a-f]{8,64})(/.*)?"), "part.read", "part.exported"),
    Read(re.compile(r"/admin/requests/parts/(?P<part>[0-9a-f]{8,64})(/.*)?"), "part.read", "part.exported"),
    Read(re.compile(r"/w/(?P<custodian>[^/]+)/audit(/.*)?"), "audit.read"),
    Read(re.compile(r"/w/(?P<custodian>[^/]+)/.*"), "workspace.read", "part.exported"),
    Read(re.compile(r"/api/v1/parts/(?P<part>[0-9a-f]{8,64})(/.*)?"), "part.read", "part.exported"),
    Read(re.compile(r"/api/v1/parts"), "workspace.read"),
    Read(re.compile(r"/api/v1/triage|/triage(/.*)?"), "triage.read"),
    Read(re.compile(r"/audit(?!/heads)(/.*)?"), "audit.read"),
    Read(re.compile(r"/account/export\.json"), "export.account"),
)
"""The first that fits counts."""


@dataclass(frozen=True, slots=True)
class Shown:
    action: str
    custodian: str | None
    part: str | None


def shown_at(path: str) -> Shown | None:
    """What an answer at this path shows; None where nothing of the kind."""
    for read in READS:
        found = read.path.fullmatch(path)
        if found is not None:
            held = found.groupdict()
            action = read.exports if read.exports and EXPORTS.search(path) else read.action
            return Shown(action, held.get("custodian"), held.get("part"))
    return None
